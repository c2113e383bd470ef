"""Two judges of the same completions: where they agree, where they differ, and what GRPO would make of it."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from plaudit.errors import DataError
from plaudit.look.arithmetic import EQUAL, advantages, pearson, spearman
from plaudit.look.table import UNKNOWN, Table

TELLING = 20
"""How many disagreements are shown."""


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A row on which the judges differ.

    Attributes:
        left: The row in the first table.
        right: The same row in the second.
        values: What each gave; None where it abstained.
        advantages: What each value makes of the row in its group; None in a group of one.
        verdicts: Whether each says that the answer is right; None where it says nothing.
        alike: How many more rows differ with the same reasons on both sides.
        distance: How far apart they are, by which the disagreements are ordered.
    """

    left: int
    right: int
    values: tuple[float | None, float | None]
    advantages: tuple[float | None, float | None]
    verdicts: tuple[bool | None, bool | None]
    alike: int
    distance: float


@dataclass(slots=True)
class Comparison:
    """What was counted.

    Attributes:
        tables: The rows of both.
        rows: Rows that both have.
        only: Rows that only the first has, and only the second.
        equal: Rows with equal values (two abstains are equal).
        abstained: Rows on which the first alone abstains, the second alone, and both.
        means: The mean value of each, over the rows on which both speak.
        pearson: Correlation of the values.
        spearman: Correlation of their ranks.
        confusion: (first says right, second says right) -> rows; empty where either has no verdict.
        groups: Groups of two or more.
        flipped: Rows whose advantage changes its sign.
        lost: Rows whose advantage is zero with one of them only.
        winners: Groups whose best completions are others.
        telling: The most telling disagreements.
    """

    tables: tuple[Table, Table]
    rows: int = 0
    only: tuple[int, int] = (0, 0)
    equal: int = 0
    abstained: tuple[int, int, int] = (0, 0, 0)
    means: tuple[float | None, float | None] = (None, None)
    pearson: float | None = None
    spearman: float | None = None
    confusion: dict[tuple[bool, bool], int] = field(default_factory=dict)
    groups: int = 0
    flipped: int = 0
    lost: int = 0
    winners: int = 0
    telling: list[Disagreement] = field(default_factory=list)

    @property
    def verdicts(self) -> int:
        """On how many rows both say right or wrong."""
        return sum(self.confusion.values())

    @property
    def agreement(self) -> float:
        """The share of rows on which the verdicts agree; of equal values, where either judge has no verdict."""
        if self.verdicts:
            return sum(count for (left, right), count in self.confusion.items() if left == right) / self.verdicts
        return self.equal / self.rows if self.rows else 0.0

    @property
    def kappa(self) -> float | None:
        """Cohen's kappa of the verdicts: agreement beyond chance; None where chance explains all."""
        count = self.verdicts
        if not count:
            return None
        left = sum(rows for (says, _), rows in self.confusion.items() if says) / count
        right = sum(rows for (_, says), rows in self.confusion.items() if says) / count
        chance = left * right + (1 - left) * (1 - right)
        return (self.agreement - chance) / (1 - chance) if chance < 1 else None

    def to_dict(self) -> dict[str, Any]:
        """Write the counts as plain data."""
        names = ("rows", "equal", "pearson", "spearman", "agreement", "kappa", "groups", "flipped", "lost", "winners")
        data = {name: getattr(self, name) for name in names}
        cell_names = ("both_right", "only_a_right", "only_b_right", "both_wrong")
        cells = ((True, True), (True, False), (False, True), (False, False))
        counted = {name: self.confusion.get(cell, 0) for name, cell in zip(cell_names, cells, strict=True)}
        data["confusion"] = counted if self.verdicts else None
        data["means"] = list(self.means)
        data["only"] = {"a": self.only[0], "b": self.only[1]}
        data["abstained"] = dict(zip(("only_a", "only_b", "both"), self.abstained, strict=True))
        data["telling"] = [self._telling(each) for each in self.telling]
        return data

    def _telling(self, each: Disagreement) -> dict[str, Any]:
        left, right = self.tables
        places = {"place": left.place(each.left), "place_b": right.place(each.right)}
        reasons = {"reasons": [left.reason(each.left), right.reason(each.right)]}
        return {**places, **asdict(each), **reasons}


def compare(left: Table, right: Table) -> Comparison:
    """Compare two tables row by row; rows are the same where prompt and completion are, in order where they recur.

    Raises:
        DataError: No row of one is in the other.

    >>> from plaudit.look.table import Judged, Table
    >>> tables = Table(["a.jsonl"]), Table(["b.jsonl"])
    >>> for table, values in zip(tables, ([1.0, 3.0], [3.0, 1.0])):
    ...     for line, value in enumerate(values, start=1):
    ...         table.add(Judged((0, line), key=b"", value=value, text=line))
    >>> compare(*tables).flipped
    2
    """
    pairs = list(_matched(left, right))
    if not pairs:
        raise DataError(
            f"{left.sources[0]} and {right.sources[0]} have no row in common: they must hold the same completions."
        )
    found = Comparison((left, right), rows=len(pairs), only=(len(left) - len(pairs), len(right) - len(pairs)))
    _count_values(found, pairs)
    _count_verdicts(found, pairs)
    felt = _count_groups(found, pairs)
    found.telling = _telling(found, pairs, felt)
    return found


def _matched(left: Table, right: Table) -> Iterator[tuple[int, int]]:
    """Pairs of rows with the same prompt and completion; usually they stand in the same order."""
    if left is right or (left.texts == right.texts and left.prompts == right.prompts):
        yield from ((row, row) for row in range(len(left)))
        return
    there: dict[tuple[int, int], list[int]] = {}
    for row in reversed(range(len(right))):
        there.setdefault((right.prompts[row], right.texts[row]), []).append(row)
    for row in range(len(left)):
        rows = there.get((left.prompts[row], left.texts[row]))
        if rows:
            yield row, rows.pop()


