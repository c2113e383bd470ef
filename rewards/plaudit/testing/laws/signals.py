"""Laws 42 and 44 to 47: gates, failures, and what an optimiser sees of a group."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from statistics import fmean, pstdev
from typing import Any

from hypothesis import strategies as st

from plaudit.compose import Gate
from plaudit.errors import RewardError
from plaudit.failures import has_failed, strictly
from plaudit.protocol import Sample, Score, Spec
from plaudit.rows import RowReward
from plaudit.testing.context import Context, same
from plaudit.testing.law import NotApplicableError, Verdict, law
from plaudit.testing.laws.batches import RANDOM
from plaudit.testing.laws.fixed import fixed_batch
from plaudit.testing.laws.sums import Probe, outcome_is_number, parts_of, summed
from plaudit.testing.results import Counterexample
from plaudit.testing.strategies import NEUTRAL
from plaudit.testing.tasks import Task


@dataclass(frozen=True, kw_only=True)
class Bomb(RowReward):
    """A part that raises on every text of odd length."""

    @property
    def spec(self) -> Spec:
        """Reads no column."""
        return Spec("bomb", 0.0, 1.0)

    def score_one(self, sample: Sample) -> Score:
        """Raise, or pay nothing."""
        if len(sample.text) % 2:
            raise ZeroDivisionError("the bomb went off")
        return Score(0.0, "no bomb")


@law(
    42,
    "gate",
    "Where a gate is shut, nothing of the gated reward is paid.",
    needs="composite",
    waived_by=(RANDOM,),
    explain="""A gate makes one thing a condition of another: no pay for the right answer in the wrong shape. If
    something leaks through, the condition is none. Tested by gating the reward on a probe; a gate under test is
    tested as it stands.""",
)
def gate(context: Context) -> Verdict:
    """Law 42."""
    plain = context.plain
    tested: Any = plain if isinstance(plain, Gate) else Gate(context.full, Probe(), 0.5, 0.0)

    def broken(sample: Sample) -> str | None:
        condition = context.values([sample], tested.on)[0]
        value = context.values([sample], tested)[0]
        inner = context.values([sample], tested.reward)[0]
        if not outcome_is_number(condition):
            return None if value is None else f"pays {value} where the condition abstains"
        wanted = inner if condition >= tested.at_least else tested.otherwise
        if same(value, wanted) or (value is None and not outcome_is_number(wanted)):
            return None
        state = "open" if condition >= tested.at_least else "shut"
        return f"pays {value} where the gate is {state} (condition {condition}), not {wanted}"

    surely = fixed_batch(context)
    return context.falsify(context.samples(), broken, lambda sample: context.shown([sample]), surely=surely)


@law(
    44,
    "failure-policy",
    "A sum abstains where a part raises, and reports it; in strict mode it raises; it never becomes a number.",
    needs="composite",
    waived_by=(RANDOM,),
    explain="""An exception that turns into 0.0 is a training signal that nobody meant, and nobody sees. Tested by
    adding a part that raises on every other text: the total abstains there, lest a crashed penalty pay its row, the
    failure shows in the breakdown, and strict mode raises.""",
)
def failure_policy(context: Context) -> Verdict:
    """Law 44."""
    bomb = Bomb()
    others = parts_of(context)
    whole = summed(context, [*others, (bomb, 1.0)])

    def broken(sample: Sample) -> str | None:
        if len(sample.text) % 2 == 0:
            return None
        value = context.values([sample], whole)[0]
        if outcome_is_number(value):
            return f"pays {value} where one part of the sum raises"
        if not has_failed(whole.score([sample])[0]):
            return "hides that one of its parts raised"
        try:
            with strictly():
                whole.score([sample])
        except RewardError:
            return None
        return "does not raise in strict mode when a part does"

    surely = fixed_batch(context)
    return context.falsify(context.samples(), broken, lambda sample: context.shown([sample]), share=0.5, surely=surely)


@law(
    45,
    "dominance",
    "The worst right answer earns more than the best wrong one, whatever the reasoning around them.",
    needs="tasks",
    waived_by=(RANDOM,),
    explain="""Terms for length, style or shape help until together they outweigh being right; from then on the
    model learns style. Tested on well-formed completions: every right against every wrong answer, each behind
    reasoning of another length and wording.""",
)
def dominance(context: Context) -> Verdict:
    """Law 45."""
    tasks = [task for task in context.need_gold() if task.wrong]
    if not tasks:
        raise NotApplicableError("needs tasks with wrong answers")
    long = " ".join(NEUTRAL * 40)
    reasoning = st.sampled_from((*NEUTRAL, long))
    cases = st.sampled_from(tasks).flatmap(
        lambda task: st.tuples(
            st.just(task), st.sampled_from(task.right), reasoning, st.sampled_from(task.wrong), reasoning
        )
    )

    def pair(case: tuple[Task, str, str, str, str]) -> list[Sample]:
        task, right, before, wrong, other = case
        return [task.sample(right, before), task.sample(wrong, other)]

    def broken(case: tuple[Task, str, str, str, str]) -> str | None:
        right, wrong = context.values(pair(case))
        if not outcome_is_number(right) or not outcome_is_number(wrong) or right > wrong:
            return None
        return f"pays {right} for the right answer {case[1]!r} and {wrong} for the wrong one {case[3]!r}"

    surely = (
        (task, right, before, wrong, other)
        for task in tasks
        for right, wrong in product(task.right, task.wrong)
        for before, other in (("", long), (long, ""))
    )
    return context.falsify(cases, broken, lambda case: context.shown(pair(case)), surely=surely)


def group_of(task: Task) -> list[Sample]:
    """Return a mixed group: a right answer and the wrong ones, to one prompt."""
    return [task.sample(task.right[0]), *(task.sample(answer) for answer in task.wrong[:3])]


def advantages(values: Sequence[float]) -> list[float]:
    """Return GRPO's advantages of one group: value minus mean, by the standard deviation.

    >>> advantages([1.0, 0.0])
    [1.0, -1.0]
    """
    middle, spread = fmean(values), pstdev(values)
    return [(value - middle) / spread if spread > 0 else 0.0 for value in values]


def _groups(context: Context) -> list[tuple[Task, list[float]]]:
    found = []
    for task in context.need_gold():
        values = context.values(group_of(task))
        if len(values) > 1 and all(map(outcome_is_number, values)):
            found.append((task, values))
    if not found:
        raise NotApplicableError("needs a task on whose answers the reward doesn't abstain")
    return found


@law(
    46,
    "group-signal",
    "In a group with right and wrong answers the right one has the greatest advantage.",
    needs="tasks",
    explain="""GRPO learns from differences within a group. No spread, no gradient; the wrong order, the wrong
    lesson. Tested on the groups that the tasks make: one right answer and up to three wrong ones.""",
)
def group_signal(context: Context) -> Verdict:
    """Law 46."""
    for task, values in _groups(context):
        gained = advantages(values)
        if pstdev(values) == 0:
            return Counterexample(
                f"pays {values[0]} for right and wrong answers of one group alike", context.shown(group_of(task))
            )
        if gained[0] <= max(gained[1:]):
            return Counterexample(
                f"gives a wrong answer the greatest advantage: it pays {values}", context.shown(group_of(task))
            )
    return None


@law(
    47,
    "affine",
    "Multiplying a reward by a positive number, and adding a constant, leaves the advantages as they are.",
    needs="tasks",
    waived_by=(RANDOM,),
    explain="""Normalised advantages don't depend on the unit of the reward. Where they do, weights are applied
    twice, or values are clipped or rounded on the way. Tested with 0.5 and 3 times the reward, plus a part that
    pays a constant.""",
)
def affine(context: Context) -> Verdict:
    """Law 47."""
    constant = Constant()
    for task, values in _groups(context):
        for factor in (0.5, 3.0):
            moved = context.values(group_of(task), factor * context.full + constant)
            pairs = zip(advantages(values), advantages(moved), strict=True)
            if not all(math.isclose(one, other, abs_tol=1e-6) for one, other in pairs):
                return Counterexample(
                    f"pays {values}, and {moved} once multiplied by {factor:g} plus 1", context.shown(group_of(task))
                )
    return None


@dataclass(frozen=True, kw_only=True)
class Constant(RowReward):
    """Pays 1 for everything."""

    @property
    def spec(self) -> Spec:
        """Reads no column."""
        return Spec("constant", 1.0, 1.0)

    def score_one(self, sample: Sample) -> Score:  # noqa: ARG002 - constant by intention
        """Pay 1."""
        return Score(1.0, "always")
