"""Rows in files: read them, make samples of them, and write scores as records."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

from plaudit.errors import DataError, nearest
from plaudit.failures import REAL_BATCH
from plaudit.protocol import Part, Sample, Score, Spec
from plaudit.storage.hub import PREFIX, hub_rows
from plaudit.storage.lines import STANDARD_INPUT as STANDARD_INPUT
from plaudit.storage.lines import lines_of
from plaudit.storage.sources import usual_names
from plaudit.storage.tables import is_table, table_rows

BadRows = Literal["stop", "abstain"]
"""What to do about a row that can't be read or lacks a column: end with an error, or go on and let it abstain."""

MALFORMED = "malformed"
"""The column in which the text of a line is kept that could not be read."""

NOT_COLUMNS = ("completion", "prompt")

SAME: Mapping[str, str] = MappingProxyType({})
"""Every column keeps its name."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a file.

    Attributes:
        source: The file's name, for messages.
        line: The number of the line, or of the row in a table, from 1.
        data: The JSON object on it.
        size: How many bytes of the file it takes, with any blank lines before it.
        problem: Why it could not be read; empty where it could.
    """

    source: str
    line: int
    data: dict[str, Any]
    size: int
    problem: str = ""

    @property
    def place(self) -> str:
        """Where it stands, as `file:line`.

        >>> Row("run.jsonl", 3, {}, 0).place
        'run.jsonl:3'
        """
        return f"{self.source}:{self.line}"


def read_rows(source: str, bad: BadRows = "stop") -> Iterator[Row]:
    """Read the rows of a file, of the `completions.jsonl` in a run folder, of a dataset, or of standard input (`-`).

    A file holds JSON Lines (blank ones are passed over), perhaps compressed (`.gz`, `.zst`), or it is a Parquet or
    Arrow table; `hub:OWNER/NAME` streams a dataset of the Hugging Face Hub. Little of it is in memory at a time.

    Raises:
        DataError: The file can't be read or holds no row; or a line is not a JSON object, unless bad rows may abstain.
        ConfigError: A package that this format needs is not installed.
    """
    rows = _table(source) if _has_columns(source) else _json_rows(source, bad)
    first = next(rows, None)
    if first is None:
        raise DataError(f"{name_of(source)} holds no rows: give one JSON object per line, each with a `completion`.")
    return chain([first], rows)


def read_row(source: str, wanted: int) -> Row:
    """Read the row on one line of a file, or with one number in a table, whatever the others hold.

    Raises:
        DataError: The file can't be read, or that line holds no JSON object.
    """
    if _has_columns(source):
        return _nth(_table(source), source, wanted)
    number = 0
    for number, (line, size) in enumerate(lines_of(_path_or_none(source)), start=1):
        if number == wanted and not line.strip():
            raise DataError(f"{name_of(source)}:{wanted} is blank: it holds no row.")
        if number == wanted:
            return Row(name_of(source), number, _decoded(line, f"{name_of(source)}:{number}"), size)
    raise DataError(f"{name_of(source)} has no line {wanted}: its last is line {number}.")


def _nth(rows: Iterable[Row], source: str, wanted: int) -> Row:
    last = 0
    for row in rows:
        last = row.line
        if last == wanted:
            return row
    raise DataError(f"{name_of(source)} has no row {wanted}: its last is row {last}.")


def _has_columns(source: str) -> bool:
    return source.startswith(PREFIX) or (source != STANDARD_INPUT and is_table(path_of(source)))


def _table(source: str) -> Iterator[Row]:
    on_hub = source.startswith(PREFIX)
    rows = ((data, 0) for data in hub_rows(source)) if on_hub else table_rows(path_of(source))
    for number, (data, size) in enumerate(rows, start=1):
        yield Row(name_of(source), number, data, size)


def _json_rows(source: str, bad: BadRows) -> Iterator[Row]:
    name, skipped = name_of(source), 0
    for number, (line, size) in enumerate(lines_of(_path_or_none(source)), start=1):
        skipped += size
        if not line.strip():
            continue
        try:
            yield Row(name, number, _decoded(line, f"{name}:{number}"), skipped)
        except DataError as error:
            if bad == "stop":
                raise
            text = line.decode("utf-8", "backslashreplace").rstrip("\r\n")
            yield Row(name, number, {MALFORMED: text}, skipped, str(error))
        skipped = 0


def name_of(source: str) -> str:
    """Return what messages call a source.

    >>> name_of("-")
    'standard input'
    """
    path = _path_or_none(source)
    return source if source.startswith(PREFIX) else "standard input" if path is None else str(path)


def _path_or_none(source: str) -> Path | None:
    return None if source == STANDARD_INPUT or source.startswith(PREFIX) else path_of(source)


def path_of(source: str) -> Path:
    """Return the file that a name means: a run folder means its `completions.jsonl`."""
    path = Path(source)
    return path / "completions.jsonl" if path.is_dir() else path


