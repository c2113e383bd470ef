"""`answer-match`: is the solution the gold answer, or near it?"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache
from typing import Any, Literal

from plaudit.answers import Policy
from plaudit.builtin.grading import as_policy, gold_text, grade, number_of, restates
from plaudit.errors import ConfigError
from plaudit.formats import Format, as_format
from plaudit.once import once
from plaudit.protocol import Sample, Score, Spec
from plaudit.rows import RowReward


@dataclass(frozen=True, kw_only=True)
class AnswerMatch(RowReward):
    """Pay for the solution of a completion in exact shape, by how it compares with the column `answer`.

    Semantics follow `check_answer` of Unsloth's Qwen3-4B GRPO notebook, with exact numbers instead of floats. Abstains
    where the gold is missing or blank, and, by mathematics, where it can't be read.

    Attributes:
        format: The format, by name or as a `Format`.
        by: What earns `score_equal` besides the identical text: nothing (`text`), the same number (`number`), or an
            answer that is mathematically equal (`math`).
        policy: What counts as equal by mathematics, as the fields in which it differs from the default policy.
        near: How far from 1 the ratio to the gold may be, inclusive, for `score_near`.
        far: The same for `score_far`; at least `near`.
        score_equal: Identical to the gold, or equal to it in the sense of `by`.
        score_stripped: Identical after stripping white space.
        score_near: A number whose ratio to the gold is within `near`.
        score_far: A number whose ratio to the gold is within `far`.
        score_wrong: Another number.
        score_not_number: Not the gold, and not a number.
        score_missing: No solution found.

    Raises:
        ConfigError: `near` or `far` out of order.

    >>> AnswerMatch().score([Sample("<end_working_out><SOLUTION>4.2</SOLUTION>", columns={"answer": "4"})])[0].value
    2.0
    """

    format: Format | str = "unsloth"
    by: Literal["text", "number", "math"] = "text"
    policy: Policy | dict[str, Any] = field(default_factory=Policy)
    near: float = 0.1
    far: float = 0.2
    score_equal: float = 5.0
    score_stripped: float = 3.5
    score_near: float = 2.0
    score_far: float = 1.5
    score_wrong: float = -2.5
    score_not_number: float = -4.5
    score_missing: float = -2.0

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "format", as_format(self.format))
        object.__setattr__(self, "policy", as_policy(self.policy))
        if not 0 <= self.near <= self.far < 1:
            raise ConfigError(f"answer-match needs 0 <= near <= far < 1, not near={self.near} and far={self.far}.")

    @once
    def spec(self) -> Spec:
        """Reads `answer`; right from `score_stripped` on."""
        earned = (
            self.score_equal,
            self.score_stripped,
            self.score_near,
            self.score_far,
            self.score_wrong,
            self.score_not_number,
            self.score_missing,
        )
        right = min(self.score_equal, self.score_stripped)
        accept_at = right if right > max(earned[2:]) else None
        return Spec("answer-match", min(earned), max(earned), reads=("answer",), accept_at=accept_at)

    def score_one(self, sample: Sample) -> Score:
        """Compare the solution of one completion with its gold."""
        gold = gold_text(sample)
        if gold is None:
            return Score(None, "the gold answer is missing or blank")
        parsed = sample.parse(as_format(self.format))
        if not parsed.exact or parsed.solution is None:
            return Score(self.score_missing, f"no solution found: {parsed.problem}")
        if restates(parsed.solution, gold, sample.prompt_text):
            return Score(self.score_not_number, "the question's own arithmetic, left undone", extracted=parsed.solution)
        value, reason = self._compare(parsed.solution, gold)
        return Score(value, reason, extracted=parsed.solution)

    def _compare(self, solution: str, gold: str) -> tuple[float | None, str]:
        if solution == gold:
            return self.score_equal, "identical to the gold"
        if self.by == "math":
            verdict = grade(solution, gold, as_policy(self.policy))
            if verdict.equal or not verdict.gold_readable:
                return (self.score_equal if verdict.equal else None), verdict.how
            if verdict.equal is None:
                return self.score_wrong, verdict.how
        if solution.strip() == gold.strip():
            return self.score_stripped, "identical to the gold but for white space around it"
        return self._compare_numbers(number_of(solution), number_of(gold))

    def _compare_numbers(self, given: Fraction | None, wanted: Fraction | None) -> tuple[float, str]:
        if given is None:
            return self.score_not_number, "neither the gold nor a number"
        if wanted is None:
            return self.score_wrong, "a number, and the gold is none"
        if self.by != "text" and given == wanted:
            return self.score_equal, "the gold number"
        off = _relative_error(given, wanted)
        if off is None or off > _exact(self.far):
            return self.score_wrong, "another number"
        if off > _exact(self.near):
            return self.score_far, f"a number within {self.far:.0%} of the gold"
        return self.score_near, f"a number within {self.near:.0%} of the gold"


def _relative_error(given: Fraction, wanted: Fraction) -> Fraction | None:
    """How far the ratio is from 1; None where the gold is 0 and the number is not."""
    if wanted == 0:
        return Fraction(0) if given == 0 else None
    return abs(given / wanted - 1)


@lru_cache(maxsize=64)
def _exact(bound: float) -> Fraction:
    """A bound as written: 0.1 means one tenth, not the double nearest to it."""
    return Fraction(repr(float(bound)))
