"""verl's own rewards as registered ones: `verl/gsm8k`, `verl/math`, `verl/math-dapo`.

They are there when verl is installed. Written against verl 0.9.1, whose `default_compute_score` chooses by data source.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from plaudit.adapters.foreign import resolve
from plaudit.adapters.verl import VerlReward
from plaudit.protocol import Spec

READS = ("ground_truth",)


def _chooser() -> Callable[..., Any]:
    return resolve("verl.utils.reward_score:default_compute_score")


@dataclass(frozen=True)
class Gsm8k(VerlReward):
    """verl's GSM8K score: 1 where the number after `####` is the one of the column `ground_truth`."""

    function: Callable[..., Any] = field(default_factory=_chooser, init=False)
    facts: Spec = field(default_factory=lambda: Spec("verl-gsm8k", 0.0, 1.0, READS, 1.0), init=False)
    data_source: str = field(default="openai/gsm8k", init=False)


@dataclass(frozen=True)
class Math(VerlReward):
    r"""verl's MATH score: 1 where the last `\boxed{…}` is the column `ground_truth`."""

    function: Callable[..., Any] = field(default_factory=_chooser, init=False)
    facts: Spec = field(default_factory=lambda: Spec("verl-math", 0.0, 1.0, READS, 1.0), init=False)
    data_source: str = field(default="lighteval/MATH", init=False)


@dataclass(frozen=True)
class MathDapo(VerlReward):
    """verl's DAPO score: 1 where the text after `Answer:` is the column `ground_truth`, and −1 elsewhere."""

    function: Callable[..., Any] = field(default_factory=_chooser, init=False)
    facts: Spec = field(default_factory=lambda: Spec("verl-math-dapo", -1.0, 1.0, READS, 1.0), init=False)
    data_source: str = field(default="math_dapo", init=False)
