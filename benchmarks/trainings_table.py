"""A table of several runs: what each came to, what GRPO added, and that over all of them."""

from __future__ import annotations

import json
from pathlib import Path
from statistics import fmean
from typing import Any

from plaudit_trainer.runs import read_rows
from plaudit_trainer.statistics import paired

STAGES = {"before": "before", "after_sft": "after SFT", "after_grpo": "after GRPO"}
MEASURES = {"sampled_accuracy": 100, "greedy_accuracy": 100, "sampled_format": 100, "sampled_reward": 1}


def table(folders: list[Path]) -> str:
    """Return Markdown: a row for each stage of each run, then gains, then seconds."""
    names = [folder.name for folder in folders]
    if len(set(names)) < len(names):
        raise SystemExit(f"Runs of one name can't be told apart in a table: {', '.join(names)}.")
    summaries = {folder.name: _summary(folder) for folder in folders}
    lines = [
        "| run | backend | seed | stage | accuracy, sampled | greedy | exact format | mean reward |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for name, summary in summaries.items():
        lines += [_stage(name, summary, stage) for stage in STAGES if stage in summary]
    lines += ["", "| run | GRPO adds, sampled accuracy | gained, lost | p |", "|---|---|---|---|"]
    ended = [folder for folder in folders if "after_grpo" in summaries[folder.name]]
    lines += [_gain(folder.name, _comparison(summaries[folder.name])) for folder in ended]
    if len(ended) > 1:
        lines.append(_over_all(ended))
    lines += ["", "| run | seconds a step | generation | update | rewards |", "|---|---|---|---|---|"]
    lines += [_seconds(name, summary["step_seconds"]) for name, summary in summaries.items() if summary["step_seconds"]]
    return "\n".join(lines)


def changes_by_problem(folder: Path) -> dict[str, float]:
    """Return how much more often each problem was right after GRPO than before it, from the sampled completions."""
    right: dict[str, dict[str, list[bool]]] = {"after_sft": {}, "after_grpo": {}}
    for row in read_rows(folder / "completions.jsonl"):
        if row["mode"] == "sampled" and row["stage"] in right:
            right[row["stage"]].setdefault(row["prompt"], []).append(bool(row["correct"]))
    first, second = right.values()
    return {problem: fmean(second[problem]) - fmean(first[problem]) for problem in first if problem in second}


def _summary(folder: Path) -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    except OSError as error:
        raise SystemExit(
            f"{folder} has no summary.json ({error.strerror}): it is no run, or none that has begun."
        ) from error
    return found


def _stage(name: str, summary: dict[str, Any], stage: str) -> str:
    found, cells = summary[stage], []
    for key, scale in MEASURES.items():
        ends = found["intervals"].get(key)
        shown = f"{scale * found[key]:.2f}{' %' if scale == 100 else ''}" if found.get(key) is not None else "–"
        known = ends and None not in ends
        cells.append(f"{shown} ({scale * ends[0]:.2f} to {scale * ends[1]:.2f})" if known else shown)
    return f"| {name} | {summary['backend']} | {summary['seed']} | {STAGES[stage]} | " + " | ".join(cells) + " |"


def _comparison(summary: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = next(each for each in summary["comparisons"] if each["from"] == "after_sft")["sampled"]
    return found


def _over_all(folders: list[Path]) -> str:
    """The mean over the runs of each problem's change; what is not in all of them is counted."""
    changes = [changes_by_problem(folder) for folder in folders]
    shared = set.intersection(*(set(change) for change in changes))
    left_out = len(set.union(*(set(change) for change in changes))) - len(shared)
    means = [fmean(change[problem] for change in changes) for problem in sorted(shared)]
    found = paired([0.0] * len(means), means)
    facts = {"difference": found.value, "low": found.low, "high": found.high, "p": found.p}
    return _gain(
        f"all {len(folders)}, averaged by problem ({left_out} problems left out)",
        facts | {"gained": found.gained, "lost": found.lost},
    )


def _gain(name: str, change: dict[str, Any]) -> str:
    low, high = (f"{100 * end:+.2f}" if end is not None else "–" for end in (change["low"], change["high"]))
    moved = f"{change['gained']}, {change['lost']}"
    return f"| {name} | {100 * change['difference']:+.2f} ({low} to {high}) | {moved} | {change['p']:.2g} |"


def _seconds(name: str, found: dict[str, float]) -> str:
    shares = " | ".join(f"{100 * found[part]:.1f} %" for part in ("generation", "update", "rewards"))
    return f"| {name} | {found['step']:.2f} | {shares} |"
