"""The parts of a composed reward, as data: for people and for reports."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from plaudit import registry
from plaudit.compose import Choice, Clip, Gate, Schedule
from plaudit.composite import Adopted, Composite
from plaudit.protocol import Reward, Spec
from plaudit.recipe import Recipe
from plaudit.weighted import WeightedSum


@dataclass(frozen=True)
class Branch:
    """One reward in a composition.

    Attributes:
        name: Its name there, as scores have it.
        role: How it takes part: `sum`, `gate`, `condition`, `clip`, `schedule`, `first` …; empty for the root.
        weight: Its weight in a sum; None where the row decides.
        spec: Its facts.
        options: Where it differs from its defaults.
        branches: Its own parts.
    """

    name: str
    role: str
    weight: float | None
    spec: Spec
    options: dict[str, Any]
    branches: tuple[Branch, ...]

    def walk(self, prefix: str = "") -> Iterator[tuple[str, Branch]]:
        """Go through all parts below, outermost first, each with its path as logs have it."""
        for branch in self.branches:
            yield prefix + branch.name, branch
            yield from branch.walk(f"{prefix}{branch.name}/")


def tree_of(reward: Reward) -> Branch:
    """Lay out a composed reward.

    >>> import plaudit
    >>> [path for path, _ in tree_of(plaudit.recipe("unsloth")).walk()]
    ['format-exact', 'format-approx', 'answer-match', 'numeric-tolerance']
    """
    return _branch(reward.spec.name, "", 1.0, reward)


def _branch(name: str, role: str, weight: float | None, reward: Reward) -> Branch:
    inner = reward.judge if isinstance(reward, Recipe) else reward
    if not isinstance(inner, Composite):
        return Branch(name, role, weight, reward.spec, _options(inner), ())
    below = zip(inner.names, _roles(inner), inner.children(), strict=True)
    branches = tuple(_branch(name, role, weight, child) for name, (role, weight), child in below)
    return Branch(name, role, weight, reward.spec, _settings(inner), branches)


def _options(reward: Reward) -> dict[str, Any]:
    return {} if isinstance(reward, Adopted) else registry.options_of(reward)


def _roles(reward: Composite) -> list[tuple[str, float | None]]:
    """How each child takes part, and with what weight."""
    match reward:
        case WeightedSum(terms=terms):
            return [("sum", term.weight) for term in terms]
        case Gate():
            return [("gate", None), ("condition", None)]
        case Schedule():
            return [("schedule", reward.factor)]
        case Choice(kind=kind):
            return [(kind, None) for _ in reward.children()]
    return [(type(reward).__qualname__.lower(), None) for _ in reward.children()]


def _settings(reward: Composite) -> dict[str, Any]:
    match reward:
        case Gate():
            return {"at_least": reward.at_least, "otherwise": reward.otherwise}
        case Clip():
            return {"low": reward.low, "high": reward.high}
        case Schedule():
            return {"over_steps": reward.over_steps, "start": reward.start, "end": reward.end}
    return {}
