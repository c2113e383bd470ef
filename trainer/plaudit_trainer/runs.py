"""The run folder: where everything lands, written so that a reader never sees half of anything."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterable, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from plaudit.errors import ConfigError
from plaudit.recipe import write_atomically

if TYPE_CHECKING:
    from collections.abc import Iterator

STAGES = ("before", "sft", "after_sft", "difficulty", "grpo", "after_grpo", "save")


class RunFolder:
    """One run's files, and how far it has come.

    >>> import tempfile
    >>> run = RunFolder(Path(tempfile.mkdtemp()))
    >>> run.finish("before", {"seconds": 1.0})
    >>> RunFolder(run.path).done("before"), run.done("sft")
    (True, False)
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.state: dict[str, Any] = self._read_state()

    @property
    def metrics(self) -> Path:
        """One JSON object per logged step."""
        return self.path / "metrics.jsonl"

    @property
    def completions(self) -> Path:
        """One JSON object per scored completion that is kept."""
        return self.path / "completions.jsonl"

    def checkpoints(self, stage: str) -> Path:
        """Where a training stage keeps its checkpoints."""
        return self.path / "checkpoints" / stage

    def final(self, stage: str) -> Path:
        """The weights with which a training stage ended."""
        return self.checkpoints(stage) / "final"

    @property
    def start(self) -> Path:
        """A model that was built for this run."""
        return self.path / "start"

    def clear_start(self) -> None:
        """Take away what a start that failed has left: its model may have had other settings."""
        shutil.rmtree(self.start, ignore_errors=True)

    def is_bare(self) -> bool:
        """Nothing has been measured or learnt here yet, as after a start that failed: beginning anew loses nothing."""
        work = (self.metrics, self.completions, self.path / "checkpoints", self.path / "state.json")
        return (self.path / "recipe.yaml").is_file() and not any(path.exists() for path in work)

    def done(self, stage: str) -> bool:
        """The stage has ended and everything of it is on disk."""
        return stage in self.state

    def finish(self, stage: str, facts: Mapping[str, Any], *, write: bool = True) -> None:
        """Record, in one atomic step, that a stage has ended; only one process of several writes it down."""
        self.state[stage] = dict(facts)
        if write:
            self.write_json("state.json", self.state)

    def write_json(self, name: str, data: Any) -> None:
        """Write a JSON file atomically."""
        write_atomically(self.path / name, json.dumps(data, indent=2, ensure_ascii=False) + "\n")

    def last_checkpoint(self, stage: str) -> Path | None:
        """The newest checkpoint of a stage that is complete: the trainer writes its state last."""
        found = self.checkpoints(stage).glob("checkpoint-*")
        whole = [path for path in found if _step(path) > 0 and _is_json(path / "trainer_state.json")]
        return max(whole, key=_step, default=None)

    def forget_after(self, stage: str, step: int) -> None:
        """Take the rows of an unfinished stage beyond a step out of the logs, so that none is there twice."""

        def belongs(row: Mapping[str, Any]) -> bool:
            return row.get("stage") != stage or row.get("step", 0) <= step

        for path in (self.metrics, self.completions):
            keep_rows(path, belongs)

    @contextmanager
    def replacing(self, target: Path) -> Iterator[Path]:
        """Fill a folder beside `target`, then put it in its place."""
        scratch = target.with_name(target.name + ".part")
        shutil.rmtree(scratch, ignore_errors=True)
        scratch.mkdir(parents=True)
        yield scratch
        shutil.rmtree(target, ignore_errors=True)
        scratch.rename(target)

    def _read_state(self) -> dict[str, Any]:
        path = self.path / "state.json"
        if not path.is_file():
            return {}
        try:
            return dict(json.loads(path.read_text(encoding="utf-8")))
        except (OSError, ValueError) as error:
            raise ConfigError(
                f"{path} can't be read ({error}), so the run can't go on: choose another --out."
            ) from error


def append_rows(path: Path, rows: Iterable[Mapping[str, Any]]) -> None:
    """Append JSON lines and wait until they are on disk."""
    lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    with path.open("a", encoding="utf-8") as file:
        file.write(lines)
        file.flush()
        os.fsync(file.fileno())


def read_rows(path: Path) -> list[dict[str, Any]]:
    """Read JSON lines; a last line that a crash cut off is left out."""
    if not path.is_file():
        return []
    # Not splitlines(): a text may hold U+2028 and its like, which JSON lets stand inside a string.
    *lines, last = path.read_bytes().split(b"\n")
    rows = [json.loads(line) for line in lines]
    try:
        return [*rows, json.loads(last)] if last else rows
    except ValueError:  # not even whole characters, perhaps
        return rows


def keep_rows(path: Path, wanted: Callable[[Mapping[str, Any]], bool]) -> None:
    """Rewrite a file of JSON lines with the wanted rows only, atomically."""
    if path.is_file():
        kept = [row for row in read_rows(path) if wanted(row)]
        write_atomically(path, "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in kept))


def _step(path: Path) -> int:
    tail = path.name.rpartition("-")[2]
    return int(tail) if tail.isdigit() else 0


def _is_json(path: Path) -> bool:
    try:
        json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return True
