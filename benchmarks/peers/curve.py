"""The batch curve: what a batch of completions costs through the rewards, over its count and over their length."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from typing import Any

from peers.figures import EASY
from peers.rows import REAL_COMPLETIONS
from peers.runner import child_environment

COUNTS = (1_024, 2_048, 4_096, 8_192, 16_384)
LENGTHS = (500, 1_000, 2_000, 4_000, 8_000, 16_000)
USUAL_COUNT, USUAL_LENGTH = 8_192, 2_000


@dataclass(frozen=True)
class Point:
    """One batch: what it was and what it cost, in processor seconds (golds unseen; the same batch again)."""

    reward: str
    golds: str
    count: int
    characters: int
    cold: float
    again: float
    right: int


def measure(labelled: list[dict[str, Any]]) -> list[Point]:
    """All points; the curve is taken with the reward of the target, the rest at its size only."""
    sets = _golds(labelled)
    sizes = [(count, USUAL_LENGTH) for count in COUNTS] + [(USUAL_COUNT, n) for n in LENGTHS if n != USUAL_LENGTH]
    plan = [("answer-match", "integers", *size) for size in sizes]
    plan += [
        (name, golds, USUAL_COUNT, USUAL_LENGTH)
        for name, golds in (("answer-match", "mixed"), ("math-equal", "integers"), ("math-equal", "mixed"))
    ]
    texts = [row["prediction"] for row in labelled if row["source"] in REAL_COMPLETIONS]
    texts = [text for text in texts if "####" not in text and "boxed" not in text and "<" not in text][:64]
    texts = texts or ["We add the two numbers and get what was asked. "]
    spellings: dict[str, list[str]] = {}
    for row in labelled:
        if row["label"] and row["kind"] == "answer" and not row.get("contested"):
            spellings.setdefault(row["gold"], []).append(row["prediction"])
    shared = {"texts": texts, "spellings": spellings}
    return [_point(reward, name, sets[name], shared, count, length) for reward, name, count, length in plan]


def _golds(labelled: list[dict[str, Any]]) -> dict[str, list[str]]:
    golds = list(dict.fromkeys(row["gold"] for row in labelled if len(row["gold"]) < 80 and row["kind"] == "answer"))
    numbers = [str(3 * number + 7) for number in range(1_024)]
    return {"integers": numbers, "mixed": [gold for gold in golds if not EASY.fullmatch(gold)][:256] + numbers[:256]}


def _point(reward: str, name: str, golds: list[str], shared: dict[str, Any], count: int, length: int) -> Point:
    point = {**shared, "reward": reward, "golds": golds, "count": count, "characters": length}
    done = subprocess.run(
        [sys.executable, "-m", "peers.batch"],
        input=json.dumps(point),
        capture_output=True,
        text=True,
        check=False,
        env=child_environment(),
    )
    if done.returncode:
        raise RuntimeError(f"the batch of {count} completions through {reward} failed:\n{done.stderr}")
    found = json.loads(done.stdout)
    return Point(reward, name, count, length, found["cold"], found["again"], found["right"])
