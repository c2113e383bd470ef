"""What the rewards written for other trainers share once they are wrapped: found by name, awaited, made scores."""

from __future__ import annotations

import asyncio
import inspect
import math
from collections.abc import Awaitable, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from plaudit.algebra import Algebra
from plaudit.errors import ConfigError, RewardError
from plaudit.protocol import Sample, Score, Spec
from plaudit.registry import find_object

GOLDS = ("answer", "solution", "ground_truth", "gold", "label", "target")
"""Columns that usually hold the gold, the likeliest first."""


@dataclass(frozen=True)
class Foreign(Algebra):
    """A reward function written for another trainer, as a reward of ours.

    Attributes:
        function: The function as it was.
        facts: What is known of it.
    """

    function: Callable[..., Any]
    facts: Spec

    foreign = True

    @property
    def spec(self) -> Spec:
        """What was said of the function when it was wrapped."""
        return self.facts

    def raw(self, batch: Sequence[Sample]) -> list[Any]:
        """Call the function as its trainer does; what it returns is not checked."""
        raise NotImplementedError

    def score(self, batch: Sequence[Sample], /) -> list[Score]:
        """Call the function and make scores of what it returns; NaN abstains, as it does in TRL."""
        values = self.raw(batch)
        if len(values) != len(batch):
            raise RewardError(f"{self.spec.name!r} returned {len(values)} values for {len(batch)} samples.")
        return [_score(value) for value in values]


def _score(value: Any) -> Score:
    if value is None:
        return Score(None, "the function returned None")
    number = float(value)
    if math.isinf(number):
        raise ValueError(f"the function returned {number}")  # this row's failure, not the whole batch's
    return (
        Score(None, "the function returned NaN") if math.isnan(number) else Score(number, "what the function returned")
    )


def resolve(function: Callable[..., Any] | str) -> Callable[..., Any]:
    """Return a function, or the one that `module:function` names.

    Raises:
        ConfigError: It can't be called.

    >>> resolve("plaudit.adapters.foreign:resolve") is resolve
    True
    """
    found: Any = find_object(function) if isinstance(function, str) else function
    if not callable(found):
        raise ConfigError(f"{function!r} is {type(found).__name__}, not a function.")
    return found  # type: ignore[no-any-return]


def name_of_function(function: Any) -> str:
    """Name a function as trainers log it."""
    name = getattr(function, "__name__", None) or type(function).__name__
    return str(name).strip("_<>").replace("_", "-") or "reward"


def needed(function: Any, given: Sequence[str]) -> tuple[str, ...]:
    """Return the arguments without a default that a trainer must fill from the dataset.

    >>> needed(lambda completions, solution, extra=1, **columns: 0, ["completions"])
    ('solution',)
    """
    parameters = inspect.signature(function).parameters.values()
    plain = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    return tuple(
        item.name for item in parameters if item.kind in plain and item.default is item.empty and item.name not in given
    )


def gold_column(reads: Sequence[str]) -> str | None:
    """Guess which column holds the gold.

    >>> gold_column(["level", "solution"])
    'solution'
    """
    return next((name for name in GOLDS if name in reads), None)


def settled(value: Any) -> Any:
    """Return a value, or what an awaitable gives; works inside a running event loop too."""
    if not inspect.isawaitable(value):
        return value
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, _await(value)).result()


async def _await(value: Awaitable[Any]) -> Any:
    return await value


def called(function: Callable[..., Any], available: Mapping[str, Any]) -> Any:
    """Call a function with those of the available arguments that it names, or with all of them.

    >>> called(lambda answer, **rest: (answer, sorted(rest)), {"answer": 1, "prompt": 2})
    (1, ['prompt'])
    """
    parameters = inspect.signature(function).parameters
    everything = any(item.kind is item.VAR_KEYWORD for item in parameters.values())
    return settled(function(**{name: value for name, value in available.items() if everything or name in parameters}))
