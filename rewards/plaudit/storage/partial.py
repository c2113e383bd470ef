"""An output that isn't finished: its rows lie beside it, and a killed run goes on after the last of them."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Any, Self

from plaudit.errors import ConfigError, DataError
from plaudit.files import Item, from_record, path_of, to_line, to_record
from plaudit.protocol import Score
from plaudit.recipe import write_atomically
from plaudit.storage.hub import PREFIX
from plaudit.storage.lines import STANDARD_INPUT

Done = Callable[[Sequence[Item], Sequence[Score]], None]


class Partial:
    """The rows written so far, in the order of the input, batch by batch.

    Beside the output `scored.jsonl` lie `.scored.jsonl.part`, with a line for each row that is done, and
    `.scored.jsonl.part.json`, which says under what terms they were scored. Nothing else is needed to go on: a row
    counts as done when its line is there and its input is still the same.

    Args:
        target: The output.
        terms: All that decides scores besides the rows: reward, its version, settings. Each must be plain data.
        inputs: The files read, none of which may be the output.
        fresh: Forget what an earlier run left.

    Raises:
        ConfigError: The output is an input or can't be written; another run writes it now; or an earlier one left rows
            under other terms.
    """

    def __init__(
        self, target: Path, terms: Mapping[str, Any], inputs: Iterable[str] = (), *, fresh: bool = False
    ) -> None:
        files = [source for source in inputs if source != STANDARD_INPUT and not source.startswith(PREFIX)]
        if any(path_of(source).resolve() == target.resolve() for source in files):
            raise ConfigError(f"{target} is one of the files to read: write to another.")
        self.target, self.rows = target, 0
        self.path = target.with_name(f".{target.name}.part")
        self._terms_path = target.with_name(f".{target.name}.part.json")
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            self._file = self.path.open("r+b" if self.path.exists() else "w+b")
        except OSError as error:
            raise ConfigError(f"{target} can't be written: {error.strerror or error}.") from error
        try:
            _lock(self._file, target)
            if fresh:
                self._file.truncate(0)
            self._agree(terms)
        except BaseException:
            self._file.close()
            raise

    def remaining(self, batches: Iterable[Sequence[Item]], done: Done) -> Iterator[Sequence[Item]]:
        """Pass over the batches that are done, tell each with its scores to `done`, and give the others.

        Raises:
            DataError: A row is not the one that was scored, or rows are gone.
        """
        at, resuming = 0, True
        for batch in batches:
            if resuming:
                lines = [self._file.readline() for _ in batch]
                if all(line.endswith(b"\n") for line in lines):
                    done(batch, [self._score(item, line) for item, line in zip(batch, lines, strict=True)])
                    self.rows, at = self.rows + len(batch), self._file.tell()
                    continue
                resuming = False
                self._cut(at)
            yield batch
        if resuming and self._file.readline():
            raise DataError(
                f"{self.path} holds more rows than the input, which must have changed since. Give the old input, or "
                "start anew with --fresh."
            )

    def append(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """Write the rows of one batch."""
        try:
            self._file.write(b"".join(map(to_line, rows)))
            self._file.flush()
        except OSError as error:
            raise ConfigError(
                f"{self.path} can't be written: {error.strerror or error}. What is written stays; the same command "
                "goes on from there."
            ) from error

    def finish(self, write: Callable[[Path, Path], None]) -> None:
        """Make the output of all rows, in one atomic step, and remove what lay beside it."""
        write(self.path, self.target)
        self.path.unlink(missing_ok=True)
        self._terms_path.unlink(missing_ok=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        empty = self.path.exists() and self.path.stat().st_size == 0
        self._file.close()
        if empty:
            self.path.unlink(missing_ok=True)
            self._terms_path.unlink(missing_ok=True)

    def _agree(self, terms: Mapping[str, Any]) -> None:
        wanted = json.loads(json.dumps(terms, sort_keys=True))
        if os.fstat(self._file.fileno()).st_size:
            found = _read_terms(self._terms_path)
            differing = sorted(key for key in {*found, *wanted} if found.get(key) != wanted.get(key))
            if differing:
                raise ConfigError(
                    f"{self.target} was begun under other terms ({', '.join(differing)} differ) and isn't finished. "
                    "Use the same ones to go on, or --fresh to forget the rows that are done."
                )
        else:
            write_atomically(self._terms_path, json.dumps(wanted, indent=2, sort_keys=True) + "\n")

    def _score(self, item: Item, line: bytes) -> Score:
        try:
            written = json.loads(line)
            score = from_record(written)
        except (ValueError, KeyError, TypeError):
            score = None
        if score is None or to_line(item.row.data | to_record(score)) != line:
            raise DataError(
                f"{item.row.place} is not the row that was scored before, in {self.path}. Give the old input, or start "
                "anew with --fresh."
            )
        return score

    def _cut(self, size: int) -> None:
        """Drop the beginning of a batch that the kill cut off."""
        self._file.seek(size)
        self._file.truncate(size)


def _read_terms(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _lock(file: IO[bytes], target: Path) -> None:
    """Keep a second run off the same output, until the file is closed or the process ends."""
    with suppress(ImportError):  # not on Windows
        import fcntl

        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise ConfigError(f"{target} is being written by another run: wait for it, or write to another.") from error
