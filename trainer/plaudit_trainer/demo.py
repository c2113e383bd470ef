"""The demo's problems: one-step sums about everyday things, made from a seed.

The demonstrations are a mixture on purpose (35 % careful, 45 % guessed, 20 % with a tag missing), so that imitation
leaves GRPO something to choose: which of the strategies that the model already has is the one that pays.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import TYPE_CHECKING

from plaudit_trainer.rows import Row

if TYPE_CHECKING:
    from plaudit.formats import Format

NAMES = ("Tom", "Ana", "Raj", "Mia", "Leo", "Zoe")
THINGS = ("apples", "pens", "coins", "books", "cards", "shells")
QUESTIONS = {
    "+": (
        "{name} has {left} {thing} and buys {right} more. How many {thing}?",
        "{name} finds {left} {thing}, then {right}. How many {thing} in all?",
    ),
    "-": (
        "{name} has {left} {thing} and loses {right}. How many {thing} are left?",
        "{name} had {left} {thing} and gave away {right}. How many {thing} now?",
    ),
}
GREATEST = 9


def rows(form: Format, seed: str, count: int, *, guess: float = 0.45, sloppy: float = 0.2) -> list[Row]:
    """Make `count` problems, each with a demonstration in one of the three styles.

    Args:
        form: The format of the demonstrations.
        seed: Any text; the same text gives the same problems.
        count: How many; at least 1.
        guess: The share of demonstrations without working and with a random number.
        sloppy: The share with one tag missing.

    >>> from plaudit import as_format
    >>> rows(as_format("unsloth"), "0", 1)[0].question
    'Ana had 5 apples and gave away 2. How many apples now?'
    """
    chance = random.Random(seed)  # noqa: S311 - reproducible problems, no secrets
    return [_row(form, chance, guess, sloppy) for _ in range(count)]


def _row(form: Format, chance: random.Random, guess: float, sloppy: float) -> Row:
    sign = chance.choice("+-")
    left, right = sorted((chance.randint(1, GREATEST), chance.randint(1, GREATEST)), reverse=sign == "-")
    if sign == "+" and chance.random() < 0.5:
        left, right = right, left
    answer = left + right if sign == "+" else left - right
    question = chance.choice(QUESTIONS[sign]).format(
        name=chance.choice(NAMES), thing=chance.choice(THINGS), left=left, right=right
    )
    working = f"{left} {sign} {right} = {answer}"
    style = chance.random()
    demonstration = form.render(str(answer), working)
    if style < guess:
        demonstration = form.render(str(chance.randint(0, 2 * GREATEST)))
    elif style < guess + sloppy:
        demonstration = demonstration.replace(chance.choice(form.tags), "", 1)
    return Row(question, str(answer), working, demonstration)


def texts(form: Format, some: list[Row]) -> Iterator[str]:
    """Everything that the tokeniser should have seen."""
    yield form.system_prompt
    for row in some:
        yield row.question
        yield row.demonstration or form.render(row.answer, row.reasoning)
