"""One point of the batch curve, in a fresh process: `python -m peers.batch '{"count": 8192, ...}'`.

A batch is what a GRPO step hands over: problems x 16 completions, each text distinct. Every group holds its gold as it
stands, in other spellings, and answers of other problems.
"""

from __future__ import annotations

import json
import random
import sys
import time
from typing import Any

GROUP = 16
ENDINGS = {
    "answer-match": "<end_working_out>\n<SOLUTION>{}</SOLUTION>",
    "math-equal": "\nSo the answer is \\boxed{{{}}}.",
}


def completions(point: dict[str, Any]) -> tuple[list[str], list[str]]:
    """Texts of the wanted length, real reasoning in front and an answer behind; and their golds."""
    choose = random.Random(0)
    problems = point["count"] // GROUP
    golds, texts, ending = point["golds"], point["texts"], ENDINGS[point["reward"]]
    made, wanted = [], []
    for problem in range(problems):
        gold = golds[problem % len(golds)]
        for sample in range(GROUP):
            answer = ending.format(_spelling(gold, sample) if sample < 10 else choose.choice(golds))
            head = f"[{problem}.{sample}] "
            body = texts[choose.randrange(len(texts))]
            room = point["characters"] - len(head) - len(answer)
            made.append(head + (body * (room // len(body) + 1))[:room] + answer)
            wanted.append(gold)
    return made, wanted


def _spelling(gold: str, sample: int) -> str:
    """The gold as it stands for most samples, else in a spelling that only a reader sees through."""
    spellings = {6: f"${gold}$", 7: f"{{{gold}}}", 8: f"1 \\cdot ({gold})", 9: gold.replace("\\frac", "\\dfrac") + " "}
    return spellings.get(sample, gold)


def main() -> None:
    """Time one batch in processor seconds and print it as JSON."""
    import plaudit

    point = json.loads(sys.stdin.read())
    options = {"by": "math"} if point["reward"] == "answer-match" else {}
    reward = plaudit.load(point["reward"], **options)
    texts, golds = completions(point)
    reward(completions=texts[:1], answer=["17"])
    seconds = []
    for _ in range(2):  # the second pass finds the golds read
        start = time.process_time()
        values = reward(completions=texts, answer=golds)
        seconds.append(time.process_time() - start)
    best = max(value for value in values if value is not None)
    right = sum(value == best for value in values)
    print(json.dumps({"cold": seconds[0], "again": seconds[1], "right": right, "rows": len(texts)}))


if __name__ == "__main__":
    main()
