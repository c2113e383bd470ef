"""ms-swift: a recipe as an ORM of a plugin file given to `--external_plugins`.

Written against ms-swift 4.6.0 (`compute_rewards_per_func`): `completions` as texts, first and by position, then the
dataset's columns as lists, `messages` and `trainer_state` by keyword; a number or None back for each.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from plaudit.adapters import trl
from plaudit.adapters.judge import Judge

NOT_COLUMNS = ("prompt_id", "request_id", "finish_reason", "is_truncated", "rollout_infos", "response_token_ids")


def rewards(judge: Judge, completions: Any, columns: Mapping[str, Any]) -> list[float | None]:
    """Score one call of the trainer: a number or None per completion; the judge's fallback stands for None.

    >>> rewards(Judge("format-exact"), ["so<end_working_out><SOLUTION>4</SOLUTION>"], {})
    [3.0]
    """
    return trl.rewards(judge, _prompts(columns), completions, _kept(columns))


async def rewards_async(judge: Judge, completions: Any, columns: Mapping[str, Any]) -> list[float | None]:
    """Score one call of the trainer in a thread, while its event loop goes on."""
    return await trl.rewards_async(judge, _prompts(columns), completions, _kept(columns))


def _prompts(columns: Mapping[str, Any]) -> list[Any] | None:
    """What was asked: the messages before the completion, which ms-swift keeps as the last one."""
    messages = columns.get("messages")
    return None if messages is None else [list(turns)[:-1] for turns in messages]


def _kept(columns: Mapping[str, Any]) -> dict[str, Any]:
    return {name: values for name, values in columns.items() if name not in NOT_COLUMNS}
