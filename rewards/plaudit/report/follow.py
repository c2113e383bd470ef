"""Following a run while it is written: what has changed, line by line, and when it has ended."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from plaudit.errors import DataError

WATCHED = ("summary.json", "metrics.jsonl", "completions.jsonl", "recipe.yaml")
LONGEST = 64_000_000
"""Bytes read in one go; of a longer piece, the rest comes next time."""


class Tail:
    r"""The lines that have been added to a JSON Lines file since the last look.

    A last line without its end waits until it is whole. A file that has become shorter (a resumed run takes rows out)
    is read again from its beginning, and `restarts` counts that.

    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "metrics.jsonl"
    >>> tail = Tail(path)
    >>> tail.read()
    []
    >>> _ = path.write_text('{"step": 1}\n{"st')
    >>> tail.read()
    [{'step': 1}]
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.restarts = 0
        self.broken = 0
        self._offset = 0
        self._file = 0

    def read(self) -> list[dict[str, Any]]:
        """Return the new records; lines that hold none are counted in `broken`."""
        try:
            with self.path.open("rb") as file:
                self._begin_again(self.path)
                file.seek(self._offset)
                piece = file.read(LONGEST)
        except FileNotFoundError:
            return []
        except OSError as error:
            raise DataError(f"{self.path} can't be read: {error}.") from error
        whole, _, _ = piece.rpartition(b"\n")
        if not whole:
            return []
        self._offset += len(whole) + 1
        return [record for line in whole.split(b"\n") if (record := self._record(line)) is not None]

    def _begin_again(self, path: Path) -> None:
        found = path.stat()
        if self._offset and (found.st_size < self._offset or found.st_ino != self._file):
            self._offset = 0
            self.restarts += 1
        self._file = found.st_ino

    def _record(self, line: bytes) -> dict[str, Any] | None:
        try:
            record = json.loads(line) if line.strip() else None
        except (ValueError, RecursionError):
            self.broken += 1
            return None
        return record if isinstance(record, dict) else None


def has_ended(run: Path) -> bool:
    """Whether a run folder says that its run has ended."""
    try:
        summary = json.loads((run / "summary.json").read_bytes())
    except (OSError, ValueError, RecursionError):
        return False
    return isinstance(summary, dict) and (
        isinstance(summary.get("after_grpo"), dict) or summary.get("finished") is True
    )


def changes(run: Path, seconds: float, wait: Callable[[float], object] = time.sleep) -> Iterator[bool]:
    """Yield whenever a file of the run has changed, and whether the run has ended; the last time it has.

    Args:
        run: The run folder; it need not be there yet.
        seconds: How long to wait between two looks.
        wait: What waits.
    """
    before: object = None
    while True:
        ended = has_ended(run)
        now = [_stamp(run / name) for name in WATCHED]
        if now != before and any(now):
            before = now
            yield ended
        if ended:
            return
        wait(seconds)


def _stamp(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_size, found.st_mtime_ns
