"""SkyRL and skyrl-gym: a recipe as the reward of a text environment.

Written against skyrl-gym 0.4.0: an environment is made per completion with the dataset's row in `extras`, the gold
under `reward_spec`; `step(action)` gives a mapping with `reward` and `metadata`. It knows no missing score.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from plaudit.adapters.judge import Judge


def step(judge: Judge, action: Any, extras: Mapping[str, Any]) -> dict[str, Any]:
    """Score an action as the last turn of its episode: what `BaseTextEnv.step` returns, flags and parts in `metadata`.

    Raises:
        ConfigError: The judge has no fallback.

    >>> extras = {"reward_spec": {"ground_truth": "4"}}
    >>> step(Judge("answer-match", fallback=0.0), "so<end_working_out><SOLUTION>4</SOLUTION>", extras)["reward"]
    5.0
    """
    judge.needs_fallback("SkyRL")
    gold = (extras.get("reward_spec") or {}).get("ground_truth")
    row = {**(extras.get("extra_info") or {}), **extras}
    score = judge.score([judge.sample(action, prompt=extras.get("prompt", ""), gold=gold, row=row)])[0]
    return {"observations": [], "reward": judge.value(score), "done": True, "metadata": judge.numbers(score)}
