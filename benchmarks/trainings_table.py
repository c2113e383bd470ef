"""A table of several runs: what each came to, what GRPO added, and that over all of them."""

from __future__ import annotations

import json
from pathlib import Path
from statistics import fmean, median
from typing import Any

from plaudit_trainer.runs import read_rows
from plaudit_trainer.statistics import Difference, paired

STAGES = {"before": "before", "after_sft": "after SFT", "after_grpo": "after GRPO"}


def table(folders: list[Path]) -> str:
    """Return Markdown: a row for each stage of each run, then gains, then seconds."""
    summaries = {folder.name: json.loads((folder / "summary.json").read_text(encoding="utf-8")) for folder in folders}
    lines = [
        "| run | backend | seed | stage | accuracy, sampled | greedy | exact format | mean reward |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for name, summary in summaries.items():
        lines += [_stage(name, summary, stage) for stage in STAGES if stage in summary]
    lines += ["", "| run | GRPO adds, sampled accuracy | gained, lost | p |", "|---|---|---|---|"]
    changes = {folder.name: change for folder in folders if (change := changes_by_problem(folder))}
    lines += [_gain(name, paired([0.0] * len(change), list(change.values()))) for name, change in changes.items()]
    if len(changes) > 1:
        shared = set.intersection(*(set(change) for change in changes.values()))
        means = [fmean(change[problem] for change in changes.values()) for problem in sorted(shared)]
        lines.append(_gain(f"all {len(changes)}, by problem", paired([0.0] * len(means), means)))
    lines += ["", "| run | steps | seconds a step | generation | update | rewards |", "|---|---|---|---|---|---|"]
    lines += [line for folder in folders if (line := _seconds(folder))]
    return "\n".join(lines)


def changes_by_problem(folder: Path) -> dict[str, float]:
    """Return how much more often each problem was right after GRPO than before it, from the sampled completions."""
    right: dict[str, dict[str, list[bool]]] = {"after_sft": {}, "after_grpo": {}}
    for row in read_rows(folder / "completions.jsonl"):
        if row["mode"] == "sampled" and row["stage"] in right:
            right[row["stage"]].setdefault(row["prompt"], []).append(bool(row["correct"]))
    first, second = right.values()
    return {problem: fmean(second[problem]) - fmean(first[problem]) for problem in first if problem in second}


def _stage(name: str, summary: dict[str, Any], stage: str) -> str:
    found = summary[stage]
    cells = []
    for key, scale in (
        ("sampled_accuracy", 100),
        ("greedy_accuracy", 100),
        ("sampled_format", 100),
        ("sampled_reward", 1),
    ):
        if key not in found:
            cells.append("")
            continue
        low, high = (scale * end for end in found["intervals"][key])
        unit = " %" if scale == 100 else ""
        cells.append(f"{scale * found[key]:.2f}{unit} ({low:.2f} to {high:.2f})")
    return f"| {name} | {summary['backend']} | {summary['seed']} | {STAGES[stage]} | " + " | ".join(cells) + " |"


def _gain(name: str, change: Difference) -> str:
    low, high = (f"{100 * end:+.2f}" if end is not None else "–" for end in (change.low, change.high))
    return f"| {name} | {100 * change.value:+.2f} ({low} to {high}) | {change.gained}, {change.lost} | {change.p:.2g} |"


def _seconds(folder: Path) -> str:
    steps = [row for row in read_rows(folder / "metrics.jsonl") if row["stage"] == "grpo" and "seconds/step" in row]
    if not steps:
        return ""
    cells = [
        f"{median(row[f'seconds/{name}'] for row in steps):.2f}" for name in ("step", "generation", "update", "rewards")
    ]
    return f"| {folder.name} | {len(steps)} | " + " | ".join(cells) + " |"
