"""A reward within a deadline: scored in worker processes, so that what runs past it is killed and holds nothing up.

The processes start at the first batch, stay for the next ones, and end with this process.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from plaudit.adapters.keys import key_of
from plaudit.composite import at_step
from plaudit.engines.workers import Workers, cores
from plaudit.errors import ConfigError
from plaudit.protocol import Reward, Sample, Score, Spec

MOST_WORKERS = 4
"""Processes for one reward in one process of a trainer, which has others beside it; started as they are needed."""

STEP = "plaudit/step"
"""The column in which a training step travels to a worker."""

_ENGINES: dict[Any, Workers] = {}
_LOCK = threading.Lock()


def score_in_time(
    source: Any, reward: Reward, batch: Sequence[Sample], seconds: float, step: int | None = None
) -> list[Score]:
    """Score a batch, each completion within its deadline; past it, its process is killed and it abstains as failed.

    Args:
        source: The reward, or the name that finds it; a name travels where the reward itself can't.
        reward: The reward.
        batch: The samples.
        seconds: How long each may take; a coupled reward's groups have those of their rows together.
        step: The training step, for a schedule.

    Raises:
        ConfigError: The reward can't be sent to another process.
        DataError: A column that the reward reads is missing.
        RewardError: It failed on every row of 8 or more, or can't be loaded in another process.

    >>> from plaudit import Sample, load
    >>> score_in_time("format-exact", load("format-exact"), [Sample("4")], 60.0)[0].value
    0.0
    """
    engine = _engine(source, reward, seconds)
    if isinstance(engine.reward, AtStep):
        batch = [replace(sample, columns={**sample.columns, STEP: step}) for sample in batch]
    return engine.score(batch)


@dataclass(frozen=True)
class AtStep:
    """A reward with a schedule, told the step with each sample, so that its processes outlast the step."""

    reward: Reward

    @property
    def spec(self) -> Spec:
        """The facts of the reward, which hold at every step."""
        return self.reward.spec

    def score(self, batch: Sequence[Sample], /) -> list[Score]:
        """Score samples of one step."""
        step = batch[0].columns[STEP]
        reward = self.reward if step is None else at_step(self.reward, step)
        return reward.score([replace(sample, columns=_without_step(sample)) for sample in batch])


def _without_step(sample: Sample) -> dict[str, Any]:
    return {name: value for name, value in sample.columns.items() if name != STEP}


class ByName:
    """A reward that doesn't pickle, found by its name again in the worker."""

    def __init__(self, name: str, reward: Reward) -> None:
        self.spec, self._name = reward.spec, name

    def score(self, batch: Sequence[Sample], /) -> list[Score]:
        """Not asked here, but what it becomes in the worker."""
        raise NotImplementedError

    def __reduce__(self) -> tuple[Any, ...]:
        from plaudit.targets import find_target

        return find_target, (self._name,)


class _Apart(Workers):
    hooked = False


def _engine(source: Any, reward: Reward, seconds: float) -> Workers:
    key = key_of(source), seconds
    with _LOCK:
        if key not in _ENGINES:
            _ENGINES[key] = _new_engine(source, reward, seconds)
        return _ENGINES[key]


def _new_engine(source: Any, reward: Reward, seconds: float) -> Workers:
    settings: dict[str, Any] = {
        "workers": min(MOST_WORKERS, cores()),
        "deadline_seconds": seconds,
        "memory_bytes": None,  # a deadline was asked for, and nothing else
    }
    stepped = at_step(reward, 0) != at_step(reward, 1)
    try:
        return _Apart(AtStep(reward) if stepped else reward, **settings)
    except ConfigError as error:
        if isinstance(source, str):
            named = ByName(source, reward)
            return _Apart(AtStep(named) if stepped else named, **settings)
        raise ConfigError(
            f"A deadline needs processes that can be killed. {error} Or name it, 'module:object', or leave the "
            "deadline out."
        ) from error
