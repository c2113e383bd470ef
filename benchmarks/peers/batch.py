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

from peers.child import WARM_UP, Children

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
    others = point["spellings"]
    made, wanted = [], []
    for problem in range(problems):
        gold = golds[problem % len(golds)]
        for sample in range(GROUP):
            answer = ending.format(_spelling(gold, sample, others) if sample < 10 else choose.choice(golds))
            head = f"[{problem}.{sample}] "
            body = texts[choose.randrange(len(texts))]
            room = point["characters"] - len(head) - len(answer)
            made.append(head + (body * (room // len(body) + 1))[:room] + answer)
            wanted.append(gold)
    return made, wanted


def _spelling(gold: str, sample: int, others: dict[str, list[str]]) -> str:
    """The gold as it stands for six of ten, then as models spell it, then as labelled rows do, where there are some."""
    plain = {6: f"${gold}$", 7: f"{{{gold}}}", 8: f"\\displaystyle {gold}", 9: gold.replace("\\frac", "\\dfrac") + " "}
    known = others.get(gold, [])
    return known[sample % len(known)] if known and sample > 7 else plain.get(sample, gold)


def main() -> None:
    """Time one batch in processor seconds and print it as JSON."""
    import plaudit

    point = json.loads(sys.stdin.read())
    options = {"by": "math"} if point["reward"] == "answer-match" else {}
    reward = plaudit.load(point["reward"], **options)
    texts, golds = completions(point)
    ready = [ENDINGS[point["reward"]].format(text.partition("{")[2][:-2]) for text, _ in WARM_UP]
    reward(completions=ready, answer=[gold for _, gold in WARM_UP])
    children, seconds = Children(), []
    children.seconds_since_last(waited=1)
    for _ in range(2):  # the second pass finds the golds read
        start = time.process_time()
        values = reward(completions=texts, answer=golds)
        seconds.append(time.process_time() - start + children.seconds_since_last(waited=1))
    best = max(value for value in values if value is not None)
    right = sum(value == best for value in values)
    print(json.dumps({"cold": seconds[0], "again": seconds[1], "right": right, "rows": len(texts)}))


if __name__ == "__main__":
    main()
