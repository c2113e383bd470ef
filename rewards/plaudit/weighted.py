"""The weighted sum of rewards."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from plaudit.algebra import Split
from plaudit.composite import Composite, as_reward, joint_spec, total
from plaudit.errors import ConfigError
from plaudit.once import once
from plaudit.protocol import Part, Reward, Score, Spec, check_name


class Term(NamedTuple):
    """One weighted reward of a sum."""

    reward: Reward
    weight: float


@dataclass(frozen=True)
class WeightedSum(Composite):
    """The sum of weighted rewards; unnamed sums inside it are flattened, equal rewards merged.

    >>> from plaudit import load
    >>> total = 0.5 * load("format-exact") + load("format-approx")
    >>> total.spec.low, total.spec.high
    (-3.0, 3.0)
    """

    terms: tuple[Term, ...]
    name: str = ""

    @classmethod
    def of(cls, terms: Iterable[tuple[Reward, float]], name: str = "") -> WeightedSum:
        """Build a sum; weights of equal rewards are added up.

        Raises:
            ConfigError: No reward at all, or a weight that isn't finite.
        """
        merged: dict[Reward, float] = {}
        for reward, weight in terms:
            if not math.isfinite(weight):
                raise ConfigError(f"The weight of {reward.spec.name!r} is {weight}: give a finite number.")
            for inner, factor in _flat(reward):
                merged[inner] = merged.get(inner, 0.0) + weight * factor
        if not merged:
            raise ConfigError("A sum needs at least one reward.")
        if name:
            check_name(name)
        return cls(tuple(Term(reward, weight) for reward, weight in merged.items()), name)

    @once
    def spec(self) -> Spec:
        """Range: what the weighted parts can reach, counting that a part may abstain and add nothing."""
        ends = [sorted((weight * reward.spec.low, weight * reward.spec.high)) for reward, weight in self.terms]
        if len(ends) > 1:
            ends = [[min(low, 0.0), max(high, 0.0)] for low, high in ends]
        low, high = math.fsum(end[0] for end in ends), math.fsum(end[1] for end in ends)
        name = self.name or "+".join(self.names)
        return joint_spec(self.children(), name, low, high, accept_at=self._accept_at())

    def _accept_at(self) -> float | None:
        reward, weight = self.terms[0]
        if len(self.terms) > 1 or weight <= 0 or reward.spec.accept_at is None:
            return None
        return weight * reward.spec.accept_at

    def children(self) -> tuple[Reward, ...]:
        """The summed rewards."""
        return tuple(term.reward for term in self.terms)

    def with_children(self, children: tuple[Reward, ...]) -> WeightedSum:
        """Return the same weights over other rewards."""
        terms = tuple(Term(child, term.weight) for child, term in zip(children, self.terms, strict=True))
        return replace(self, terms=terms)

    def combine(self, rows: tuple[Score, ...]) -> Score:
        """Add up what each part contributes."""
        return total(
            Part(name, term.weight, score) for name, term, score in zip(self.names, self.terms, rows, strict=True)
        )

    def named(self, name: str) -> WeightedSum:
        """Return the same sum under a name; a named sum inside another stays one part of it."""
        check_name(name)
        return replace(self, name=name)

    def split(self) -> Split:
        """Return the summed rewards, each under its name in the sum, and their weights."""
        functions: list[Any] = [
            as_reward(child) if child.spec.name == name else as_reward(child).named(name)
            for child, name in zip(self.children(), self.names, strict=True)
        ]
        return Split(functions, [term.weight for term in self.terms])


def _flat(reward: Reward) -> Iterator[tuple[Reward, float]]:
    if isinstance(reward, WeightedSum) and not reward.name:
        yield from reward.terms
    else:
        yield as_reward(reward), 1.0
