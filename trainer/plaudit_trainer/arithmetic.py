"""Word problems of a few additions and subtractions with their working, made from a seed: easier than GSM8K."""

from __future__ import annotations

import random

from plaudit_trainer.rows import Row

NAMES = ("Ada", "Ben", "Chen", "Dina", "Emil", "Fay", "Gus", "Hana", "Ivo", "Joy", "Kofi", "Lena")
THINGS = ("apples", "beads", "books", "cards", "coins", "cups", "eggs", "marbles", "nails", "pens", "shells", "stamps")
MORE = ("buys {n} more", "finds {n} more", "gets {n} from {friend}", "wins {n}")
LESS = ("loses {n}", "gives {n} to {friend}", "sells {n}", "breaks {n}")
LEAST = 2


def rows(seed: str, count: int, *, steps: int = 3, greatest: int = 50) -> list[Row]:
    """Make `count` problems; no number on the way is negative.

    Args:
        seed: Any text; the same text gives the same problems.
        count: How many; at least 1.
        steps: Additions and subtractions of each; at least 1.
        greatest: The greatest number in a question; at least 2.

    >>> problem = rows("0", 1, steps=2, greatest=20)[0]
    >>> problem.question
    'Fay has 13 coins, loses 3, then wins 9. How many coins does Fay have now?'
    >>> problem.reasoning.splitlines(), problem.answer
    (['13 - 3 = 10', '10 + 9 = 19'], '19')
    """
    chance = random.Random(seed)  # noqa: S311 - reproducible problems, no secrets
    return [_row(chance, steps, greatest) for _ in range(count)]


def _row(chance: random.Random, steps: int, greatest: int) -> Row:
    name, friend = chance.sample(NAMES, 2)
    thing = chance.choice(THINGS)
    start = now = chance.randint(LEAST, greatest)
    events, working = [], []
    for _ in range(steps):
        less = now > LEAST and chance.random() < 0.5
        number = chance.randint(LEAST, min(now, greatest) if less else greatest)
        after = now - number if less else now + number
        events.append(chance.choice(LESS if less else MORE).format(n=number, friend=friend))
        working.append(f"{now} {'-' if less else '+'} {number} = {after}")
        now = after
    told = ", ".join([*events[:-1], f"then {events[-1]}"] if steps > 1 else events)
    question = f"{name} has {start} {thing}, {told}. How many {thing} does {name} have now?"
    return Row(question, str(now), "\n".join(working))
