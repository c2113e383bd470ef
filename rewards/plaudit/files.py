"""Rows in files: JSON Lines to samples, scores to records."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import IO, Any

from plaudit.errors import ConfigError, DataError, nearest
from plaudit.protocol import Sample, Score, Spec

STANDARD_INPUT = "-"

NOT_COLUMNS = ("completion", "prompt")

SAME: Mapping[str, str] = MappingProxyType({})
"""Every column keeps its name."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a file.

    Attributes:
        source: The file's name, for messages.
        line: The number of the line, from 1.
        data: The JSON object on it.
        size: How many bytes the line takes, with any blank lines before it.
    """

    source: str
    line: int
    data: dict[str, Any]
    size: int

    @property
    def place(self) -> str:
        """Where it stands, as `file:line`.

        >>> Row("run.jsonl", 3, {}, 0).place
        'run.jsonl:3'
        """
        return f"{self.source}:{self.line}"


def read_rows(source: str) -> Iterator[Row]:
    """Read the rows of a JSON Lines file, of the `completions.jsonl` in a run folder, or of standard input (`-`).

    Blank lines hold no row and are passed over.

    Raises:
        DataError: The file can't be read, holds no row, or a line is not a JSON object; the message has its number.
    """
    rows, skipped = 0, 0
    for place, line in _lines(source):
        skipped += len(line)
        if line.strip():
            rows += 1
            yield Row(*place, _decoded(line, place), skipped)
            skipped = 0
    if not rows:
        raise DataError(f"{_name(source)} holds no rows: give one JSON object per line, each with a `completion`.")


def read_row(source: str, wanted: int) -> Row:
    """Read the row on one line of a file, whatever the other lines hold.

    Raises:
        DataError: The file can't be read, or that line holds no JSON object.
    """
    number = 0
    for place, line in _lines(source):
        number = place[1]
        if number == wanted and line.strip():
            return Row(*place, _decoded(line, place), len(line))
        if number == wanted:
            raise DataError(f"{_name(source)}:{wanted} is blank: it holds no row.")
    raise DataError(f"{_name(source)} has no line {wanted}: its last is line {number}.")


def _name(source: str) -> str:
    return "standard input" if source == STANDARD_INPUT else str(path_of(source))


def _lines(source: str) -> Iterator[tuple[tuple[str, int], bytes]]:
    name = _name(source)
    try:
        with _opened(source) as file:
            for number, line in enumerate(file, start=1):
                yield (name, number), line
    except OSError as error:
        raise DataError(f"{name} can't be read: {error.strerror or error}.") from error


def path_of(source: str) -> Path:
    """Return the file that a name means: a run folder means its `completions.jsonl`."""
    path = Path(source)
    return path / "completions.jsonl" if path.is_dir() else path


@contextmanager
def _opened(source: str) -> Iterator[IO[bytes]]:
    if source == STANDARD_INPUT:
        yield sys.stdin.buffer
    else:
        with path_of(source).open("rb") as file:
            yield file


def _decoded(line: bytes, at: tuple[str, int]) -> dict[str, Any]:
    place = "{}:{}".format(*at)
    try:
        data = json.loads(line.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise DataError(f"{place} isn't UTF-8 text ({error.reason}); a compressed file must be unpacked.") from error
    except RecursionError as error:
        raise DataError(f"{place} is nested too deeply to be read.") from error
    except ValueError as error:
        raise DataError(f"{place} isn't JSON: {error}. Each line must hold one JSON object.") from error
    if not isinstance(data, dict):
        raise DataError(f'{place} holds {_kind(data)}, not a JSON object such as {{"completion": "…"}}.')
    return data


def _kind(value: Any) -> str:
    names = {list: "a list", str: "a text", bool: "true or false", type(None): "null"}
    return names.get(type(value), "a number")


def to_sample(row: Row, spec: Spec, renamed: Mapping[str, str] = SAME, group: int | None = None) -> Sample:
    """Make a sample of a row, and make sure that it has every column which the reward reads.

    Args:
        row: The row.
        spec: The facts of the reward that will score it.
        renamed: Which column of the file stands for `completion`, `prompt`, `answer` …, where the names differ.
        group: The group to which the sample belongs.

    Raises:
        DataError: A column is missing; it names the row, the column and the nearest one that is there.

    >>> row = Row("run.jsonl", 1, {"output": "4", "gold": "4"}, 0)
    >>> to_sample(row, Spec("right", 0, 1, reads=("answer",)), {"completion": "output", "answer": "gold"}).columns
    {'output': '4', 'gold': '4', 'answer': '4'}
    """
    fields = dict(row.data)
    for name, column in renamed.items():
        if column not in row.data:
            raise DataError(f"{row.place} has no column {column!r} to take for {name!r}. {nearest(column, row.data)}")
        fields[name] = row.data[column]
    for column in ("completion", *spec.reads):
        if column not in fields:
            raise DataError(_missing(row, spec, column))
    columns = {name: value for name, value in fields.items() if name not in NOT_COLUMNS}
    return Sample(fields["completion"], fields.get("prompt", ""), columns, group)


def _missing(row: Row, spec: Spec, column: str) -> str:
    reader = "a score needs" if column == "completion" else f"{spec.name!r} reads"
    there = ", ".join(map(repr, row.data)) or "none"
    return (
        f"{row.place} has no column {column!r}, which {reader}. It has {there}. "
        f"Say which one to take: --map {column}=COLUMN."
    )


def batches(
    rows: Iterable[Row], spec: Spec, renamed: Mapping[str, str] = SAME, size: int = 256
) -> Iterator[list[tuple[Row, Sample]]]:
    """Gather rows with their samples into batches; neighbours with equal prompts form a group.

    The groups of a coupled reward are never cut in two, however large.

    Raises:
        DataError: A column is missing, or a coupled reward meets a row without a prompt.
    """
    batch: list[tuple[Row, Sample]] = []
    group, before = -1, None
    for row in rows:
        prompt = row.data.get(renamed.get("prompt", "prompt"))
        if prompt is None and spec.coupled:
            raise DataError(f"{row.place} has no `prompt`, by which {spec.name!r} knows what belongs together.")
        new = group < 0 or prompt is None or prompt != before
        group, before = group + new, prompt
        if len(batch) >= size and (new or not spec.coupled):
            yield batch
            batch = []
        batch.append((row, to_sample(row, spec, renamed, group)))
    if batch:
        yield batch


def to_record(score: Score) -> dict[str, Any]:
    """Write a score as plain data: `value`, `reason`, `extracted`, and `parts` with the same inside.

    >>> to_record(Score(1.0, "equal", extracted="4"))
    {'value': 1.0, 'reason': 'equal', 'extracted': '4', 'parts': []}
    """
    parts = [{"name": part.name, "weight": part.weight, **to_record(part.score)} for part in score.parts]
    return {"value": score.value, "reason": score.reason, "extracted": score.extracted, "parts": parts}


def to_line(data: Mapping[str, Any]) -> bytes:
    r"""Write one line of JSON; half a surrogate pair, which models do write, survives as its escape.

    >>> to_line({"completion": "é \ud83d"})
    b'{"completion": "\xc3\xa9 \\ud83d"}\n'
    """
    return json.dumps(data, ensure_ascii=False).encode("utf-8", "backslashreplace") + b"\n"


@contextmanager
def atomic_writer(target: Path, inputs: Iterable[str] = ()) -> Iterator[IO[bytes]]:
    """Open a file that appears under its name only when the block ends well; until then nothing is changed.

    Raises:
        ConfigError: It is one of the inputs, or can't be written.
    """
    if any(path_of(source).resolve() == target.resolve() for source in inputs if source != STANDARD_INPUT):
        raise ConfigError(f"{target} is one of the files to read: write to another.")
    scratch = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with scratch.open("wb") as file:
            yield file
        scratch.replace(target)
    except OSError as error:
        raise ConfigError(f"{target} can't be written: {error.strerror or error}.") from error
    finally:
        with suppress(OSError):
            scratch.unlink(missing_ok=True)
