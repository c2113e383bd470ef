"""Moves: one completion pattern of an attack, which can be played on every task."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Literal

from plaudit.testing.tasks import Task

Breaks = Literal["answer", "shape", "both"]
"""What makes the move no honest answer: the answer is wrong, the shape is, or both."""

Where = Literal["answer", "reasoning", "whole"]


@dataclass(frozen=True)
class Move:
    r"""A pattern with blanks, and where it goes.

    Blanks: `{gold}` `{wrong}` `{prompt}` `{plain_gold}` (a number or a word) `{first_digit}` `{gold_letter}`
    `{gold_plus_1}` `{gold_times_10}` `{gold_nearly}` (2 % off) `{gold_misgrouped}` (4,2 for 42) `{prompt_expression}`
    (arithmetic that it holds);
    of the format
    `{think}` `{endthink}` `{open}` `{close}`; and whole completions `{right_text}` `{honest}`.

    Attributes:
        pattern: The text with its blanks.
        where: Whether it stands for the answer, in the reasoning before a wrong answer, or is the whole completion.
        breaks: What is wrong with it.
        only: Formats on which it plays: `tagged` around the answer, `open` without working, or all.

    >>> Move("{gold} or {wrong}").on(Task("6 * 7?", "42", wrong=("43",)))
    'I work it out.\n42 or 43'
    """

    pattern: str
    where: Where = "answer"
    breaks: Breaks = "answer"
    only: Literal["all", "tagged", "open"] = "all"

    def on(self, task: Task) -> str | None:
        """Play it on a task; None where it can't be played."""
        tagged = bool(task.form.solution_close) and task.form.solution_close != "}"
        if (self.only == "tagged" and not tagged) or (self.only == "open" and task.form.reasoning_close):
            return None
        filled = fill(self.pattern, task)
        if filled is None or (self.where == "answer" and self.breaks == "answer" and filled.strip() in task.right):
            return None
        if self.where == "whole":
            return filled
        if self.where == "reasoning":
            return task.render(wrong_of(task), filled)
        return task.render(filled, "I work it out.")


def wrong_of(task: Task) -> str:
    """Return a wrong answer that is far off; not zero, which makes no difference in front of a number."""
    return next((answer for answer in reversed(task.wrong) if answer.strip("0.")), "no idea")


def fill(pattern: str, task: Task) -> str | None:
    """Fill in the blanks; None where the task has nothing for one of them."""
    form = task.form
    blanks = {
        "gold": str(task.gold),
        "wrong": wrong_of(task),
        "prompt": task.prompt,
        **({"gold_letter": str(task.gold)} if len(str(task.gold)) == 1 and str(task.gold).isalpha() else {}),
        "think": form.reasoning_open,
        "endthink": form.reasoning_close,
        "open": form.solution_open,
        "close": form.solution_close,
        "right_text": task.render(str(task.gold), "I work it out."),
        "honest": task.render(wrong_of(task), "I work it out."),
        **({"prompt_expression": found.group()} if (found := _EXPRESSION.search(task.prompt)) else {}),
        **_numbers(task),
    }
    text = pattern
    for name, value in blanks.items():
        text = text.replace("{" + name + "}", value)
    return None if any(name in text for name in CONDITIONAL) else text


CONDITIONAL = ("{gold_", "{plain_gold}", "{first_digit}", "{prompt_expression}")
"""Blanks that not every task can fill."""

_EXPRESSION = re.compile(r"\d+(?: ?[-+*/] ?\d+)+")


def _misgrouped(gold: str) -> dict[str, str]:
    """Put a comma behind the first digit, where no one who counts in thousands would."""
    return {"gold_misgrouped": f"{gold[0]},{gold[1:]}"} if gold.isdigit() and len(gold) not in (1, 4) else {}


def _numbers(task: Task) -> dict[str, str]:
    try:
        gold = Decimal(str(task.gold))
    except InvalidOperation:
        return {"plain_gold": str(task.gold)} if str(task.gold).isalpha() else {}
    if not gold.is_finite() or gold == 0:
        return {}
    return {
        "plain_gold": str(task.gold),
        "first_digit": str(task.gold).lstrip("+-")[:1],
        **_misgrouped(str(task.gold)),
        "gold_plus_1": str(gold + 1),
        "gold_times_10": str(gold * 10),
        "gold_nearly": str((gold * Decimal("1.02")).normalize()),
    }
