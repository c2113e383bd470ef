"""The labelled rows: read from a folder, and turned into what the graders are asked."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

REAL_COMPLETIONS = (
    "gsm8k-openai-solutions",
    "gsm8k-abel-outputs",
    "gsm8k-tora-outputs",
    "math-qwen-completions",
    "mathgpt-abel-choice",
)
# the completions of test suites test extraction: a rule of ours in front of it would judge the rule
NEUTRAL_SOURCES = (*REAL_COMPLETIONS, "math-golds-derived")
HONEST = {"id": "honest", "mode": "completion", "text": "3 + 4 = 7, so \\boxed{7}.", "gold": "7"}


@dataclass(frozen=True)
class Rows:
    """The labelled rows and the hostile ones, as read; `files` names where they stood."""

    labelled: list[dict[str, Any]]
    hostile: list[dict[str, Any]]
    files: list[str]

    def questions(self) -> list[dict[str, Any]]:
        """Every answer once; every completion whole, and once more as the answer that a neutral rule finds in it."""
        asked = []
        for row in self.labelled:
            base = {"id": row["id"], "gold": row["gold"]}
            if row["kind"] == "answer":
                asked.append({**base, "mode": "answer", "text": row["prediction"]})
            else:
                asked.append({**base, "mode": "completion", "text": row["prediction"]})
                if row["source"] in NEUTRAL_SOURCES:
                    asked.append({**base, "mode": "neutral", "text": neutral(row["prediction"])})
        return asked

    def hostile_questions(self) -> list[dict[str, Any]]:
        """Every hostile text, an honest one after each."""
        asked = []
        for row in self.hostile:
            text = {"text": row["prediction"]} if "prediction" in row else {"parts": row["prediction_parts"]}
            asked += [{"id": row["id"], "gold": row["gold"], "mode": "completion", **text}, HONEST]
        return asked


def read(folder: Path, one_in: int = 1) -> Rows:
    """Read every `*.jsonl` of a folder; `one_in` keeps a share of the rows, chosen by a hash of their ids."""
    files = sorted(folder.glob("*.jsonl"))
    rows = [row for file in files for row in _rows_of(file)]
    rows = [row for row in rows if int(hashlib.sha256(row["id"].encode()).hexdigest(), 16) % one_in == 0]
    hostile = [row for row in rows if row["source"] == "hostile"]
    return Rows([row for row in rows if row["source"] != "hostile"], hostile, [file.name for file in files])


def _rows_of(file: Path) -> list[dict[str, Any]]:
    lines = file.read_text(encoding="utf-8").splitlines()
    return [{"id": f"{file.stem}-{number}", **json.loads(line)} for number, line in enumerate(lines, 1) if line]


def neutral(completion: str) -> str:
    """The answer that a completion ends with, found by a plain rule that belongs to no grader.

    The last box; else the last `####`; else what follows the last "answer is", "Answer:" or "A:" on its line; else the
    whole text.
    """
    box = _last_box(completion)
    if box is not None:
        return box
    for mark in ("####", "answer is", "Answer is", "nswer:", "\nA:"):
        _, found, after = completion.rpartition(mark)
        if found and after.strip():
            return after.strip().splitlines()[0].strip(" :*").removesuffix(".")
    return completion


def _last_box(text: str) -> str | None:
    start = text.rfind("\\boxed{")
    if start < 0:
        return None
    depth = 0
    for place in range(start + 6, len(text)):
        depth += {"{": 1, "}": -1}.get(text[place], 0)
        if depth == 0:
            return text[start + 7 : place]
    return None
