"""verl: a recipe as `compute_score`, and verl's reward functions as rewards of ours.

Written against verl 0.9.1: `data_source`, `solution_str`, `ground_truth` and `extra_info` by keyword, one completion a
call; a number back, or a mapping with `score`. Every other key of the mapping is logged, and all mappings need the same
keys; verl knows no missing score. Its configuration names the function and gives it the recipe:

    reward.custom_reward_function.path=pkg://plaudit.adapters.verl
    +reward.custom_reward_function.reward_kwargs.recipe=unsloth
    +reward.custom_reward_function.reward_kwargs.fallback=0.0
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from plaudit.adapters.foreign import Foreign, called, name_of_function, resolve
from plaudit.adapters.judge import Judge, judge_of
from plaudit.protocol import Reward, Sample, Score, Spec


def compute_score(
    data_source: Any = None,
    solution_str: Any = None,
    ground_truth: Any = None,
    extra_info: Mapping[str, Any] | None = None,
    *,
    recipe: str | Reward = "",
    fallback: float | None = None,
    gold: str | None = None,
    deadline_seconds: float | None = None,
    **_: Any,
) -> dict[str, float]:
    """Score one completion; the keys are the same for each: `score`, the flags, and every part.

    Raises:
        ConfigError: No recipe, or no fallback.

    >>> row = compute_score("", "so<end_working_out><SOLUTION>4</SOLUTION>", "4", recipe="answer-match", fallback=0)
    >>> row["score"], row["plaudit/abstained"]
    (5.0, 0.0)
    """
    judge = judge_of(recipe, fallback=fallback, gold=gold, deadline_seconds=deadline_seconds)
    return reward(judge, data_source, solution_str, ground_truth, extra_info)


async def compute_score_async(
    data_source: Any = None,
    solution_str: Any = None,
    ground_truth: Any = None,
    extra_info: Mapping[str, Any] | None = None,
    *,
    recipe: str | Reward = "",
    fallback: float | None = None,
    gold: str | None = None,
    deadline_seconds: float | None = None,
    **_: Any,
) -> dict[str, float]:
    """Score one completion in a thread; verl awaits it. Its `remote` manager takes `compute_score` only."""
    judge = judge_of(recipe, fallback=fallback, gold=gold, deadline_seconds=deadline_seconds)
    return await reward_async(judge, data_source, solution_str, ground_truth, extra_info)


def reward(
    judge: Judge, data_source: Any, solution: Any, gold: Any, extra_info: Mapping[str, Any] | None
) -> dict[str, float]:
    """Score one completion with a judge at hand.

    Raises:
        ConfigError: The judge has no fallback.
    """
    sample = _asked(judge.needs_fallback("verl"), data_source, solution, gold, extra_info)
    return _told(judge, judge.score([sample])[0])


async def reward_async(
    judge: Judge, data_source: Any, solution: Any, gold: Any, extra_info: Mapping[str, Any] | None
) -> dict[str, float]:
    """Score one completion in a thread."""
    sample = _asked(judge.needs_fallback("verl"), data_source, solution, gold, extra_info)
    return _told(judge, (await judge.score_async([sample]))[0])


def _asked(judge: Judge, data_source: Any, solution: Any, gold: Any, extra_info: Mapping[str, Any] | None) -> Sample:
    row = {**(extra_info or {}), "data_source": data_source, "ground_truth": gold}
    return judge.sample(solution, prompt=row.get("question", ""), gold=gold, row=row)


def _told(judge: Judge, score: Score) -> dict[str, float]:
    return {"score": judge.value(score), **judge.numbers(score)}


@dataclass(frozen=True)
class VerlReward(Foreign):
    """A verl `compute_score` function."""

    data_source: str = "openai/gsm8k"

    def raw(self, batch: Sequence[Sample]) -> list[Any]:
        """Call it as verl's naive reward manager does, once per sample."""
        return [self._one(sample) for sample in batch]

    def _one(self, sample: Sample) -> Any:
        found = called(
            self.function,
            {
                "data_source": sample.columns.get("data_source", self.data_source),
                "solution_str": sample.text,
                "ground_truth": sample.columns["ground_truth"],
                "extra_info": dict(sample.columns.get("extra_info") or {}),
            },
        )
        return found["score"] if isinstance(found, Mapping) else found


def from_verl(
    function: Callable[..., Any] | str,
    *,
    low: float = 0.0,
    high: float = 1.0,
    accept_at: float | None = 1.0,
    data_source: str = "openai/gsm8k",
) -> VerlReward:
    """Wrap a verl reward function, or the one that `module:function` names.

    >>> def compute_score(data_source, solution_str, ground_truth, extra_info=None):
    ...     return {"score": float(solution_str == ground_truth)}
    >>> from_verl(compute_score).score([Sample("4", columns={"ground_truth": "4"})])[0].value
    1.0
    """
    found = resolve(function)
    return VerlReward(found, Spec(name_of_function(found), low, high, ("ground_truth",), accept_at), data_source)
