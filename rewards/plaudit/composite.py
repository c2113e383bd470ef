"""What all composite rewards share: children computed once, names made unique, totals that equal their parts."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from plaudit.algebra import Algebra
from plaudit.errors import ConfigError
from plaudit.failures import FAILED, require_columns, score_reward
from plaudit.once import once
from plaudit.protocol import Part, Reward, Sample, Score, Spec

Memo = dict[Reward, list[Score]]


class Composite(Algebra):
    """A reward made of rewards; each distinct one is computed once per batch, however often it occurs."""

    def children(self) -> tuple[Reward, ...]:
        """The rewards it is made of."""
        raise NotImplementedError

    @cached_property
    def names(self) -> list[str]:
        """The names of the children, made unique."""
        return unique_names(self.children())

    def with_children(self, children: tuple[Reward, ...]) -> Composite:
        """Return the same composition of other rewards."""
        raise NotImplementedError

    def combine(self, rows: tuple[Score, ...]) -> Score:
        """Combine the children's scores of one sample."""
        raise NotImplementedError

    def score(self, batch: Sequence[Sample], /) -> list[Score]:
        """Score every sample, parts and all; a missing column is named before anything is computed."""
        require_columns(self.spec, batch)
        return self.evaluate(batch, {})

    def evaluate(self, batch: Sequence[Sample], memo: Memo) -> list[Score]:
        """Score a batch with what other parts of the same composition have already computed."""
        columns = [evaluate(child, batch, memo) for child in self.children()]
        return [self.combine(row) for row in zip(*columns, strict=True)]

    def at(self, step: int) -> Reward:
        """Return the composition as it stands at a training step."""
        return self.with_children(tuple(at_step(child, step) for child in self.children()))


@dataclass(frozen=True)
class Adopted(Algebra):
    """A reward written without our base classes, given the operators and the trainer's call."""

    inner: Reward

    @once
    def spec(self) -> Spec:
        """The adopted reward's own facts."""
        return self.inner.spec

    def score(self, batch: Sequence[Sample], /) -> list[Score]:
        """Score with the adopted reward, under the failure policy."""
        return score_reward(self.inner, batch)


def as_reward(candidate: Any) -> Any:
    """Return a reward that has the operators and the trainer's call, whatever implements the protocol.

    Raises:
        ConfigError: It isn't a reward, with what to do about it.

    >>> as_reward(len)
    Traceback (most recent call last):
        ...
    plaudit.errors.ConfigError: len is not a reward: decorate a function with @reward(...), or give a class ...
    """
    if isinstance(candidate, Algebra):
        return candidate
    if isinstance(candidate, Reward) and not isinstance(candidate, type):
        return Adopted(candidate)
    called = getattr(candidate, "__name__", repr(candidate))
    raise ConfigError(
        f"{called} is not a reward: decorate a function with @reward(...), or give a class `spec` and `score`."
    )


def unique_names(rewards: Iterable[Reward]) -> list[str]:
    """Name the parts of a composite; a name that occurs again gets a number.

    >>> from plaudit import load
    >>> unique_names([load("answer-match"), load("answer-match", near=0.2)])
    ['answer-match', 'answer-match-2']
    """
    seen: Counter[str] = Counter()
    names = []
    for reward in rewards:
        name = reward.spec.name
        seen[name] += 1
        names.append(name if seen[name] == 1 else f"{name}-{seen[name]}")
    return names


def joint_spec(rewards: Sequence[Reward], name: str, low: float, high: float, accept_at: float | None = None) -> Spec:
    """Join the facts of several rewards under a name, a range and what counts as right."""
    specs = [reward.spec for reward in rewards]
    seconds = [spec.seconds for spec in specs]
    return Spec(
        name=name,
        low=low,
        high=high,
        reads=tuple(dict.fromkeys(column for spec in specs for column in spec.reads)),
        accept_at=accept_at,
        coupled=any(spec.coupled for spec in specs),
        deterministic=all(spec.deterministic for spec in specs),
        effects=tuple(dict.fromkeys(effect for spec in specs for effect in spec.effects)),
        seconds=None if None in seconds else math.fsum(second for second in seconds if second is not None),
    )


def total(parts: Iterable[Part]) -> Score:
    """Add up contributions; where every part that counts abstains, so does the total."""
    kept = tuple(parts)
    counting = [part for part in kept if part.weight != 0] or kept
    for part in counting:
        if part.score.reason.startswith(FAILED):  # a penalty that crashed must not pay its row
            return Score(None, f"{FAILED}{part.name}: {part.score.reason.removeprefix(FAILED)}", parts=kept)
    spoken = [part for part in counting if part.value is not None]
    if not spoken:
        return Score(None, "every part abstains", parts=kept)
    value = math.fsum(part.contribution for part in kept)
    reason = "; ".join(f"{part.name} {part.contribution:+g}" for part in spoken)
    return Score(value, reason, extracted=_extracted(kept), parts=kept)


def chosen(parts: Sequence[Part], index: int, reason: str) -> Score:
    """Take the value of one part, which has weight 1 while the others have 0."""
    score = parts[index].score
    return Score(score.value, f"{reason}: {score.reason}", extracted=_extracted(parts), parts=tuple(parts))


def _extracted(parts: Iterable[Part]) -> str | None:
    return next((part.score.extracted for part in parts if part.score.extracted is not None), None)


def evaluate(reward: Reward, batch: Sequence[Sample], memo: Memo) -> list[Score]:
    """Score a batch, or take the scores that another part of the same composition has computed."""
    if reward not in memo:
        if isinstance(reward, Composite):
            memo[reward] = reward.evaluate(batch, memo)
        else:
            memo[reward] = score_reward(reward, batch)
    return memo[reward]


def at_step(reward: Reward, step: int) -> Reward:
    """Return a reward as it stands at a training step."""
    return reward.at(step) if isinstance(reward, Algebra) else reward
