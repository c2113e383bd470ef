"""tinker-cookbook: a recipe as the reward of an environment's step.

Written against tinker-cookbook 0.6.1: `Env.step` gets the action's token ids and returns a `StepResult` with `reward`
and `metrics`. A step that raises ends the rollout or is tolerated, by the run's own strategy.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from plaudit.adapters.end_tokens import without_end_tokens
from plaudit.adapters.judge import Judge


async def reward(
    judge: Judge, renderer: Any, action: Sequence[int], prompt: Any, row: Mapping[str, Any]
) -> tuple[float, dict[str, float]]:
    """Score an action, decoded whole (a renderer's own parsing would drop the reasoning): reward and metrics.

    Raises:
        AbstainedError: The reward abstains and there is no fallback.
    """
    text = without_end_tokens(renderer.tokenizer.decode(action))
    score = (await judge.score_async([judge.sample(text, prompt=prompt, row=row)]))[0]
    return judge.value(score), judge.numbers(score)
