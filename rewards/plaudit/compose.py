"""The algebra of rewards: weighted sum, gate, clip, first, schedule, minimum, maximum.

Every composite is a linear combination of its parts, row by row: a sum weights all of them, a gate or a minimum gives
the chosen one weight 1 and the others 0. So one law holds everywhere: the total is the exactly rounded sum
(`math.fsum`) of weight times value over the parts, and every part stays visible with its raw value. A part that
abstains adds nothing; where all abstain, so does the total.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from plaudit.composite import Composite, as_reward, at_step, chosen, joint_spec, total
from plaudit.errors import ConfigError
from plaudit.once import once
from plaudit.options import check_options
from plaudit.protocol import Part, Reward, Score, Spec
from plaudit.weighted import Term, WeightedSum

__all__ = [
    "Choice",
    "Clip",
    "Gate",
    "Schedule",
    "Term",
    "WeightedSum",
    "clip",
    "first",
    "gate",
    "maximum",
    "minimum",
    "schedule",
]


@dataclass(frozen=True)
class Gate(Composite):
    """`reward` where `on` accepts, `otherwise` elsewhere; abstains where `on` abstains."""

    reward: Reward
    on: Reward
    at_least: float
    otherwise: float | None = 0.0

    @once
    def spec(self) -> Spec:
        """Range: the reward's own, stretched to `otherwise`."""
        inner = self.reward.spec
        ends = [inner.low, inner.high] + ([] if self.otherwise is None else [self.otherwise])
        name = f"{inner.name}-if-{self.on.spec.name}"
        return joint_spec(self.children(), name, min(ends), max(ends), accept_at=inner.accept_at)

    def children(self) -> tuple[Reward, ...]:
        """The gated reward and its condition."""
        return self.reward, self.on

    def with_children(self, children: tuple[Reward, ...]) -> Gate:
        """Return the same gate around other rewards."""
        return replace(self, reward=children[0], on=children[1])

    def combine(self, rows: tuple[Score, ...]) -> Score:
        """Let the reward through, or not."""
        inner, condition = rows
        opened = condition.value is not None and condition.value >= self.at_least
        parts = [Part(self.names[0], float(opened), inner), Part(self.names[1], 0.0, condition)]
        if condition.value is None:
            return Score(None, f"{self.names[1]} abstains, so the gate does", parts=tuple(parts))
        if opened:
            return chosen(parts, 0, f"{self.names[1]} lets it through")
        parts.append(Part("otherwise", 1.0, Score(self.otherwise, f"{self.names[1]} keeps the gate shut")))
        return chosen(parts, 2, f"{self.names[1]} keeps the gate shut")


@dataclass(frozen=True)
class Clip(Composite):
    """`reward` held between two bounds."""

    reward: Reward
    low: float
    high: float

    @once
    def spec(self) -> Spec:
        """Range: the reward's own, clipped."""
        inner = self.reward.spec
        low, high = self._clip(inner.low), self._clip(inner.high)
        accept = None if inner.accept_at is None else self._clip(inner.accept_at)
        return joint_spec(self.children(), f"{inner.name}-clipped", low, high, accept_at=accept)

    def children(self) -> tuple[Reward, ...]:
        """The clipped reward."""
        return (self.reward,)

    def with_children(self, children: tuple[Reward, ...]) -> Clip:
        """Return the same bounds around another reward."""
        return replace(self, reward=children[0])

    def combine(self, rows: tuple[Score, ...]) -> Score:
        """Keep the value, or replace it by the bound that it passes."""
        (inner,) = rows
        name = self.reward.spec.name
        if inner.value is None or self._clip(inner.value) == inner.value:
            return chosen([Part(name, 1.0, inner)], 0, "within the bounds")
        bound = Part("bound", 1.0, Score(self._clip(inner.value), f"{inner.value:g} lies beyond the bound"))
        return chosen([Part(name, 0.0, inner), bound], 1, "clipped")

    def _clip(self, value: float) -> float:
        return min(max(value, self.low), self.high)


@dataclass(frozen=True)
class Schedule(Composite):
    """`reward` times a factor that moves linearly from `start` to `end` over the first training steps."""

    reward: Reward
    over_steps: int
    start: float = 0.0
    end: float = 1.0
    step: int = 0

    @property
    def factor(self) -> float:
        """The factor at the present step."""
        done = min(max(self.step / self.over_steps, 0.0), 1.0)
        return self.end if done == 1.0 else self.start + (self.end - self.start) * done

    @once
    def spec(self) -> Spec:
        """Range: all that the reward can reach while the factor moves."""
        inner = self.reward.spec
        ends = [factor * end for factor in (self.start, self.end) for end in (inner.low, inner.high)]
        return joint_spec(self.children(), f"{inner.name}-scheduled", min(ends), max(ends))

    def children(self) -> tuple[Reward, ...]:
        """The scheduled reward."""
        return (self.reward,)

    def with_children(self, children: tuple[Reward, ...]) -> Schedule:
        """Return the same schedule of another reward."""
        return replace(self, reward=children[0])

    def combine(self, rows: tuple[Score, ...]) -> Score:
        """Weigh the value by the present factor."""
        return total([Part(self.reward.spec.name, self.factor, rows[0])])

    def at(self, step: int) -> Reward:
        """Return the schedule as it stands at a training step."""
        return replace(self, reward=at_step(self.reward, step), step=step)