def _decoded(line: bytes, place: str) -> dict[str, Any]:
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
        DataError: A column is missing, it names the row, the column and the nearest one that is there; or the row could
            not be read.

    >>> row = Row("run.jsonl", 1, {"output": "4", "gold": "4"}, 0)
    >>> to_sample(row, Spec("right", 0, 1, reads=("answer",)), {"completion": "output", "answer": "gold"}).columns
    {'output': '4', 'gold': '4', 'answer': '4'}
    """
    if row.problem:
        raise DataError(row.problem)
    fields = dict(row.data)
    for name, column in names_in(row, renamed).items():
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


def names_in(row: Row, renamed: Mapping[str, str]) -> Mapping[str, str]:
    """Return which columns of a row stand for others: as the user says, else as another trainer's log has them."""
    usual = usual_names(row.data)
    return {**usual, **renamed} if usual else renamed


def batches(
    rows: Iterable[Row], spec: Spec, renamed: Mapping[str, str] = SAME, size: int = 256
) -> Iterator[list[tuple[Row, Sample]]]:
    """Gather rows with their samples into batches; neighbours with equal prompts form a group.

    The groups of a coupled reward are never cut in two, however large.

    Raises:
        DataError: A column is missing, or a coupled reward meets a row without a prompt.
    """
    for batch in items(rows, spec, renamed, size):
        yield [(item.row, item.sample) for item in batch if item.sample is not None]


@dataclass(frozen=True, slots=True)
class Item:
    """A row and its sample, or why it has none."""

    row: Row
    sample: Sample | None
    problem: str = ""


def items(
    rows: Iterable[Row], spec: Spec, renamed: Mapping[str, str] = SAME, size: int = 256, bad: BadRows = "stop"
) -> Iterator[list[Item]]:
    """Gather rows into batches as `batches` does; a bad row may stay among them, without a sample.

    Raises:
        DataError: A row is bad and they are to stop, or all of a batch of 8 or more are.
    """
    batch: list[Item] = []
    group, before = -1, None
    for row in rows:
        prompt = row.data.get(names_in(row, renamed).get("prompt", "prompt"))
        new = not row.problem and (group < 0 or prompt is None or prompt != before)
        if not row.problem:
            group, before = group + new, prompt
        if len(batch) >= size and (new or not spec.coupled):
            yield _not_all_bad(batch)
            batch = []
        batch.append(_item(row, spec, renamed, group, bad))
    if batch:
        yield _not_all_bad(batch)


def _item(row: Row, spec: Spec, renamed: Mapping[str, str], group: int, bad: BadRows) -> Item:
    try:
        return Item(row, _grouped(to_sample(row, spec, renamed, group), row, spec, renamed))
    except DataError as error:
        if bad == "stop":
            raise
        return Item(row, None, str(error))


def _grouped(sample: Sample, row: Row, spec: Spec, renamed: Mapping[str, str]) -> Sample:
    if spec.coupled and row.data.get(names_in(row, renamed).get("prompt", "prompt")) is None:
        raise DataError(f"{row.place} has no `prompt`, by which {spec.name!r} knows what belongs together.")
    return sample


def _not_all_bad(batch: list[Item]) -> list[Item]:
    if len(batch) >= REAL_BATCH and not any(item.sample for item in batch):
        raise DataError(f"None of {len(batch)} rows in a row can be scored. The last: {batch[-1].problem}")
    return batch


def to_record(score: Score) -> dict[str, Any]:
    """Write a score as plain data: `value`, `reason`, `extracted`, and `parts` with the same inside.

    >>> to_record(Score(1.0, "equal", extracted="4"))
    {'value': 1.0, 'reason': 'equal', 'extracted': '4', 'parts': []}
    """
    parts = [{"name": part.name, "weight": part.weight, **to_record(part.score)} for part in score.parts]
    return {"value": score.value, "reason": score.reason, "extracted": score.extracted, "parts": parts}


def from_record(record: Mapping[str, Any]) -> Score:
    """Read a score that `to_record` wrote.

    >>> from_record(to_record(Score(1.0, "equal", extracted="4"))) == Score(1.0, "equal", extracted="4")
    True
    """
    parts = tuple(Part(part["name"], part["weight"], from_record(part)) for part in record["parts"])
    return Score(record["value"], record["reason"], record["extracted"], parts)


def to_line(data: Mapping[str, Any]) -> bytes:
    r"""Write one line of JSON; half a surrogate pair, which models do write, survives as its escape.

    What JSON doesn't know, as the dates and bytes of a table, is written as its text.

    >>> to_line({"completion": "é \ud83d"})
    b'{"completion": "\xc3\xa9 \\ud83d"}\n'
    """
    return json.dumps(data, ensure_ascii=False, default=str).encode("utf-8", "backslashreplace") + b"\n"
