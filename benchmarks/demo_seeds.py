"""Tables of docs/demo.md from finished runs of the demo: `python benchmarks/demo_seeds.py runs/demo-seed0 …`.

The first table is what the runs' summaries say. The second sorts the sampled completions by strategy: careful (working
shown, exact format), guess (exact format, no working), sloppy (a tag missing or misplaced).
"""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from pathlib import Path
from statistics import fmean
from typing import Any

import plaudit

STAGES = ("after_sft", "after_grpo")
STRATEGIES = ("careful", "guess", "sloppy")


def main(folders: list[Path]) -> None:
    """Print both tables as Markdown."""
    print("| seed | mean reward, sampled | accuracy, sampled | accuracy, greedy | exact format, sampled |")
    print("| --- | --- | --- | --- | --- |")
    for folder in folders:
        print(summary_line(json.loads((folder / "summary.json").read_text(encoding="utf-8"))))
    print("\n| seed | strategy | share after SFT | right | share after GRPO | right |")
    print("| --- | --- | --- | --- | --- | --- |")
    for folder in folders:
        print("\n".join(strategy_lines(folder)))


def summary_line(summary: dict[str, Any]) -> str:
    """One run: after SFT → after GRPO (gain)."""
    before, after = (summary[stage] for stage in STAGES)
    keys = ("sampled_reward", "sampled_accuracy", "greedy_accuracy", "sampled_format")
    cells = [f"{before[key]:.2f} → {after[key]:.2f} ({after[key] - before[key]:+.2f})" for key in keys]
    return f"| {summary['seed']} | " + " | ".join(cells) + " |"


def strategy_lines(folder: Path) -> list[str]:
    """One run: the share of each strategy, and how often it is right."""
    form = plaudit.Recipe.load(folder / "recipe.yaml").format
    seed = json.loads((folder / "summary.json").read_text(encoding="utf-8"))["seed"]
    right: dict[tuple[str, str], list[bool]] = defaultdict(list)
    for line in (folder / "completions.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        if row["stage"] in STAGES and row["mode"] == "sampled":
            right[row["stage"], strategy(form, row["completion"])].append(row["correct"])
    counts = {stage: sum(len(right[stage, kind]) for kind in STRATEGIES) for stage in STAGES}
    lines = []
    for kind in STRATEGIES:
        cells = []
        for stage in STAGES:
            some = right[stage, kind]
            cells += [f"{len(some) / counts[stage]:.1%}", f"{fmean(some):.1%}" if some else "–"]
        lines.append(f"| {seed} | {kind} | " + " | ".join(cells) + " |")
    return lines


def strategy(form: Any, completion: str) -> str:
    """Say how a completion goes about it."""
    parsed = form.parse(completion)
    if not parsed.exact:
        return "sloppy"
    return "careful" if parsed.reasoning and parsed.reasoning.strip() else "guess"


if __name__ == "__main__":
    main([Path(name) for name in sys.argv[1:]])
