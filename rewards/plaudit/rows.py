"""`RowReward`: the base for a reward with many options, as a frozen dataclass."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import get_type_hints

from plaudit.algebra import Algebra
from plaudit.failures import score_rows
from plaudit.options import check_options
from plaudit.protocol import Sample, Score


@dataclass(frozen=True, kw_only=True)
class RowReward(Algebra):
    """A reward that judges one sample at a time.

    Subclass it as a frozen, keyword-only dataclass; give `spec` and `score_one`. Options are checked when it is built.
    """

    def __post_init__(self) -> None:
        hints = get_type_hints(type(self))
        given = {item.name: getattr(self, item.name) for item in fields(self)}
        check_options(type(self).__qualname__, {name: hints[name] for name in given}, given)

    def score_one(self, sample: Sample) -> Score:
        """Judge one sample."""
        raise NotImplementedError

    def score(self, batch: Sequence[Sample], /) -> list[Score]:
        """Score row by row, under the failure policy."""
        return score_rows(self.score_one, batch, self.spec)
