"""AReaL: a recipe as the `reward_fn` of a workflow.

Written against AReaL 1.0.4 (`AsyncRewardWrapper`): `prompt` and `completions` as texts decoded with special tokens,
their token ids, and the dataset's columns by keyword; a number back, from a process pool. It has no channel for parts
and knows no missing score, and a call that takes over 15 s becomes a silent 0 there: give a shorter deadline here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from plaudit.adapters.end_tokens import without_end_tokens
from plaudit.adapters.judge import Judge

DEADLINE_SECONDS = 5.0
"""Far enough below the 15 s after which AReaL scores 0 for the start of a process and its first completion."""


def reward(judge: Judge, prompt: Any, completions: Any, columns: Mapping[str, Any]) -> float:
    """Score one completion.

    Raises:
        ConfigError: The judge has no fallback.

    >>> reward(Judge("format-exact", fallback=0.0), "2+2?", "so<end_working_out><SOLUTION>4</SOLUTION></s>", {})
    3.0
    """
    judge.needs_fallback("AReaL")
    text = without_end_tokens(completions) if isinstance(completions, str) else completions
    return judge.value(judge.score([judge.sample(text, prompt=prompt, row=columns)])[0])
