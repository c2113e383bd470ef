"""Before and after, as rows: what `summary.json` says, ready for a terminal or a page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from plaudit.report.lines import finite

EVALUATIONS = {"before": "before", "after_sft": "after SFT", "after_grpo": "after GRPO"}
"""The keys of a summary's evaluations, in order, as a person calls them."""

_ROWS = {
    "sampled_reward": "reward, sampled",
    "greedy_reward": "reward, greedy",
    "sampled_accuracy": "accuracy, sampled",
    "greedy_accuracy": "accuracy, greedy",
    "sampled_format": "format right, sampled",
    "greedy_format": "format right, greedy",
}

_SEVERAL = {"pass_at": "pass@{}, sampled", "majority_at": "majority@{}, sampled"}


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the before/after table.

    Attributes:
        label: What is measured.
        cells: The value at each evaluation; None where there is none.
        part: Whether this is the mean of one part of the reward, over the sampled completions.
        share: Whether the values are shares between 0 and 1, shown as percent.
        intervals: The ends of the 95 % interval at each evaluation; None where it isn't known.
        changes: The ends of the 95 % interval of the change between two columns, paired by problem.
    """

    label: str
    cells: tuple[float | None, ...]
    share: bool = False
    part: bool = False
    intervals: tuple[tuple[float, float] | None, ...] = ()
    changes: Mapping[tuple[int, int], tuple[float, float]] = field(default_factory=dict)

    @property
    def delta(self) -> float | None:
        """The last evaluation that is there minus the first; None with fewer than two."""
        there = [cell for cell in self.cells if cell is not None]
        return there[-1] - there[0] if len(there) > 1 else None

    def shown(self) -> list[str]:
        """Return the cells as text; `–` where there is no value."""
        return ["–" if cell is None else f"{100 * cell:.1f} %" if self.share else plain(cell) for cell in self.cells]

    def shown_intervals(self) -> list[str]:
        """Return the 95 % intervals as text, without their unit; empty where none is known.

        >>> Row("accuracy", (0.5,), share=True, intervals=((0.404, 0.596),)).shown_intervals()
        ['40.4 to 59.6']
        """
        scale = 100 if self.share else 1
        digits = 1 if self.share else 2
        return [
            " to ".join(f"{scale * end:.{digits}f}".replace("-", "−") for end in ends) if ends else ""
            for ends in self.intervals
        ]

    def shown_delta(self) -> str:
        """Return the change with its sign; shares in percentage points."""
        if self.delta is None:
            return "–"
        return signed(100 * self.delta, 1) + " pp" if self.share else signed(self.delta, 2)

    def direction(self) -> str:
        """`up`, `down` or `same`, by what is shown: a change that rounds to zero is none."""
        return {"+": "up", "−": "down"}.get(self.shown_delta()[:1], "same")

    def shown_change(self) -> str:
        """Return the 95 % interval of the change, paired by problem, in percentage points; empty where it isn't known.

        >>> Row("accuracy", (0.2, 0.3), share=True, changes={(0, 1): (0.04, 0.16)}).shown_change()
        '+4.0 to +16.0'
        """
        there = [at for at, cell in enumerate(self.cells) if cell is not None]
        ends = self.changes.get((there[0], there[-1])) if len(there) > 1 else None
        return " to ".join(signed(100 * end, 1) for end in ends) if ends else ""


def signed(number: float, digits: int) -> str:
    """Write a number with its sign, a real minus, and no negative zero.

    >>> signed(-0.001, 2), signed(3, 1), signed(-2, 1)
    ('0.00', '+3.0', '−2.0')
    """
    text = f"{number:+.{digits}f}"
    if float(text) == 0:
        return text[1:]
    return text.replace("-", "−")


def plain(number: float | None) -> str:
    """Write a number with two digits and a real minus; `–` where there is none.

    >>> plain(-1.5), plain(None)
    ('−1.50', '–')
    """
    return "–" if number is None else f"{number:.2f}".replace("-", "−")


def evaluations(summary: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """Return the evaluations that a summary holds, in order.

    >>> list(evaluations({"after_grpo": {"problems": 8}, "before": {"problems": 8}, "seed": 0}))
    ['before', 'after_grpo']
    """
    return {key: summary[key] for key in EVALUATIONS if isinstance(summary.get(key), Mapping)}


def rows(summary: Mapping[str, Any]) -> list[Row]:
    """Return one row per measure that any evaluation has, then one per part of the reward.

    >>> rows({"before": {"sampled_reward": 4.0}, "after_grpo": {"sampled_reward": 11.0}})[0].delta
    7.0
    """
    there = evaluations(summary)
    found = list(there.values())
    table = [
        Row(
            label,
            tuple(finite(each.get(key)) for each in found),
            share=not key.endswith("reward"),
            intervals=tuple(_interval(each.get("intervals"), key) for each in found),
            changes=_changes(summary.get("comparisons"), list(there), key),
        )
        for key, label in _ROWS.items()
    ]
    table += [row for key, label in _SEVERAL.items() for row in _several(found, key, label)]
    parts = [each["parts"] if isinstance(each.get("parts"), Mapping) else {} for each in found]
    names = dict.fromkeys(name for each in parts for name in each)
    table += [Row(name, tuple(finite(each.get(name)) for each in parts), part=True) for name in names]
    return [row for row in table if any(cell is not None for cell in row.cells)]


def _several(found: list[Mapping[str, Any]], key: str, label: str) -> list[Row]:
    """The row for the most samples that every evaluation has; none where they have none in common."""
    sides = [each[key] if isinstance(each.get(key), Mapping) else {} for each in found]
    common = [name for name in (sides[0] if sides else {}) if name.isdigit() and all(name in side for side in sides)]
    most = max((int(name) for name in common), default=1)
    if most < 2:
        return []
    facts = [side[str(most)] if isinstance(side[str(most)], Mapping) else {} for side in sides]
    cells = tuple(finite(each.get("value")) for each in facts)
    ends = tuple(_ends(each.get("low"), each.get("high")) for each in facts)
    return [Row(label.format(most), cells, share=True, intervals=ends)]


def _changes(compared: Any, columns: list[str], key: str) -> dict[tuple[int, int], tuple[float, float]]:
    """The paired intervals of one measure, by the places of the two columns that are compared."""
    mode, _, measure = key.partition("_")
    found = {}
    for pair in compared if isinstance(compared, list) and measure == "accuracy" else []:
        facts = pair.get(mode) if isinstance(pair, Mapping) else None
        ends = _ends(facts.get("low"), facts.get("high")) if isinstance(facts, Mapping) else None
        names = (pair["from"], pair["to"]) if ends and {"from", "to"} <= pair.keys() else ()
        if ends and names and all(name in columns for name in names):
            found[columns.index(names[0]), columns.index(names[1])] = ends
    return found


def _interval(intervals: Any, key: str) -> tuple[float, float] | None:
    ends = intervals.get(key) if isinstance(intervals, Mapping) else None
    return _ends(*ends) if isinstance(ends, list) and len(ends) == 2 else None


def _ends(low: Any, high: Any) -> tuple[float, float] | None:
    lower, upper = finite(low), finite(high)
    return None if lower is None or upper is None else (lower, upper)
