"""EasyR1: a recipe as the function of `worker.reward.reward_function`.

Written against EasyR1's main branch of 2026-07-30 (`AutoRewardManager`, type `batch`): a list of mappings with
`response`, `response_length` and `ground_truth`; a list of mappings with `overall` back, whose other keys are logged as
means. It knows no missing score.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from plaudit.adapters.judge import Judge


def rewards(judge: Judge, inputs: Sequence[Mapping[str, Any]]) -> list[dict[str, float]]:
    """Score a batch: `overall`, the flags and every part, the same keys for each completion.

    Raises:
        ConfigError: The judge has no fallback.

    >>> row = {"response": "so<end_working_out><SOLUTION>4</SOLUTION>", "response_length": 9, "ground_truth": "4"}
    >>> rewards(Judge("answer-match", fallback=0.0), [row])[0]["overall"]
    5.0
    """
    judge.needs_fallback("EasyR1")
    samples = [judge.sample(row["response"], gold=row["ground_truth"], row=row) for row in inputs]
    return [{"overall": judge.value(score), **judge.numbers(score)} for score in judge.score(samples)]
