"""Laws 37 to 41 and 43: the arithmetic of composed rewards.

The reward under test is composed with a probe that pays for the length of the text; a reward that is itself a sum is
composed by its own class, so that a subclass which adds up wrongly is found.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle
from typing import Any

from hypothesis import strategies as st

from plaudit.composite import Composite
from plaudit.protocol import Reward, Sample, Score, Spec
from plaudit.rows import RowReward
from plaudit.testing.context import Context, Raised, same
from plaudit.testing.law import Verdict, law
from plaudit.testing.laws.batches import RANDOM
from plaudit.testing.laws.fixed import fixed_batch
from plaudit.weighted import WeightedSum


@dataclass(frozen=True, kw_only=True)
class Probe(RowReward):
    """Pays for the length of the text, and abstains on every text whose length is a multiple of `silent`.

    >>> [score.value for score in Probe(silent=3).score([Sample("ab"), Sample("abc")])]
    [0.2, None]
    """

    name: str = "probe"
    silent: int = 0

    @property
    def spec(self) -> Spec:
        """Reads no column."""
        return Spec(self.name, 0.0, 1.0)

    def score_one(self, sample: Sample) -> Score:
        """Judge the length of one completion."""
        length = len(sample.text)
        if self.silent and length % self.silent == 0:
            return Score(None, "the probe is silent")
        return Score((length % 11) / 10, "the length of the text, modulo 11, by 10")


PROBES = (Probe(), Probe(name="silent-probe", silent=3))
WEIGHTS = st.sampled_from((1.0, 0.5, 2.0, -1.0, 0.1, 3.0))


def summed(context: Context, terms: Sequence[tuple[Reward, float]]) -> Any:
    """Add rewards up, by the class of the reward under test where that is a sum."""
    plain = context.plain
    maker: Any = type(plain) if isinstance(plain, WeightedSum) else WeightedSum
    return maker.of(terms)


def parts_of(context: Context) -> list[tuple[Reward, float]]:
    """Return the terms of a sum under test, or the reward itself and the probes."""
    plain = context.plain
    own = (
        [(term.reward, term.weight) for term in plain.terms]
        if isinstance(plain, WeightedSum)
        else [(context.full, 1.0)]
    )
    return [*own, *((probe, 1.0) for probe in PROBES)]


def weighed(context: Context) -> st.SearchStrategy[list[tuple[Reward, float]]]:
    """Draw weights for the parts of a sum."""
    parts = parts_of(context)
    drawn = st.lists(WEIGHTS, min_size=len(parts), max_size=len(parts))
    return drawn.map(lambda weights: [(part, weight) for (part, _), weight in zip(parts, weights, strict=True)])


Case = tuple[list[tuple[Reward, float]], Sample]


def surely_weighed(context: Context) -> Iterator[Case]:
    """Each of the fixed completions, under weights of both signs."""
    parts = [part for part, _ in parts_of(context)]
    for weights in ((1.0, 0.5, 2.0), (-1.0, 3.0, 0.1)):
        terms = list(zip(parts, cycle(weights), strict=False))
        yield from ((terms, sample) for sample in fixed_batch(context))


def written(terms: Sequence[tuple[Reward, float]]) -> str:
    """Write a sum for a person."""
    return " + ".join(f"{weight:g} * {reward.spec.name}" for reward, weight in terms)


def _compare(context: Context, left: Any, right: Any, what: str, share: float = 0.5) -> Verdict:
    """Two ways to build a reward from the same terms must pay the same."""
    cases = st.tuples(weighed(context), context.samples())

    def broken(case: Case) -> str | None:
        terms, sample = case
        one, other = context.values([sample], left(terms))[0], context.values([sample], right(terms))[0]
        return None if same(one, other) else f"pays {one}, and {other} {what}, as {written(terms)}"

    return context.falsify(
        cases, broken, lambda case: context.shown([case[1]]), share=share, surely=surely_weighed(context)
    )


@law(
    37,
    "zero-weight",
    "A part with weight 0 changes nothing.",
    needs="composite",
    waived_by=(RANDOM,),
    explain="""To switch a part off one sets its weight to 0. It must then neither move the total, nor make the row
    abstain when it abstains itself. Tested by adding the probes with weight 0.""",
)
def zero_weight(context: Context) -> Verdict:
    """Law 37."""

    def without(terms: list[tuple[Reward, float]]) -> Any:
        return summed(context, terms[: -len(PROBES)])

    def off(terms: list[tuple[Reward, float]]) -> Any:
        return summed(context, [*terms[: -len(PROBES)], *((probe, 0.0) for probe in PROBES)])

    return _compare(context, without, off, "with two more parts of weight 0")


@law(
    38,
    "order-free",
    "Reordering the parts of a sum changes no total.",
    needs="composite",
    waived_by=(RANDOM,),
    explain="""Addition of floats depends on the order, so totals must be rounded once, exactly (math.fsum). Tested
    by adding the parts up backwards.""",
)
def order_free(context: Context) -> Verdict:
    """Law 38."""
    return _compare(
        context,
        lambda terms: summed(context, terms),
        lambda terms: summed(context, terms[::-1]),
        "with its parts in reverse order",
    )


@law(
    39,
    "linear",
    "A total is the weighted sum of its parts.",
    needs="composite",
    waived_by=(RANDOM,),
    explain="""No part is counted twice, none is left out, and no weight is normalised behind the user's back.
    Tested by scoring each part alone and adding up by hand.""",
)
def linear(context: Context) -> Verdict:
    """Law 39."""
    cases = st.tuples(weighed(context), context.samples())

    def broken(case: Case) -> str | None:
        terms, sample = case
        alone = [(weight, context.values([sample], reward)[0]) for reward, weight in terms]
        spoken = [weight * value for weight, value in alone if isinstance(value, (int, float))]
        wanted = math.fsum(spoken) if spoken else None
        total = context.values([sample], summed(context, terms))[0]
        return None if same(total, wanted) else f"pays {total} as {written(terms)}; its parts alone add up to {wanted}"

    return context.falsify(
        cases, broken, lambda case: context.shown([case[1]]), share=0.5, surely=surely_weighed(context)
    )


@law(
    40,
    "flatten",
    "A sum of sums pays the same as one flat sum.",
    needs="composite",
    waived_by=(RANDOM,),
    explain="""Recipes include recipes. Brackets must not matter, nor must a part that occurs in both count twice.
    Tested with one pair of brackets around the first parts, and around the last.""",
)
def flatten(context: Context) -> Verdict:
    """Law 40."""

    def nested(terms: list[tuple[Reward, float]]) -> Any:
        return summed(context, [(summed(context, terms[:-1]), 1.0), (summed(context, terms[-1:]), 1.0)])

    return _compare(context, lambda terms: summed(context, terms), nested, "with brackets")


@law(
    41,
    "range-algebra",
    "The computed range of a composition contains every total.",
    needs="composite",
    explain="""Clips, plots and gates of what is built on top rely on it. A negative weight turns a range around,
    and a part that abstains adds nothing. Tested on sums with drawn weights, and on the composite itself.""",
)
def range_algebra(context: Context) -> Verdict:
    """Law 41."""
    cases = st.tuples(weighed(context), context.samples())

    def broken(case: Case) -> str | None:
        terms, sample = case
        for reward in (context.full, summed(context, terms)):
            value, spec = context.values([sample], reward)[0], reward.spec
            if isinstance(value, (int, float)) and not spec.low - 1e-9 <= value <= spec.high + 1e-9:
                return f"pays {value} outside the computed range {spec.low:g} to {spec.high:g} of {spec.name}"
        return None

    return context.falsify(
        cases, broken, lambda case: context.shown([case[1]]), share=0.5, surely=surely_weighed(context)
    )


@law(
    43,
    "breakdown",
    "The parts of a score add up to its value, exactly.",
    needs="composite",
    explain="""The breakdown is what a person reads to understand the total. If it doesn't add up, it explains
    something else. Tested on every score that has parts, of the reward and of sums with it: the value equals
    math.fsum of weight times value.""",
)
def breakdown(context: Context) -> Verdict:
    """Law 43."""
    cases = st.tuples(weighed(context), context.samples())

    def broken(case: Case) -> str | None:
        terms, sample = case
        for reward in (context.plain, summed(context, terms)):
            score = _score(reward, sample)
            problem = None if score is None else _uneven(score, composite=isinstance(reward, Composite))
            if problem:
                return f"{problem}, as {written(terms)}" if reward is not context.plain else problem
        return None

    return context.falsify(
        cases, broken, lambda case: context.shown([case[1]]), share=0.5, surely=surely_weighed(context)
    )


def _score(reward: Any, sample: Sample) -> Score | None:
    try:
        found = reward.score([sample])[0]
    except Exception:  # noqa: BLE001 - the law `total` judges what a reward raises
        return None
    return found if isinstance(found, Score) else None


def _uneven(score: Score, *, composite: bool) -> str | None:
    if not score.parts:
        return "is composed, and its score shows no parts" if composite and score.value is not None else None
    contributions = [part.contribution for part in score.parts]
    spoken = any(part.value is not None and part.weight != 0 for part in score.parts)
    if score.value is None:
        return (
            f"abstains though its parts add up to {math.fsum(contributions)}" if spoken and any(contributions) else None
        )
    if math.fsum(contributions) != score.value:
        return f"pays {score.value}, and its parts add up to {math.fsum(contributions)}"
    return next((said for part in score.parts if (said := _uneven(part.score, composite=False))), None)


def outcome_is_number(value: Any) -> bool:
    """It neither abstains nor raises."""
    return not isinstance(value, Raised) and value is not None
