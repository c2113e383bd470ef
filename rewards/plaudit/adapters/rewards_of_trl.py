"""TRL's own rewards as registered ones: `trl/accuracy`, `trl/reasoning-accuracy`, `trl/think-format`.

They are there when TRL (and Math-Verify, for the first two) is installed. Written against TRL 1.16.0.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from plaudit.adapters.foreign import resolve
from plaudit.adapters.trl import TrlReward
from plaudit.protocol import Spec

Function = Callable[..., Any]


@dataclass(frozen=True)
class Accuracy(TrlReward):
    """TRL's `accuracy_reward`: Math-Verify compares the completion with the column `solution`."""

    function: Function = field(default_factory=lambda: resolve("trl.rewards:accuracy_reward"), init=False)
    facts: Spec = field(default_factory=lambda: Spec("trl-accuracy", 0.0, 1.0, ("solution",), 1.0), init=False)
    conversational: bool = field(default=True, init=False)


@dataclass(frozen=True)
class ReasoningAccuracy(TrlReward):
    """TRL's `reasoning_accuracy_reward`: as `trl/accuracy`, of what follows `</think>`."""

    function: Function = field(default_factory=lambda: resolve("trl.rewards:reasoning_accuracy_reward"), init=False)
    facts: Spec = field(
        default_factory=lambda: Spec("trl-reasoning-accuracy", 0.0, 1.0, ("solution",), 1.0), init=False
    )
    conversational: bool = field(default=True, init=False)


@dataclass(frozen=True)
class ThinkFormat(TrlReward):
    """TRL's `think_format_reward`: the completion has the shape `<think> … </think> …`."""

    function: Function = field(default_factory=lambda: resolve("trl.rewards:think_format_reward"), init=False)
    facts: Spec = field(default_factory=lambda: Spec("trl-think-format", 0.0, 1.0), init=False)
    conversational: bool = field(default=True, init=False)
