"""The plugins' hooks around a batch, the same for every engine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plaudit import plugins
from plaudit.failures import has_failed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plaudit.protocol import Reward, Sample, Score


def before(reward: Reward, batch: Sequence[Sample]) -> None:
    """Tell plugins that a batch is about to be scored."""
    plugins.call_hook("plaudit_before_score", reward=reward, batch=batch)


def after(reward: Reward, batch: Sequence[Sample], scores: Sequence[Score]) -> None:
    """Tell plugins what a batch was given, the failed rows first."""
    for sample, result in zip(batch, scores, strict=True):
        if has_failed(result):
            plugins.call_hook("plaudit_failed", reward=reward, sample=sample, score=result)
    plugins.call_hook("plaudit_after_score", reward=reward, batch=batch, scores=scores)
