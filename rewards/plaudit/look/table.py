"""Scored rows as columns of numbers: about 50 bytes a row and 16 for each part, however long the texts are."""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

UNKNOWN = -1
ABSENT = math.nan


@dataclass(slots=True)
class PartColumn:
    """One part of the reward: its own values, and what they add to the total; NaN where it abstains."""

    values: array[float] = field(default_factory=lambda: array("d"))
    adds: array[float] = field(default_factory=lambda: array("d"))


@dataclass(frozen=True, slots=True)
class Judged:
    """One scored row, as the table takes it.

    Attributes:
        place: The number of its file in `Table.sources`, and its line there.
        key: What tells its group; rows with equal keys belong together.
        value: The total; None where it abstains.
        parts: Name, own value and contribution of each part.
        length: Characters of the completion.
        text: A number that only equal completions share.
        prompt: A number that only equal prompts share.
        patterns: The suspicious patterns in it, one bit each.
        right: Whether the answer is right; None where nobody knows.
        failed: The reward, or a part of it, raised.
        reason: Why, in short.
    """

    place: tuple[int, int]
    key: bytes
    value: float | None
    parts: Sequence[tuple[str, float | None, float | None]] = ()
    length: int = 0
    text: int = 0
    prompt: int = 0
    patterns: int = 0
    right: bool | None = None
    failed: bool = False
    reason: str = ""


@dataclass(slots=True)
class Table:
    """Scored rows as columns.

    Attributes:
        sources: The files.
        judge: What the rows were judged by.
        left_out: What was not taken from the files, and how often: reason -> rows.
        notices: What is odd, in sentences.
    """

    sources: list[str] = field(default_factory=list)
    judge: str = ""
    lines: array[int] = field(default_factory=lambda: array("q"))
    files: array[int] = field(default_factory=lambda: array("i"))
    groups: array[int] = field(default_factory=lambda: array("q"))
    values: array[float] = field(default_factory=lambda: array("d"))
    lengths: array[int] = field(default_factory=lambda: array("q"))
    texts: array[int] = field(default_factory=lambda: array("Q"))
    prompts: array[int] = field(default_factory=lambda: array("Q"))
    patterns: array[int] = field(default_factory=lambda: array("H"))
    right: array[int] = field(default_factory=lambda: array("b"))
    failed: array[int] = field(default_factory=lambda: array("b"))
    reasons: array[int] = field(default_factory=lambda: array("L"))
    parts: dict[str, PartColumn] = field(default_factory=dict)
    left_out: dict[str, int] = field(default_factory=dict)
    notices: list[str] = field(default_factory=list)
    _keys: dict[bytes, int] = field(default_factory=dict)
    _said: dict[str, int] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.values)

    def add(self, row: Judged) -> None:
        """Append one row; a part that earlier rows did not have is absent there."""
        for name, value, adds in row.parts:
            column = self._part(name)
            column.values.append(ABSENT if value is None else value)
            column.adds.append(ABSENT if adds is None else adds)
        self.files.append(row.place[0])
        self.lines.append(row.place[1])
        self.groups.append(self._keys.setdefault(row.key, len(self._keys)))
        self.values.append(ABSENT if row.value is None else row.value)
        self.lengths.append(row.length)
        self.texts.append(row.text)
        self.prompts.append(row.prompt)
        self.patterns.append(row.patterns)
        self.right.append(UNKNOWN if row.right is None else row.right)
        self.failed.append(row.failed)
        self.reasons.append(self._said.setdefault(row.reason, len(self._said)))
        for column in self.parts.values():
            if len(column.values) < len(self):
                column.values.append(ABSENT)
                column.adds.append(ABSENT)

    def accept(self, value: float) -> None:
        """Say from which total on a row is right; a row without a total is neither right nor wrong."""
        verdicts = (UNKNOWN if math.isnan(total) else total >= value for total in self.values)
        self.right = array("b", verdicts)

    def leave_out(self, why: str) -> None:
        """Count a row that is not taken."""
        self.left_out[why] = self.left_out.get(why, 0) + 1

    def place(self, row: int) -> str:
        """Where a row stands, as `file:line`, ready for `plaudit explain`."""
        return f"{self.sources[self.files[row]]}:{self.lines[row]}"

    def reason(self, row: int) -> str:
        """Why a row got its value."""
        if len(self._spelt) != len(self._said):
            self._spelt[:] = self._said
        return self._spelt[self.reasons[row]]

    _spelt: list[str] = field(default_factory=list)

    def grouped(self) -> Iterator[Sequence[int]]:
        """Go through the groups: the numbers of the rows of each."""
        if all(before <= after for before, after in zip(self.groups, self.groups[1:], strict=False)):
            yield from self._runs()
            return
        rows: dict[int, array[int]] = {}
        for row, group in enumerate(self.groups):
            rows.setdefault(group, array("q")).append(row)
        yield from rows.values()

    def _runs(self) -> Iterator[range]:
        start = 0
        for row in range(1, len(self) + 1):
            if row == len(self) or self.groups[row] != self.groups[start]:
                yield range(start, row)
                start = row

    def _part(self, name: str) -> PartColumn:
        if name not in self.parts:
            absent = array("d", [ABSENT]) * len(self)
            self.parts[name] = PartColumn(absent[:], absent[:])
        return self.parts[name]
