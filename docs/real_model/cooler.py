"""What the model before GRPO reaches at lower temperatures, against what GRPO made of it at temperature 1."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import fmean
from typing import Any

from plaudit_trainer.runs import read_rows
from plaudit_trainer.statistics import paired, share

Right = dict[str, list[float]]
"""Of each problem, which tries were right."""


def cooler_of(files: Mapping[str, Path], trained: Sequence[Path]) -> dict[str, Any]:
    """Compare problem by problem; what GRPO reached is the mean of several runs.

    Args:
        files: By temperature, what `plaudit evaluate RUN --out` wrote of a run that ended with its supervised stage.
        trained: Folders of runs that went on to GRPO.
    """
    reached = _mean([_right(path / "completions.jsonl", "after_grpo", "sampled") for path in trained])
    own = _mean([_right(path / "completions.jsonl", "after_sft", "greedy") for path in trained])
    right = {name: _right(path, "evaluate", "sampled") for name, path in files.items()}
    right["0"] = _right(next(iter(files.values())), "evaluate", "greedy")
    if any(each.keys() != reached.keys() for each in right.values()):
        raise SystemExit("The model before GRPO and the runs were not evaluated on the same problems.")
    return {
        "temperatures": [{"temperature": name, **_against(each, reached)} for name, each in right.items()],
        "own_greedy": _against(own, reached),
    }


def told_of_cooling(cooler: Mapping[str, Any]) -> dict[str, bool]:
    """What the page says of it: cooling gives about half of what GRPO gave, and the own greedy answers most of it."""
    first, *others = cooler["temperatures"]
    best = max(others, key=lambda one: one["accuracy"]["value"])
    gained = best["accuracy"]["value"] - first["accuracy"]["value"]
    share_ = gained / first["ahead"]["difference"]
    return {
        "the first of the temperatures is 1": float(first["temperature"]) == 1,
        "a lower temperature helps": best["accuracy"]["low"] > first["accuracy"]["high"],
        "GRPO is ahead of every temperature beyond chance": all(one["ahead"]["low"] > 0 for one in (first, *others)),
        "the best temperature gives half of what GRPO gave, or a little more": 0.5 <= share_ < 0.65,
        "GRPO is not clearly ahead of the own greedy answers": cooler["own_greedy"]["ahead"]["low"] < 0,
    }


def _against(right: Right, reached: Right) -> dict[str, Any]:
    estimate = share(list(right.values()))
    ahead = paired([fmean(right[problem]) for problem in reached], [fmean(each) for each in reached.values()])
    return {
        "accuracy": estimate.to_dict() if estimate else None,
        "ahead": {"difference": ahead.value, "low": ahead.low, "high": ahead.high},
    }


def _right(path: Path, stage: str, mode: str) -> Right:
    found: Right = {}
    for row in read_rows(path):
        if (row["stage"], row["mode"]) == (stage, mode):
            found.setdefault(row["prompt"], []).append(float(bool(row["correct"])))
    return found


def _mean(runs: Sequence[Right]) -> Right:
    return {problem: [fmean(fmean(run[problem]) for run in runs)] for problem in runs[0]}
