"""The plain way: TRL reward functions in a loop, with Math-Verify. Run by the Python of an environment that has it.

Reads JSON Lines; prints how many rows it judged, in how many seconds of wall and of processor time, and what was right.
"""

from __future__ import annotations

import json
import re
import sys
import time
from itertools import islice
from pathlib import Path

from math_verify import parse, verify

SHAPE = re.compile(r"<end_working_out>.*?<SOLUTION>(.+?)</SOLUTION>\s*$", re.DOTALL)
NUMBER = re.compile(r"<SOLUTION>.*?(-?[\d.,]+)", re.DOTALL)
TAGS = ("<end_working_out>", "<SOLUTION>", "</SOLUTION>")


def shape_exact(completions, **_):
    """3 for the exact shape."""
    return [3.0 if SHAPE.search(text) else 0.0 for text in completions]


def shape_near(completions, **_):
    """Half a point for each tag that occurs once."""
    return [sum(0.5 if text.count(tag) == 1 else -0.5 for tag in TAGS) for text in completions]


def answer_equal(completions, answer, **_):
    """5 where Math-Verify finds the solution equal to the gold."""
    scores = []
    for text, gold in zip(completions, answer, strict=True):
        found = SHAPE.search(text)
        equal = found is not None and verify(parse(f"${gold}$"), parse(f"${found.group(1)}$"))
        scores.append(5.0 if equal else -2.0)
    return scores


def number_equal(completions, answer, **_):
    """3.5 where the first number of the solution is the gold."""
    scores = []
    for text, gold in zip(completions, answer, strict=True):
        found = NUMBER.search(text)
        try:
            scores.append(3.5 if float(found.group(1).replace(",", "")) == float(gold.replace(",", "")) else -1.5)
        except (AttributeError, ValueError):
            scores.append(-2.5)
    return scores


def main() -> None:
    """Judge the first rows of a file, in batches of 64."""
    path, limit = Path(sys.argv[1]), int(sys.argv[2])
    verify(parse("$1$"), parse("$1$"))  # its grammar is built at the first call
    wall, processor, rows, right = time.perf_counter(), time.process_time(), 0, 0
    with path.open(encoding="utf-8") as file:
        lines = islice(file, limit)
        while batch := [json.loads(line) for line in islice(lines, 64)]:
            texts, golds = [row["completion"] for row in batch], [row["answer"] for row in batch]
            parts = [
                function(texts, answer=golds) for function in (shape_exact, shape_near, answer_equal, number_equal)
            ]
            totals = [sum(scores) for scores in zip(*parts, strict=True)]
            rows, right = rows + len(totals), right + sum(score == 5.0 for score in parts[2])
    seconds = {"wall": time.perf_counter() - wall, "processor": time.process_time() - processor}
    print(json.dumps({"rows": rows, "right": right, **seconds}))


if __name__ == "__main__":
    main()
