"""Axolotl: a recipe by its dotted path, `plaudit.adapters.axolotl.unsloth`, in `trl.reward_funcs`.

Written against Axolotl's main branch of 2026-07-24: it imports the function by its path, wants two parameters or more,
and then calls it as TRL does; its hatchery calls `function(prompts, completions)` by position.
"""

from __future__ import annotations

from typing import Any

from plaudit.adapters.by_name import by_name
from plaudit.adapters.trl import reward_function, rewards

__all__ = ["reward_function", "rewards"]


def __getattr__(name: str) -> Any:
    """Return the reward function of a recipe or reward by its name."""
    return by_name(__name__, name, reward_function)
