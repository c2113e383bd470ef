"""`@reward`: a function becomes a reward; its arguments are filled by name."""

from __future__ import annotations

import importlib
import inspect
import numbers
import pickle
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from types import MappingProxyType
from typing import Any, get_type_hints

from plaudit.algebra import Algebra
from plaudit.errors import ConfigError
from plaudit.failures import score_rows
from plaudit.options import check_options
from plaudit.protocol import Sample, Score, Spec

GIVEN: Mapping[str, Callable[[Sample], Any]] = MappingProxyType(
    {
        "completion": lambda sample: sample.text,
        "prompt": lambda sample: sample.prompt_text,
        "sample": lambda sample: sample,
    }
)
"""Arguments that don't come from a column."""


@dataclass(frozen=True)
class FunctionReward(Algebra):
    """A reward made from a function by `@reward`; made by that, not by hand."""

    function: Callable[..., float | Score | None]
    facts: Spec
    options: tuple[tuple[str, Any], ...] = ()
    optional: frozenset[str] = field(default=frozenset(), compare=False)

    @property
    def spec(self) -> Spec:
        """The facts given to the decorator, with the columns read off the signature."""
        return self.facts

    def using(self, **options: Any) -> FunctionReward:
        """Return the same reward with other options (the arguments after `*`).

        Raises:
            UnknownOptionError: No such option; the nearest one is named.
            ConfigError: A value of the wrong type.
        """
        check_options(self.spec.name, self.option_types, options)
        return replace(self, options=tuple(sorted({**dict(self.options), **options}.items())))

    def score(self, batch: Sequence[Sample], /) -> list[Score]:
        """Score row by row, under the failure policy."""
        return score_rows(self._score_one, batch, self.spec)

    @cached_property
    def option_types(self) -> dict[str, Any]:
        """The options with their declared types."""
        hints = get_type_hints(self.function)
        return {
            name: hints.get(name, Any)
            for name, parameter in inspect.signature(self.function).parameters.items()
            if parameter.kind is parameter.KEYWORD_ONLY
        }

    def raw(self, batch: Sequence[Sample]) -> list[Any]:
        """Call the function itself, row by row: what it returns is not checked, what it raises not caught."""
        return [self._call(sample) for sample in batch]

    def _call(self, sample: Sample) -> Any:
        arguments = {name: sample.columns[name] for name in self.spec.reads}
        arguments |= {name: sample.columns[name] for name in self.optional if name in sample.columns}
        arguments |= {name: GIVEN[name](sample) for name in self._given}
        return self.function(**arguments, **dict(self.options))

    def _score_one(self, sample: Sample) -> Score:
        value = self._call(sample)
        if isinstance(value, numbers.Real) and not isinstance(value, (bool, int, float)):
            value = float(value)  # NumPy's numbers and fractions
        return value if isinstance(value, Score) else Score(value)

    @cached_property
    def _given(self) -> tuple[str, ...]:
        return tuple(name for name in inspect.signature(self.function).parameters if name in GIVEN)

    def __hash__(self) -> int:
        return hash((self.function, self.facts, repr(self.options)))

    def __reduce__(self) -> tuple[Any, ...]:
        if "<locals>" in self.function.__qualname__:
            raise pickle.PicklingError(f"{self.function.__qualname__} is defined inside a function")
        return _restore, (self.function.__module__, self.function.__qualname__, dict(self.options))


def reward(
    *,
    low: float,
    high: float,
    accept_at: float | None = None,
    name: str | None = None,
    deterministic: bool = True,
    effects: Sequence[str] = (),
    seconds: float | None = None,
) -> Callable[[Callable[..., float | Score | None]], FunctionReward]:
    """Turn a function of one sample into a reward.

    Arguments before `*` are filled by name: `completion` (the text of the last turn), `prompt` (the text asked),
    `sample`, or any dataset column; one with a default is optional. Arguments after `*` are options, each with a
    default. The function returns a number, a `Score`, or None to abstain.

    Raises:
        ConfigError: A signature that can't be filled by name.

    >>> @reward(low=0.0, high=1.0)
    ... def polite(completion: str, *, greeting: str = "Dear") -> float:
    ...     return float(completion.startswith(greeting))
    >>> polite(completions=["Dear me", "Oi"])
    [1.0, 0.0]
    >>> polite.using(greeting="Oi").score([Sample("Oi")])[0].value
    1.0
    """

    def decorate(function: Callable[..., float | Score | None]) -> FunctionReward:
        reads, optional = _columns(function)
        slug = name or function.__name__.replace("_", "-")
        spec = Spec(
            name=slug,
            low=float(low),
            high=float(high),
            reads=reads,
            accept_at=None if accept_at is None else float(accept_at),
            deterministic=deterministic,
            effects=tuple(effects),
            seconds=seconds,
        )
        return FunctionReward(function, spec, optional=optional)

    return decorate


def _columns(function: Callable[..., Any]) -> tuple[tuple[str, ...], frozenset[str]]:
    """Read the needed and the optional columns off a signature."""
    if inspect.iscoroutinefunction(function):
        raise ConfigError(f"{function.__name__} is async; a reward is plain code; an adapter may run it in a thread.")
    needed, optional = [], set()
    for name, parameter in inspect.signature(function).parameters.items():
        where = f"argument {name!r} of {function.__name__}"
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD, parameter.POSITIONAL_ONLY):
            raise ConfigError(f"The {where} can't be filled by name: name the columns that the reward reads.")
        if parameter.kind is parameter.KEYWORD_ONLY:
            if parameter.default is parameter.empty:
                raise ConfigError(f"The {where} is an option and needs a default; a column goes before the *.")
        elif name not in GIVEN:
            optional.add(name) if parameter.default is not parameter.empty else needed.append(name)
    return tuple(needed), frozenset(optional)


def _restore(module: str, qualname: str, options: dict[str, Any]) -> FunctionReward:
    """Find a decorated function again, by reference, when it is unpickled."""
    found: Any = importlib.import_module(module)
    for step in qualname.split("."):
        found = getattr(found, step)
    if not isinstance(found, FunctionReward):
        raise ConfigError(f"{module}.{qualname} is no longer a reward, so a pickled one can't be restored.")
    return found.using(**options)
