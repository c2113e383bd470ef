"""slime: a recipe as the coroutine of `--custom-rm-path`, for one sample or, with `--group-rm`, for a group.

Written against slime's main branch of 2026-08-21 (`slime/rollout/rm_hub`): `async def f(args, sample, **given)` with
`sample.prompt`, `.response`, `.label` and `.metadata`; a number back, or a mapping with `--reward-key`. None would mean
"still to be scored", so an abstaining sample gets the fallback, is flagged, and is taken out of the loss
(`remove_sample`, slime's own mark; its reward still counts in the group's mean).
"""

from __future__ import annotations

from typing import Any

from plaudit.adapters.end_tokens import without_end_tokens
from plaudit.adapters.judge import Judge
from plaudit.protocol import Sample, Score


async def reward(judge: Judge, args: Any, sample: Any) -> Any:
    """Score a sample, or each of a group: numbers, or mappings where the run names a reward key.

    Raises:
        ConfigError: The judge has no fallback.
    """
    judge.needs_fallback("slime")
    given = list(sample) if isinstance(sample, (list, tuple)) else [sample]
    scores = await judge.score_async([_sample(judge, item) for item in given])
    found = [_told(judge, args, item, score) for item, score in zip(given, scores, strict=True)]
    return found if isinstance(sample, (list, tuple)) else found[0]


def _sample(judge: Judge, item: Any) -> Sample:
    row = {**(item.metadata if isinstance(item.metadata, dict) else {}), "label": item.label}
    text = without_end_tokens(item.response) if isinstance(item.response, str) else item.response
    return judge.sample(text, prompt=item.prompt, gold=item.label, row=row, group=getattr(item, "group_index", None))


def _told(judge: Judge, args: Any, item: Any, score: Score) -> Any:
    value = judge.value(score)
    numbers = judge.numbers(score)
    if score.value is None:
        item.remove_sample = True
    if isinstance(item.metadata, dict):
        item.metadata["plaudit"] = numbers
    key = getattr(args, "reward_key", None)
    return {key: value, "score": value, **numbers} if key else value
