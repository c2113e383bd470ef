"""Completions of GSM8K's size, made from its questions: some right, some wrong, some out of shape, all different."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path

STEPS = (
    "First, we note that there are {a} of them at the start.",
    "Each of the {b} people gets {a}, which makes {a} * {b} = {c} in total.",
    "Then {b} more are added, so we have {a} + {b} = {d}.",
    "Half of {c} is {e}, so {e} remain after that.",
    "Subtracting {a} from {c} leaves {f}.",
    "The cost per item is ${a}.{b:02d}, and for {b} items we pay ${c}.",
    "So the number we look for must be between {a} and {c}.",
)


def completions(problems: Path, count: int, seed: int = 7) -> Iterator[dict[str, str]]:
    """Make rows: `prompt`, `completion`, `answer`.

    Six in ten are right, two wrong; one says the right thing without the closing tags, one goes on after its answer.
    """
    with problems.open(encoding="utf-8") as file:
        rows = [json.loads(line) for line in file]
    dice = random.Random(seed)
    for number in range(count):
        row = rows[number % len(rows)]
        yield {
            "prompt": row["problem"],
            "completion": _completion(dice, row["answer"], number),
            "answer": row["answer"],
        }


def _completion(dice: random.Random, answer: str, number: int) -> str:
    steps = []
    for _ in range(dice.randint(4, 9)):
        a, b = dice.randint(2, 90), dice.randint(2, 40)
        steps.append(dice.choice(STEPS).format(a=a, b=b, c=a * b, d=a + b, e=a * b // 2, f=a * b - a))
    working = f"Let me think about this, attempt {number}. " + "\n".join(steps)
    kind = dice.random()
    said = answer if kind < 0.6 or kind >= 0.8 else str(dice.randint(1, 9999))
    if kind >= 0.9:
        return f"{working}<end_working_out><SOLUTION>{said}</SOLUTION> I hope this helps!"
    return (
        f"{working} The answer is {said}." if kind >= 0.8 else f"{working}<end_working_out><SOLUTION>{said}</SOLUTION>"
    )