@dataclass(frozen=True)
class Choice(Composite):
    """One of several rewards, row by row: the `first` that doesn't abstain, the `minimum` or the `maximum`."""

    kind: str
    rewards: tuple[Reward, ...]

    @once
    def spec(self) -> Spec:
        """Range: all that any of the rewards can reach."""
        specs = [reward.spec for reward in self.rewards]
        accepts = {spec.accept_at for spec in specs}
        name = f"{self.kind}-of-" + "-".join(self.names)
        low, high = min(spec.low for spec in specs), max(spec.high for spec in specs)
        return joint_spec(self.rewards, name, low, high, accept_at=accepts.pop() if len(accepts) == 1 else None)

    def children(self) -> tuple[Reward, ...]:
        """The rewards to choose from."""
        return self.rewards

    def with_children(self, children: tuple[Reward, ...]) -> Choice:
        """Return the same choice among other rewards."""
        return replace(self, rewards=children)

    def combine(self, rows: tuple[Score, ...]) -> Score:
        """Choose among the parts that don't abstain."""
        values = {index: score.value for index, score in enumerate(rows) if score.value is not None}
        index = self._pick(values) if values else -1
        parts = tuple(Part(self.names[at], float(at == index), score) for at, score in enumerate(rows))
        if not values:
            return Score(None, "every part abstains", parts=parts)
        return chosen(parts, index, f"{self.kind}: {self.names[index]}")

    def _pick(self, values: dict[int, float]) -> int:
        if self.kind == "first":
            return min(values)
        return (min if self.kind == "minimum" else max)(values, key=lambda index: values[index])


def gate(reward: Reward, *, on: Reward, at_least: float | None = None, otherwise: float | None = 0.0) -> Gate:
    """Pay `reward` only where `on` reaches `at_least` (or else its `accept_at`); elsewhere `otherwise` (None abstains).

    Raises:
        ConfigError: `on` has no `accept_at` and no `at_least` was given.

    >>> from plaudit import load
    >>> gate(load("answer-match"), on=load("format-exact")).spec.name
    'answer-match-if-format-exact'
    """
    inner, condition = as_reward(reward), as_reward(on)
    threshold = condition.spec.accept_at if at_least is None else at_least
    if threshold is None:
        raise ConfigError(f"{condition.spec.name!r} has no value that means right, so a gate on it needs at_least=….")
    check_options(
        "gate", {"at_least": float, "otherwise": float | None}, {"at_least": threshold, "otherwise": otherwise}
    )
    return Gate(inner, condition, float(threshold), otherwise)


def clip(reward: Reward, *, low: float = -math.inf, high: float = math.inf) -> Clip:
    """Hold a reward between `low` and `high`.

    Raises:
        ConfigError: `low` exceeds `high`, or neither is given.

    >>> from plaudit import load
    >>> clip(load("answer-match"), low=0.0).spec.low
    0.0
    """
    if not low <= high or (math.isinf(low) and math.isinf(high)):
        raise ConfigError(f"clip needs a lower or an upper bound, and low <= high, not {low} and {high}.")
    return Clip(as_reward(reward), float(low), float(high))


def schedule(reward: Reward, *, over_steps: int, start: float = 0.0, end: float = 1.0, step: int = 0) -> Schedule:
    """Move the weight of a reward from `start` to `end` over the first `over_steps` training steps.

    The step comes from the trainer; offline it is `step` unless `reward.at(step)` says otherwise.

    Raises:
        ConfigError: `over_steps` is not positive, or a factor is not finite.

    >>> from plaudit import load
    >>> schedule(load("format-exact"), over_steps=100, start=1.0, end=0.0).at(25).factor
    0.75
    """
    check_options("schedule", {"over_steps": int}, {"over_steps": over_steps})
    if over_steps < 1:
        raise ConfigError(f"schedule needs over_steps of 1 or more, not {over_steps}.")
    if not (math.isfinite(start) and math.isfinite(end)):
        raise ConfigError(f"schedule needs finite factors, not {start} and {end}.")
    if step < 0:
        raise ConfigError(f"schedule needs a step of 0 or more, not {step}.")
    return Schedule(as_reward(reward), over_steps, float(start), float(end), step)


def first(*rewards: Reward) -> Choice:
    """Take the first reward that doesn't abstain."""
    return _choice("first", rewards)


def minimum(*rewards: Reward) -> Choice:
    """Take the least of the rewards that don't abstain."""
    return _choice("minimum", rewards)


def maximum(*rewards: Reward) -> Choice:
    """Take the greatest of the rewards that don't abstain."""
    return _choice("maximum", rewards)


def _choice(kind: str, rewards: tuple[Reward, ...]) -> Choice:
    if not rewards:
        raise ConfigError(f"{kind} needs at least one reward.")
    return Choice(kind, tuple(as_reward(reward) for reward in rewards))
