"""What a model before GRPO reaches at lower temperatures, and what GRPO reached, sampled at temperature 1."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import fmean
from typing import Any

from plaudit_trainer.measures import comparisons
from plaudit_trainer.runs import read_rows
from plaudit_trainer.statistics import paired, share

Tries = dict[str, list[dict[str, Any]]]
"""The rows of each problem."""


def cooler_of(files: Mapping[str, Path], trained: Mapping[str, Path]) -> dict[str, Any]:
    """Compare problem by problem; what GRPO reached is the mean of several runs.

    Args:
        files: By temperature, what `plaudit evaluate RUN --out` wrote of a run that ended with its supervised stage.
        trained: Folders of runs that went on to GRPO, by their labels.
    """
    cool = {name: _tries(path, "evaluate", "sampled") for name, path in files.items()}
    greedy = {name: _tries(path, "evaluate", "greedy") for name, path in files.items()}
    runs = {label: path / "completions.jsonl" for label, path in trained.items()}
    after = {label: _tries(path, "after_grpo", "sampled") for label, path in runs.items()}
    before = {label: _tries(path, "after_sft", "greedy") for label, path in runs.items()}
    _check_problems({f"{label} after GRPO": tries for label, tries in after.items()} | before)
    _check_problems(after | {f"temperature {name}, sampled": tries for name, tries in cool.items()})
    _check_problems(after | {f"temperature {name}, greedy": tries for name, tries in greedy.items()})
    reached = _mean([_right(tries) for tries in after.values()])
    first = next(iter(greedy))
    return {
        "temperatures": [
            {"temperature": name, "agree": _agree(tries, greedy[name]), **_against(tries, reached)}
            for name, tries in cool.items()
        ],
        "greedy": _against(greedy[first], reached),
        "reached": fmean(reached.values()),
        "own_greedy": fmean(_mean([_right(tries) for tries in before.values()]).values()),
        "trained": {label: {"any": _any(after[label]), "ahead": _over_greedy(path)} for label, path in runs.items()},
    }


def told_of_cooling(cooler: Mapping[str, Any]) -> dict[str, bool]:
    """What the page says: cooling gives half of GRPO's gain, and two of three trainings beat their greedy answers."""
    first, *others = cooler["temperatures"]
    gain = cooler["reached"] - first["accuracy"]["value"]
    best = max(one["accuracy"]["value"] for one in others)
    ahead = [one["ahead"] for one in cooler["trained"].values()]
    return {
        "the first of four temperatures is 1": len(others) == 3 and float(first["temperature"]) == 1,
        "a lower temperature helps": all(one["accuracy"]["low"] > first["accuracy"]["high"] for one in others),
        "GRPO is ahead of every temperature beyond chance": all(one["ahead"]["low"] > 0 for one in (first, *others)),
        "half of the gain is there at a lower temperature": 0.45 < (best - first["accuracy"]["value"]) / gain < 0.55,
        "the first and third are ahead of theirs beyond chance": min(ahead[0]["low"], ahead[2]["low"]) > 0,
        "the second is not": ahead[1]["low"] < 0 < ahead[1]["high"],
        "in any of four tries it is right as often as a trained one": max(one["any"] for one in others)
        > min(one["any"] for one in cooler["trained"].values()),
    }


def _against(tries: Tries, reached: Mapping[str, float]) -> dict[str, Any]:
    estimate = share([[float(bool(row["correct"])) for row in rows] for rows in tries.values()])
    right = _right(tries)
    ahead = paired([right[problem] for problem in reached], list(reached.values()))
    return {
        "accuracy": estimate.to_dict() if estimate else None,
        "any": _any(tries),
        "ahead": {"difference": ahead.value, "low": ahead.low, "high": ahead.high},
    }


def _over_greedy(completions: Path) -> dict[str, Any]:
    by_grpo = next(each for each in comparisons(completions) if each["from"] == "after_sft")
    return {end: by_grpo["sampled_over_greedy"][end] for end in ("difference", "low", "high")}


def _tries(path: Path, stage: str, mode: str) -> Tries:
    found: Tries = {}
    for row in read_rows(path):
        if (row["stage"], row["mode"]) == (stage, mode):
            found.setdefault(row["prompt"], []).append(row)
    return found


def _right(tries: Tries) -> dict[str, float]:
    return {problem: fmean(bool(row["correct"]) for row in rows) for problem, rows in tries.items()}


def _any(tries: Tries) -> float:
    return fmean(any(row["correct"] for row in rows) for rows in tries.values())


def _agree(tries: Tries, greedy: Tries) -> float:
    """How many samples give the result of the greedy answer to the same problem."""
    return fmean(
        bool(row["extracted"]) and row["extracted"] == greedy[problem][0]["extracted"]
        for problem, rows in tries.items()
        for row in rows
    )


def _check_problems(measured: Mapping[str, Tries]) -> None:
    names = iter(measured)
    first = next(names)
    for name in names:
        if not measured[name]:
            raise SystemExit(f"{name}: no such completions are there; evaluate with samples and greedy.")
        if measured[name].keys() != measured[first].keys():
            raise SystemExit(f"{name} was not evaluated on the same problems as {first}.")


def _mean(runs: Sequence[Mapping[str, float]]) -> dict[str, float]:
    return {problem: fmean(run[problem] for run in runs) for problem in runs[0]}
