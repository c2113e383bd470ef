"""`math-equal`: does the completion's answer equal the gold, mathematically?"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from plaudit.answers import Extraction, Policy, extract
from plaudit.answers.extract import FORMATS as ENDINGS
from plaudit.builtin.grading import as_policy, gold_text, grade, restates
from plaudit.errors import UnknownNameError, nearest
from plaudit.formats import PRESETS, TURN_MARKS, Format, as_format
from plaudit.once import once
from plaudit.protocol import Sample, Score, Spec
from plaudit.rows import RowReward


@dataclass(frozen=True, kw_only=True)
class MathEqual(RowReward):
    r"""Pay 1 when the answer equals the column `answer`, 0 when it doesn't, and abstain when the gold can't be read.

    Attributes:
        format: Where the answer stands: an ending (`any`, `boxed`, `hash`, `phrase`, `last-number` …), several of them
            in order, or a format that the trainer shares, by name or as a `Format`.
        policy: What counts as equal, as the fields in which it differs from the default policy.
        score_equal: What the right answer earns.
        score_wrong: What a wrong answer earns, one that can't be read, or none.
        score_undecided: What an answer earns on which no layer of the grader can decide.

    Raises:
        UnknownNameError: No such ending or format.

    >>> reward = MathEqual()
    >>> reward(completions=["The answer is 0.5.", "not sure", "2"], answer=[r"\frac12", "2", ""])
    [1.0, 0.0, None]
    """

    format: Format | str | tuple[str, ...] = "any"
    policy: Policy | dict[str, Any] = field(default_factory=Policy)
    score_equal: float = 1.0
    score_wrong: float = 0.0
    score_undecided: float = 0.0

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "format", _ending_or_format(self.format))
        object.__setattr__(self, "policy", as_policy(self.policy))

    @once
    def spec(self) -> Spec:
        """Reads `answer`; right from `score_equal` on."""
        earned = (self.score_equal, self.score_wrong, self.score_undecided)
        accept_at = self.score_equal if self.score_equal > max(earned[1:]) else None
        return Spec("math-equal", min(earned), max(earned), reads=("answer",), accept_at=accept_at)

    def score_one(self, sample: Sample) -> Score:
        """Extract one answer and compare it."""
        gold = gold_text(sample)
        if gold is None:
            return Score(None, "the gold answer is missing or blank")
        found = self._extract(sample)
        if found.text is None:
            return Score(self.score_wrong, f"no answer found: {found.how}")
        if restates(found.text, gold, sample.prompt_text):
            return Score(self.score_wrong, "the question's own arithmetic, left undone", extracted=found.text)
        verdict = grade(found.text, gold, as_policy(self.policy))
        if not verdict.gold_readable:
            return Score(None, verdict.how, extracted=found.text)
        values = {True: self.score_equal, False: self.score_wrong, None: self.score_undecided}
        return Score(values[verdict.equal], verdict.how, extracted=found.text)

    def _extract(self, sample: Sample) -> Extraction:
        if isinstance(self.format, Format):
            parsed = sample.parse(self.format)
            return Extraction(
                "none" if parsed.solution is None else "found", parsed.solution, parsed.span, parsed.problem
            )
        return extract(_own_turn(sample.text), self.format)


def _own_turn(text: str) -> str:
    """Leave out fake turns."""
    ends = [at for mark in TURN_MARKS if (at := text.find(mark)) > 0]
    return text[: min(ends)] if ends else text


def _ending_or_format(value: Format | str | tuple[str, ...]) -> Format | str | tuple[str, ...]:
    if isinstance(value, Format):
        return value
    known = ("any", *ENDINGS)
    if isinstance(value, str) and value in PRESETS and value not in known:
        return as_format(value)
    for name in (value,) if isinstance(value, str) else value:
        if name not in known:
            raise UnknownNameError(f"No ending or format is called {name!r}. {nearest(name, {*known, *PRESETS})}")
    return value if isinstance(value, str) else tuple(value)
