"""Compositions that add up wrongly."""

import math
from dataclasses import dataclass, replace

from zoo_parts import animal, right, rowwise, slip

from plaudit import Score, Spec, load
from plaudit.algebra import Split
from plaudit.compose import Gate
from plaudit.protocol import Part
from plaudit.rows import RowReward
from plaudit.weighted import WeightedSum


class AbstainsWithAny(WeightedSum):
    """Abstains when any part does, even one with weight 0."""

    def combine(self, rows):
        total = super().combine(rows)
        return replace(total, value=None) if any(row.value is None for row in rows) else total


class DecaysByPlace(WeightedSum):
    """Gives later parts less."""

    def combine(self, rows):
        return super().combine(
            tuple(
                replace(row, value=None if row.value is None else row.value / (1 + at)) for at, row in enumerate(rows)
            )
        )


class Normalised(WeightedSum):
    """Divides by the sum of the weights."""

    def combine(self, rows):
        total = super().combine(rows)
        size = sum(abs(term.weight) for term in self.terms) or 1.0
        return replace(total, value=None if total.value is None else total.value / size)


class Averages(WeightedSum):
    """Takes brackets for parts of their own."""

    @classmethod
    def of(cls, terms, name=""):
        inner = [
            (
                reward.named(f"part-{at}") if isinstance(reward, Averages) else reward,
                weight / 2 if isinstance(reward, Averages) else weight,
            )
            for at, (reward, weight) in enumerate(terms)
        ]
        return super().of(inner, name)


class RangeOfHighs(WeightedSum):
    """Forgets that a negative weight turns a range around."""

    @property
    def spec(self):
        return replace(super().spec, low=0.0, high=max(1e-6, math.fsum(max(0.0, term.weight) for term in self.terms)))


class RoundsTheTotal(WeightedSum):
    """Shows parts that don't add up to what it pays."""

    def combine(self, rows):
        total = super().combine(rows)
        return replace(total, value=None if total.value is None else round(total.value, 0) + 0.0)


class HidesParts(WeightedSum):
    """Shows no parts."""

    def combine(self, rows):
        return replace(super().combine(rows), parts=())


class SwallowsErrors(WeightedSum):
    """Takes an abstaining part for zero, and forgets that it failed."""

    def combine(self, rows):
        return super().combine(tuple(Score(0.0, "") if row.value is None else row for row in rows))


class Leaks(Gate):
    """Lets half of the reward through a shut gate."""

    def combine(self, rows):
        inner, condition = rows
        score = super().combine(rows)
        if condition.value is None or condition.value >= self.at_least or inner.value is None:
            return score
        return Score(
            inner.value / 2, "half", parts=(Part(self.names[0], 0.5, inner), Part(self.names[1], 0.0, condition))
        )


class SplitsTwice(WeightedSum):
    """Gives the trainer weights for functions that are weighted already."""

    def split(self):
        return Split([term.weight * term.reward for term in self.terms], [term.weight for term in self.terms])

    def __mul__(self, factor):
        return SplitsTwice.of([(self, float(factor))])

    __rmul__ = __mul__


@dataclass(frozen=True, kw_only=True)
class Clamped(RowReward):
    """Stays within 0 and 1 whatever it is multiplied with."""

    spec = Spec("clamped", 0.0, 1.0, ("answer",), 1.0)

    def score_one(self, sample):
        return Score(right(sample))

    def __mul__(self, factor):
        return load("answer-match", format="boxed") * factor

    __rmul__ = __mul__


@dataclass(frozen=True, kw_only=True)
class ReadsListsAsText(RowReward):
    """Judges messages by what str() makes of them when a trainer calls."""

    spec = Spec("reads-lists-as-text", 0.0, 1.0, ("answer",), 1.0)

    def score_one(self, sample):
        return Score(right(sample))

    def __call__(self, prompts=None, completions=None, **columns):
        return super().__call__(prompts, [str(completion)[:60] for completion in completions], **columns)


JUDGE = rowwise(right)
MATCH = load("answer-match", format="boxed")
SHAPE = load("format-exact", format="boxed")

animal(
    "abstains-with-any",
    "zero-weight",
    "abstains when a part with weight 0 does",
    AbstainsWithAny.of([(MATCH, 1.0), (SHAPE, 0.5)]),
)
animal("decays-by-place", "order-free", "gives later parts less", DecaysByPlace.of([(MATCH, 1.0), (SHAPE, 0.5)]))
animal("normalised", "linear", "divides by the sum of the weights", Normalised.of([(MATCH, 1.0), (SHAPE, 0.5)]))
animal("averages", "flatten", "halves what stands in brackets", Averages.of([(MATCH, 1.0), (SHAPE, 0.5)]))
animal(
    "range-of-highs",
    "range-algebra",
    "forgets negative weights in its range",
    RangeOfHighs.of([(MATCH, 1.0), (SHAPE, 0.5)]),
)
animal(
    "rounds-the-total",
    "breakdown",
    "rounds the total behind its parts",
    RoundsTheTotal.of([(MATCH, 0.3), (SHAPE, 0.1)]),
)
animal("hides-parts", "breakdown", "shows no parts", HidesParts.of([(MATCH, 1.0), (SHAPE, 0.5)]))
animal(
    "swallows-errors",
    "failure-policy",
    "takes a part that raised for zero",
    SwallowsErrors.of([(MATCH, 1.0), (SHAPE, 0.5)]),
)
animal("leaky-gate", "gate", "lets half through a shut gate", Leaks(MATCH, SHAPE, 3.0, 0.0))
animal(
    "splits-twice",
    "weight-once",
    "applies its weights in the trainer again",
    SplitsTwice.of([(MATCH, 2.0), (SHAPE, 0.5)]),
)
animal("clamped", "affine", "pays otherwise once it has a weight", Clamped())
animal("reads-lists-as-text", "adapter", "cuts messages off when a trainer calls", ReadsListsAsText())


@slip("dominance", "lets length outweigh being right", high=3.0, accept_at=None)
def style_over_truth(sample):
    value = right(sample)
    return None if value is None else value + min(2.0, len(sample.text) / 500)


@slip("group-signal", "has its sign wrong", low=-1.0, high=0.0, accept_at=None)
def upside_down(sample):
    value = right(sample)
    return None if value is None else -value
