"""The default engine: score a batch here and now, with the plugins' hooks around it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plaudit import plugins
from plaudit.failures import has_failed, score_reward, strictly

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plaudit.protocol import Reward, Sample, Score


def score(reward: Reward, batch: Sequence[Sample], *, strict: bool | None = None) -> list[Score]:
    """Score a batch: one score per sample, in order.

    Args:
        reward: Any reward.
        batch: The samples.
        strict: Raise on the first failure of the reward, instead of letting its row abstain.

    Raises:
        DataError: A column that the reward reads is missing.
        RewardError: The reward failed on every row of 8 or more, or, when strict, on any.

    >>> from plaudit import Sample, load
    >>> score(load("format-exact"), [Sample("so<end_working_out><SOLUTION>4</SOLUTION>")])[0].value
    3.0
    """
    plugins.call_hook("plaudit_before_score", reward=reward, batch=batch)
    if strict is None:
        scores = score_reward(reward, batch)
    else:
        with strictly(strict):
            scores = score_reward(reward, batch)
    for sample, result in zip(batch, scores, strict=True):
        if has_failed(result):
            plugins.call_hook("plaudit_failed", reward=reward, sample=sample, score=result)
    plugins.call_hook("plaudit_after_score", reward=reward, batch=batch, scores=scores)
    return scores