def _count_values(found: Comparison, pairs: Sequence[tuple[int, int]]) -> None:
    left, right = found.tables
    silent = Counter((math.isnan(left.values[a]), math.isnan(right.values[b])) for a, b in pairs)
    found.abstained = silent[(True, False)], silent[(False, True)], silent[(True, True)]
    both = [(left.values[a], right.values[b]) for a, b in pairs]
    both = [pair for pair in both if not math.isnan(pair[0] + pair[1])]
    found.equal = sum(abs(a - b) <= EQUAL for a, b in both) + silent[(True, True)]
    if both:
        one, other = zip(*both, strict=True)
        found.means = math.fsum(one) / len(one), math.fsum(other) / len(other)
        found.pearson, found.spearman = pearson(one, other), spearman(one, other)


def _count_verdicts(found: Comparison, pairs: Sequence[tuple[int, int]]) -> None:
    left, right = found.tables
    for a, b in pairs:
        if UNKNOWN not in (left.right[a], right.right[b]):
            cell = bool(left.right[a]), bool(right.right[b])
            found.confusion[cell] = found.confusion.get(cell, 0) + 1


Felt = dict[int, tuple[float, float]]
"""The advantage of each pair, by its number, under both judges."""


def _count_groups(found: Comparison, pairs: Sequence[tuple[int, int]]) -> Felt:
    left, right = found.tables
    number = {a: at for at, (a, _) in enumerate(pairs)}
    felt: Felt = {}
    for group in left.grouped():
        there = [number[row] for row in group if row in number]
        there = [at for at in there if not math.isnan(left.values[pairs[at][0]] + right.values[pairs[at][1]])]
        if len(there) < 2:
            continue
        found.groups += 1
        one = advantages([left.values[pairs[at][0]] for at in there])
        other = advantages([right.values[pairs[at][1]] for at in there])
        felt |= zip(there, zip(one, other, strict=True), strict=True)
        signs = [(_sign(a), _sign(b)) for a, b in zip(one, other, strict=True)]
        found.flipped += sum(a * b < 0 for a, b in signs)
        found.lost += sum((a == 0) != (b == 0) for a, b in signs)
        found.winners += _best(one) != _best(other)
    return felt


def _sign(value: float) -> int:
    return (value > EQUAL) - (value < -EQUAL)


def _best(values: Sequence[float]) -> list[int]:
    return [at for at, value in enumerate(values) if value >= max(values) - EQUAL]


def _telling(found: Comparison, pairs: Sequence[tuple[int, int]], felt: Felt) -> list[Disagreement]:
    """The greatest disagreements, one for each pair of reasons before a second of the same."""
    left, right = found.tables
    spread = _deviation(left), _deviation(right)
    kinds: dict[tuple[int, int], list[tuple[float, int]]] = {}
    counts: Counter[tuple[int, int]] = Counter()
    for at, (a, b) in enumerate(pairs):
        distance = _distance(found, a, b, felt.get(at), spread)
        if distance <= EQUAL:
            continue
        kind = (left.reasons[a], right.reasons[b])
        counts[kind] += 1
        kept = kinds.setdefault(kind, [])
        kept.append((-distance, at))
        if len(kept) > 2 * TELLING:
            kept[:] = sorted(kept)[:TELLING]
    turns = [
        (turn, round(place, 1), -counts[kind], at, place)  # of those about equally far apart, the commonest kind first
        for kind, kept in kinds.items()
        for turn, (place, at) in enumerate(sorted(kept)[:TELLING])
    ]
    return [
        _disagreement(found, pairs[at], felt.get(at), -place, -count - 1)
        for _, _, count, at, place in sorted(turns)[:TELLING]
    ]


def _distance(
    found: Comparison, a: int, b: int, felt: tuple[float, float] | None, spread: tuple[float, float]
) -> float:
    """How far apart the judges are on a row, in standard deviations; opposite verdicts and a lone abstain add to it."""
    left, right = found.tables
    values = left.values[a], right.values[b]
    verdicts = left.right[a], right.right[b]
    opposite = 2.0 if UNKNOWN not in verdicts and verdicts[0] != verdicts[1] else 0.0
    silent = math.isnan(values[0]), math.isnan(values[1])
    if any(silent):
        return opposite + (1.0 if not all(silent) else 0.0)
    if felt is not None:
        return opposite + abs(felt[0] - felt[1])
    scale = max(spread) or 1.0
    return opposite + abs(values[0] - values[1]) / scale


def _deviation(table: Table) -> float:
    spoken = [value for value in table.values if not math.isnan(value)]
    if not spoken:
        return 0.0
    mean = math.fsum(spoken) / len(spoken)
    return math.sqrt(math.fsum((value - mean) ** 2 for value in spoken) / len(spoken))


def _disagreement(
    found: Comparison, rows: tuple[int, int], felt: tuple[float, float] | None, distance: float, alike: int
) -> Disagreement:
    (left, right), (a, b) = found.tables, rows
    values = tuple(None if math.isnan(value) else value for value in (left.values[a], right.values[b]))
    verdicts = tuple(None if right_ == UNKNOWN else bool(right_) for right_ in (left.right[a], right.right[b]))
    return Disagreement(
        left=a,
        right=b,
        values=(values[0], values[1]),
        advantages=felt or (None, None),
        verdicts=(verdicts[0], verdicts[1]),
        alike=alike,
        distance=round(distance, 6),
    )
