"""`numeric-tolerance`: is the number of the solution the gold, within a tolerance?"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from plaudit.answers import doubt, first_number, number
from plaudit.builtin.grading import gold_text
from plaudit.errors import ConfigError
from plaudit.formats import Format, as_format
from plaudit.once import once
from plaudit.protocol import Sample, Score, Spec
from plaudit.rows import RowReward


@dataclass(frozen=True, kw_only=True)
class NumericTolerance(RowReward):
    """Pay when the one number of the solution equals the column `answer` within `rel` or `abs`, bounds included.

    Semantics follow `check_numbers` of Unsloth's Qwen3-4B GRPO notebook, with exact numbers instead of floats.
    Words may stand around the number; a second number, a denial or an operator makes it a wrong one. Abstains where the
    gold is not a number.

    Attributes:
        format: The format, by name or as a `Format`.
        rel: The error allowed, relative to the gold.
        abs: The error allowed, absolute.
        score_equal: A number within either tolerance.
        score_wrong: Another number.
        score_missing: No solution, or no number in it.

    Raises:
        ConfigError: A negative tolerance.

    >>> sample = Sample("<SOLUTION>about 1,005 km</SOLUTION>", columns={"answer": 1000})
    >>> NumericTolerance(rel=0.01).score([sample])[0].value
    3.5
    """

    format: Format | str = "unsloth"
    rel: float = 0.0
    abs: float = 0.0
    score_equal: float = 3.5
    score_wrong: float = -1.5
    score_missing: float = -2.5

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "format", as_format(self.format))
        if self.rel < 0 or self.abs < 0:
            raise ConfigError(f"numeric-tolerance needs rel and abs of 0 or more, not {self.rel} and {self.abs}.")

    @once
    def spec(self) -> Spec:
        """Reads `answer`; right from `score_equal` on."""
        earned = (self.score_equal, self.score_wrong, self.score_missing)
        accept_at = self.score_equal if self.score_equal > max(earned[1:]) else None
        return Spec("numeric-tolerance", min(earned), max(earned), reads=("answer",), accept_at=accept_at)

    def score_one(self, sample: Sample) -> Score:
        """Compare the number of one solution with its gold."""
        gold = gold_text(sample)
        wanted = None if gold is None else number(gold)
        if wanted is None:
            return Score(None, "the gold answer is not a number")
        solution = sample.parse(as_format(self.format)).solution
        given = None if solution is None else first_number(solution)
        if solution is None or given is None:
            return Score(self.score_missing, "no number in the solution", extracted=solution)
        if unclear := doubt(solution):
            return Score(self.score_wrong, unclear, extracted=solution)
        if self._within(given, wanted):
            return Score(self.score_equal, "the gold number", extracted=solution)
        return Score(self.score_wrong, "another number", extracted=solution)

    def _within(self, given: Fraction, wanted: Fraction) -> bool:
        if given == wanted or not (self.rel or self.abs):  # arithmetic with fractions is slow
            return given == wanted
        rel, absolute = self._tolerances
        return abs(given - wanted) <= max(absolute, rel * abs(wanted))

    @once
    def _tolerances(self) -> tuple[Fraction, Fraction]:
        """Relative and absolute, as written: 0.1 is a tenth."""
        return Fraction(repr(float(self.rel))), Fraction(repr(float(self.abs)))
