"""The tasks of the built-in rewards, registered under `plaudit.tasks` like everybody's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from plaudit.formats import Format, as_format
from plaudit.testing.tasks import NUMBERS, Task


def answer_match(reward: Any) -> Sequence[Task]:
    """Numbers: the reward compares texts, so the gold as written is the one right rendering."""
    return [replace(task, format=reward.format) for task in NUMBERS]


def numeric_tolerance(reward: Any) -> Sequence[Task]:
    """Numbers in several notations, and among words; no near miss is wrong that its tolerance allows."""
    if reward.rel or reward.abs:
        return [replace(task, format=reward.format, wrong=task.wrong[3:]) for task in NUMBERS]
    return [replace(task, format=reward.format, right=_written(task.gold)) for task in NUMBERS]


def _written(gold: str) -> tuple[str, ...]:
    return (gold, f" {gold} ", f"{gold}.0" if "." not in gold else f"{gold}0", f"about {gold}", f"{gold} apples")


def math_equal(reward: Any) -> Sequence[Task]:
    """Numbers and formulas, each in several notations."""
    form = reward.format if isinstance(reward.format, Format) else as_format(_shape(reward.format))
    numbers = [replace(task, format=form, right=(task.gold, f" {task.gold} ", f"${task.gold}$")) for task in NUMBERS]
    return [*numbers, *(replace(task, format=form) for task in FORMULAS)]


def _shape(ending: Any) -> str:
    names = (ending,) if isinstance(ending, str) else ending
    return "gsm8k" if names[0] in ("hash", "gsm8k") else "boxed"


FORMULAS: tuple[Task, ...] = (
    Task(
        "Half of one, as a fraction?",
        "\\frac{1}{2}",
        right=("\\frac{1}{2}", "1/2", "0.5", "\\frac12"),
        wrong=("2", "\\frac{1}{3}"),
    ),
    Task("Expand (x+1)^2.", "x^2+2x+1", right=("x^2+2x+1", "1+2x+x^2", "(x+1)^2"), wrong=("x^2+1", "x^2+2x")),
    Task(
        "The diagonal of the unit square?", "\\sqrt{2}", right=("\\sqrt{2}", "\\sqrt2"), wrong=("1.5", "\\sqrt{3}", "2")
    ),
)
"""Answers with several notations each."""


def format_exact(reward: Any) -> Sequence[Task]:
    """Any answers: the shape alone counts."""
    return [replace(task, format=reward.format) for task in NUMBERS]


format_approx = format_exact
