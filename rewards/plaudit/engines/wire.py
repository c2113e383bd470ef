"""Scores as plain tuples, on their way between processes: several times cheaper than pickled objects."""

from __future__ import annotations

from typing import Any

from plaudit.protocol import Part, Score

Wire = tuple[float | None, str, str | None, tuple[tuple[str, float, Any], ...]]
"""Value, reason, extracted, and for each part its name, weight and score in the same form."""


def to_wire(score: Score) -> Wire:
    """Write a score as plain tuples.

    >>> to_wire(Score(1.0, "equal", extracted="4"))
    (1.0, 'equal', '4', ())
    """
    parts = tuple([(part.name, part.weight, to_wire(part.score)) for part in score.parts])
    return score.value, score.reason, score.extracted, parts


def from_wire(wire: Wire) -> Score:
    """Read a score written by `to_wire`.

    Raises:
        RewardError: A value is no finite number.

    >>> from_wire((1.0, "equal", "4", ())) == Score(1.0, "equal", extracted="4")
    True
    """
    value, reason, extracted, parts = wire
    return Score(
        value, reason, extracted, tuple([Part(name, weight, from_wire(inner)) for name, weight, inner in parts])
    )
