"""ART: a recipe as the reward of a trajectory.

Written against openpipe-art 0.5.23: the user's rollout returns a `Trajectory` with `reward` and `metrics`; a rollout
that raises is kept out of its group, which is how a judge without a fallback leaves out what it can't score.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from plaudit.adapters.judge import Judge


async def reward(judge: Judge, trajectory: Any, row: Mapping[str, Any] | None = None) -> Any:
    """Score a trajectory and return it, with its reward set and flags and parts among its metrics.

    The columns that the reward reads are taken from `row`, or else from the trajectory's metadata.

    Raises:
        AbstainedError: The reward abstains and there is no fallback.
    """
    turns = [getattr(item, "message", item) for item in trajectory.messages_and_choices]
    spoken = [turn for turn in turns if _role(turn) == "assistant"]
    asked = [turn for turn in turns if _role(turn) == "user"]
    sample = judge.sample(spoken, prompt=asked, row={**trajectory.metadata, **(row or {})})
    score = (await judge.score_async([sample]))[0]
    trajectory.metrics.update(judge.numbers(score))
    trajectory.reward = judge.value(score)
    return trajectory


def _role(turn: Any) -> Any:
    return turn.get("role") if isinstance(turn, Mapping) else getattr(turn, "role", None)
