"""The 500 completions: ten for each of fifty problems, right and wrong, well and badly formed, some without a gold."""

import json
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
RECIPE = str(HERE / "judge.yaml")
FALLBACK = -7.0
"""Outside the recipe's range, so that it can be told from any value."""


@dataclass(frozen=True)
class Row:
    prompt: str
    completion: str
    answer: str


def rows() -> list[Row]:
    problems = [json.loads(line) for line in (HERE / "gsm8k.jsonl").read_text(encoding="utf-8").splitlines()]
    return [
        Row(problem["prompt"], completion, answer)
        for number, problem in enumerate(problems)
        for completion, answer in variants(problem["answer"], number)
    ]


def variants(gold: str, number: int) -> list[tuple[str, str]]:
    """Ten completions, each with the gold that the trainer knows; the gold of the last can't be read."""

    def solved(answer: str, working: str = f"Step {number}: I add it up.") -> str:
        return f"{working}<end_working_out><SOLUTION>{answer}</SOLUTION>"

    return [
        (solved(gold), gold),
        (solved(f"{gold}.00"), gold),
        (solved(f"${gold}"), gold),
        (solved(str(int(gold) + 1 + number)), gold),
        (f"The answer is {gold}.", gold),
        (solved(gold) + solved("0"), gold),
        (solved(gold, f"约 {gold} 🙂 “ok”\n\n\t{'so ' * number}"), gold),
        (solved(""), gold),
        ("", gold),
        (solved(gold), ""),
    ]
