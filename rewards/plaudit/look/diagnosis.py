"""What GRPO would feel of scored completions: signal, who decides, length, saturation, fights, suspicious winners."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from itertools import combinations
from typing import Any

from plaudit.look.arithmetic import EQUAL, Within, covariance, pearson
from plaudit.look.patterns import names_of
from plaudit.look.table import UNKNOWN, PartColumn, Table

SHOWN = 5
"""How many places of suspicious winners are kept for each pattern."""


@dataclass(slots=True)
class PartFacts:
    """What one part does to the advantage.

    Attributes:
        rows: Rows on which it was there.
        abstained: Rows on which it gave no value.
        signal: Groups in which what it adds differs.
        share: Its share of the advantage, from −1 (works against) over 0 (nothing) to 1 (all); all shares add up to 1.
        decides: Groups whose winners would be others without it.
        at_high: Rows at the highest value that it gave anywhere.
        at_low: Rows at the lowest.
        low: That lowest value.
        high: That highest value.
        mean: The mean of the values given.
        length: Correlation of what it adds with the length, within groups.
        length_brought: How much of the total's correlation with the length comes from it.
    """

    rows: int = 0
    abstained: int = 0
    signal: int = 0
    share: float = 0.0
    decides: int = 0
    at_high: int = 0
    at_low: int = 0
    low: float = math.inf
    high: float = -math.inf
    mean: float | None = None
    length: Within = field(default_factory=Within)
    length_brought: float = 0.0


@dataclass(slots=True)
class Winners:
    """Suspicious patterns in the best completions of the groups with signal, and in the others there."""

    winners: int = 0
    others: int = 0
    flagged: int = 0
    flagged_others: int = 0
    patterns: Counter[str] = field(default_factory=Counter)
    patterns_others: Counter[str] = field(default_factory=Counter)
    places: dict[str, list[str]] = field(default_factory=dict)


@dataclass(slots=True)
class Diagnosis:
    """All that was counted; `plaudit.look.findings` puts it into words.

    Attributes:
        rows: Rows taken.
        abstained: Rows without a total; they belong to no group, as in TRL.
        failed: Rows on which the reward, or a part, raised.
        groups: Groups of two or more rows with a total.
        alone: Rows that are the only ones of their group.
        smallest: Rows in the smallest of the groups.
        largest: Rows in the largest.
        signal: Groups whose totals differ.
        all_high: Groups without signal at the highest total of the file.
        all_low: Groups without signal at the lowest.
        same_text: Groups whose completions are all one text.
        length: Correlation of the total with the length, within groups.
        length_given_verdict: The same among completions of a group that are all right, or all wrong.
        verdicts: Rows of which it is known whether they are right.
        parts: The parts, by name.
        fights: Pairs of parts with the correlation of what they add, within groups.
        winners: Suspicious patterns.
    """

    table: Table
    rows: int = 0
    abstained: int = 0
    failed: int = 0
    groups: int = 0
    alone: int = 0
    smallest: int = 0
    largest: int = 0
    signal: int = 0
    all_high: int = 0
    all_low: int = 0
    same_text: int = 0
    length: Within = field(default_factory=Within)
    length_given_verdict: Within = field(default_factory=Within)
    verdicts: int = 0
    parts: dict[str, PartFacts] = field(default_factory=dict)
    fights: dict[tuple[str, str], Within] = field(default_factory=dict)
    winners: Winners = field(default_factory=Winners)

    def to_dict(self) -> dict[str, Any]:
        """Write the counts as plain data."""
        plain = ("rows", "abstained", "failed", "groups", "alone", "smallest", "largest", "signal", "all_high")
        data = {name: getattr(self, name) for name in (*plain, "all_low", "same_text", "verdicts")}
        data |= {name: within(getattr(self, name)) for name in ("length", "length_given_verdict")}
        data["parts"] = [{"name": name, **_part_data(part)} for name, part in self.parts.items()]
        data["pairs"] = [{"parts": list(pair), **within(each)} for pair, each in self.fights.items()]
        data["winners"] = asdict(self.winners)
        return data | {"left_out": dict(self.table.left_out), "notices": list(self.table.notices)}


def within(each: Within) -> dict[str, Any]:
    """Write a correlation within groups as plain data."""
    return {"correlation": each.mean, "error": each.error if each.rows else None, "groups": each.groups}


def _part_data(part: PartFacts) -> dict[str, Any]:
    data: dict[str, Any] = asdict(part) | {"length": within(part.length)}
    return data if math.isfinite(part.low) else data | {"low": None, "high": None}


def diagnose(table: Table) -> Diagnosis:
    """Count what GRPO would feel.

    >>> from plaudit.look.table import Judged, Table
    >>> table = Table(["rows.jsonl"])
    >>> for line, value in enumerate([1.0, 3.0, 2.0, 2.0], start=1):
    ...     table.add(Judged((0, line), key=b"first" if line < 3 else b"second", value=value, length=line))
    >>> diagnosis = diagnose(table)
    >>> diagnosis.groups, diagnosis.signal
    (2, 1)
    """
    found = Diagnosis(table, rows=len(table))
    found.abstained = sum(map(math.isnan, table.values))
    found.failed = sum(table.failed)
    found.verdicts = len(table) - table.right.count(UNKNOWN)
    for name, column in table.parts.items():
        found.parts[name] = _alone(column)
    spoken = [value for value in table.values if not math.isnan(value)]
    ends = (min(spoken), max(spoken)) if spoken else (0.0, 0.0)
    for group in table.grouped():
        rows = [row for row in group if not math.isnan(table.values[row])]
        if len(rows) < 2:
            found.alone += len(rows)
            continue
        _count_group(found, rows, ends)
    for part in found.parts.values():
        part.share /= found.signal or 1
        part.length_brought /= found.length.rows or 1
    return found


def _alone(column: PartColumn) -> PartFacts:
    """What a part says without regard to groups."""
    spoken = [value for value in column.values if not math.isnan(value)]
    facts = PartFacts(rows=len(column.values), abstained=len(column.values) - len(spoken))
    if spoken:
        facts.low, facts.high, facts.mean = min(spoken), max(spoken), math.fsum(spoken) / len(spoken)
        facts.at_high, facts.at_low = spoken.count(facts.high), spoken.count(facts.low)
    return facts


def _count_group(found: Diagnosis, rows: Sequence[int], ends: tuple[float, float]) -> None:
    table = found.table
    values = [table.values[row] for row in rows]
    lengths = [float(table.lengths[row]) for row in rows]
    found.groups += 1
    found.smallest = min(found.smallest or len(rows), len(rows))
    found.largest = max(found.largest, len(rows))
    found.same_text += len({table.texts[row] for row in rows}) == 1
    adds = {name: _adds(column, rows) for name, column in table.parts.items()}
    for name, each in adds.items():
        found.parts[name].signal += max(each) - min(each) > EQUAL
    if max(values) - min(values) <= EQUAL:
        found.all_low += values[0] <= ends[0] + EQUAL < ends[1]
        found.all_high += values[0] >= ends[1] - EQUAL > ends[0]
        return
    found.signal += 1
    found.length.add(lengths, values)
    _count_verdicts(found, rows)
    _count_parts(found, values, lengths, adds)
    _count_winners(found, rows, values)


def _adds(column: PartColumn, rows: Sequence[int]) -> list[float]:
    """What a part adds on some rows: nothing where it abstains."""
    return [0.0 if math.isnan(column.adds[row]) else column.adds[row] for row in rows]


def _count_verdicts(found: Diagnosis, rows: Sequence[int]) -> None:
    table = found.table
    for verdict in (0, 1):
        alike = [row for row in rows if table.right[row] == verdict]
        if len(alike) > 2:
            lengths = [float(table.lengths[row]) for row in alike]
            found.length_given_verdict.add(lengths, [table.values[row] for row in alike])


def _count_parts(found: Diagnosis, values: list[float], lengths: list[float], adds: dict[str, list[float]]) -> None:
    variance = covariance(values, values)
    related = pearson(lengths, values)
    winners = _best(values)
    for name, each in adds.items():
        part = found.parts[name]
        if max(each) - min(each) <= EQUAL:
            continue
        part.share += covariance(each, values) / variance
        part.decides += _best([value - add for value, add in zip(values, each, strict=True)]) != winners
        part.length.add(lengths, each)
        if related is not None:
            spread = math.sqrt(covariance(lengths, lengths) * variance)
            part.length_brought += len(values) * covariance(lengths, each) / spread
    for left, right in combinations(adds, 2):
        found.fights.setdefault((left, right), Within()).add(adds[left], adds[right])


def _best(values: Sequence[float]) -> list[int]:
    top = max(values)
    return [at for at, value in enumerate(values) if value >= top - EQUAL]


def _count_winners(found: Diagnosis, rows: Sequence[int], values: Sequence[float]) -> None:
    table, counted = found.table, found.winners
    best = set(_best(values))
    for at, row in enumerate(rows):
        names = names_of(table.patterns[row])
        if at in best:
            counted.winners += 1
            counted.flagged += bool(names)
            counted.patterns.update(names)
            for name in names:
                places = counted.places.setdefault(name, [])
                places += [table.place(row)] if len(places) < SHOWN else []
        else:
            counted.others += 1
            counted.flagged_others += bool(names)
            counted.patterns_others.update(names)
