"""Where a batch is scored: `inline` in this process, `workers` in processes of their own, `ray` on a cluster."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib import import_module
from types import MappingProxyType
from typing import Any, Protocol, Self

from plaudit.errors import ConfigError, UnknownNameError, UnknownOptionError, nearest
from plaudit.protocol import Reward, Sample, Score

ENGINES: Mapping[str, str] = MappingProxyType(
    {
        "inline": "plaudit.engines.inline:Inline",
        "workers": "plaudit.engines.workers:Workers",
        "ray": "plaudit.engines.ray:Ray",
    }
)
"""Name -> where the engine is; imported when it is asked for."""


class Engine(Protocol):
    """What every engine does: score batches with one reward, until it is closed."""

    def score(self, batch: Sequence[Sample], /) -> list[Score]:
        """Score a batch: one score per sample, in order."""
        ...

    def stream(self, batches: Iterable[Sequence[Sample]], /) -> Iterator[list[Score]]:
        """Score batches, reading ahead no further than a bounded number of rows; one list each, in order."""
        ...

    def close(self) -> None:
        """End every process and thread; closing twice is allowed."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(self, *error: object) -> None: ...


def open_engine(name: str, reward: Reward, **settings: Any) -> Engine:
    """Make an engine by name; `settings` are the keywords of its class.

    Raises:
        UnknownNameError: No such engine; the nearest one is named.
        UnknownOptionError: The engine has no such setting.
        ConfigError: What it needs is not installed, or a setting is wrong.

    >>> from plaudit import Sample, load
    >>> with open_engine("inline", load("format-exact")) as engine:
    ...     [score.value for score in engine.score([Sample("4")])]
    [0.0]
    """
    if name not in ENGINES:
        raise UnknownNameError(f"No engine is called {name!r}. {nearest(name, ENGINES)}")
    module, _, attribute = ENGINES[name].partition(":")
    try:
        kind = getattr(import_module(module), attribute)
    except ModuleNotFoundError as error:
        raise ConfigError(
            f"The engine {name!r} needs {error.name}, which is not installed: pip install 'plaudit[{name}]'."
        ) from error
    known = [key for key in inspect.signature(kind).parameters if key != "reward"]
    for setting in settings:
        if setting not in known:
            raise UnknownOptionError(f"The engine {name!r} has no setting {setting!r}. {nearest(setting, known)}")
    made: Engine = kind(reward, **settings)
    return made
