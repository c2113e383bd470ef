"""What the page "A real model" says of runs of `smollm2-gsm8k`: read from their folders, as plain data."""

from __future__ import annotations

import re
from collections.abc import Sequence
from statistics import fmean, median
from typing import Any

from plaudit.report.completion import Completion
from plaudit.report.run import Run
from plaudit.report.summary import rows as table_rows

CURVES = {
    "reward": "reward",
    "answer": "rewards/answer-match/mean",
    "number": "rewards/numeric-tolerance/mean",
    "tokens": "completions/mean_length",
    "silent": "frac_reward_zero_std",
    "rewards_seconds": "seconds/rewards",
    "generation_seconds": "seconds/generation",
    "update_seconds": "seconds/update",
    "step_seconds": "seconds/step",
}
ENDS = 5
"""How many steps the beginning and the end of a curve are averaged over."""
STAGES = ("after_sft", "after_grpo")
NUMBER = r"\$?\d+(?:\.\d+)?"
CALCULATION = re.compile(rf"({NUMBER}(?: ?[+\-*/×] ?{NUMBER})+)[^\d=+\-*/×]{{0,20}}= ?({NUMBER})")
SINGLE = re.compile(rf"({NUMBER}) ?([+\-*/×]) ?({NUMBER})")


def facts_of(run: Run, others: Sequence[Run], card: str) -> dict[str, Any]:
    """Collect all facts; a run that doesn't show what the page tells is refused, with what it lacks."""
    found = {
        "card": card,
        "versions": run.provenance["versions"],
        "seed": run.provenance["seed"],
        "backend": run.provenance["backend"],
        "summary": {key: run.summary[key] for key in ("after_sft", "after_grpo", "seconds", "difficulty")},
        "by_grpo": next(each for each in run.summary["comparisons"] if each["from"] == "after_sft"),
        "table": [
            {"label": row.label, "part": row.part, "cells": row.shown(), "intervals": row.shown_intervals(),
             "delta": row.shown_delta()}
            for row in table_rows(run.summary)
        ],
        "curves": {str(each.provenance["seed"]): _curves(each) for each in (run, *others)},
        "sft": {str(each.provenance["seed"]): each.summary["after_sft"] for each in (run, *others)},
        "problems": _problems(run),
        "habits": {stage: _habits(_rows(run, stage)) for stage in STAGES},
    }  # fmt: skip
    steps = found["curves"][str(found["seed"])]
    found["gain"] = {
        name: fmean(steps[name][-ENDS:]) - fmean(steps[name][:ENDS]) for name in ("reward", "answer", "number")
    }
    found["median"] = {name: median(steps[f"{name}_seconds"]) for name in ("generation", "update", "rewards", "step")}
    _demand(found, run)
    return found


def _rows(run: Run, stage: str, mode: str = "sampled") -> list[Completion]:
    return [row for row in run.completions if row.stage == stage and row.mode == mode]


def _curves(run: Run) -> dict[str, list[float]]:
    return {name: [round(value, 4) for value in run.metrics.series("grpo", key).values] for name, key in CURVES.items()}


def _habits(rows: list[Completion]) -> dict[str, Any]:
    """How long the completions are, and how many of their calculations with one sign are true."""
    found = [pair for row in rows for pair in CALCULATION.findall(row.text.replace(",", ""))]
    single = [(SINGLE.fullmatch(left), said) for left, said in found]
    true = [holds(*match.groups(), said) for match, said in single if match]
    return {
        "completions": len(rows),
        "characters": fmean(len(row.text) for row in rows),
        "characters_right": fmean(len(row.text) for row in rows if row.correct),
        "characters_wrong": fmean(len(row.text) for row in rows if not row.correct),
        "equations": len(true),
        "true": fmean(true),
    }


def holds(left: str, sign: str, right: str, said: str) -> bool:
    """Whether `left sign right = said`, to half a unit of its last digit.

    >>> holds("7", "/", "3", "2.33"), holds("$4", "×", "5", "$21")
    (True, False)
    """
    first, second, result = (float(text.lstrip("$")) for text in (left, right, said))
    if sign == "/" and not second:
        return False
    value = {"+": first + second, "-": first - second, "*": first * second, "×": first * second}.get(sign)
    digits = len(said.partition(".")[2])
    return abs((first / second if value is None else value) - result) <= 0.5 * 10**-digits + 1e-9


def _problems(run: Run) -> dict[str, Any]:
    """Problems by how often they were right before and after GRPO, and the first that was won and lost outright."""
    tries: dict[str, dict[str, list[Completion]]] = {}
    for stage in STAGES:
        for row in _rows(run, stage):
            tries.setdefault(row.prompt, {}).setdefault(stage, []).append(row)
    counts = {
        question: tuple(sum(bool(row.correct) for row in rows[stage]) for stage in STAGES)
        for question, rows in tries.items()
    }
    most = run.summary["after_sft"]["samples"]
    solvable = [pair for pair in counts.values() if any(pair)]
    return {
        "samples": most,
        "never": sum(not any(pair) for pair in counts.values()),
        "new": sum(before == 0 and after > 0 for before, after in solvable),
        "lost": sum(before > 0 and after == 0 for before, after in solvable),
        "both": sum(before > 0 and after > 0 for before, after in solvable),
        "won": _shown(tries, next(question for question, pair in counts.items() if pair == (0, most))),
        "won_outright": sum(pair == (0, most) for pair in counts.values()),
    }


def _shown(tries: dict[str, dict[str, list[Completion]]], question: str) -> dict[str, Any]:
    rows = tries[question]
    return {
        "question": question,
        "answer": rows["after_sft"][0].answer,
        **{
            stage: [{"text": row.text, "value": row.value, "extracted": row.extracted} for row in some[:2]]
            for stage, some in rows.items()
        },
    }


def _demand(found: dict[str, Any], run: Run) -> None:
    """Refuse a run that turned out otherwise than the page's sentences say."""
    greedy, sampled = found["by_grpo"]["greedy"], found["by_grpo"]["sampled"]
    before, after = (found["habits"][stage] for stage in STAGES)
    told = {
        "GRPO's gain in sampled accuracy is beyond chance": sampled["low"] > 0,
        "its gain in greedy accuracy is not": greedy["low"] < 0 < greedy["high"],
        "right completions are shorter": before["characters_right"] < before["characters_wrong"],
        "the answer and the number are most of what is paid more": found["gain"]["answer"] + found["gain"]["number"]
        > 0.8 * found["gain"]["reward"],
        "completions grow shorter": after["characters"] < before["characters"],
        "more of their sums are true": after["true"] > before["true"],
        "rewards take less than a hundredth of a step": found["median"]["rewards"] < 0.01 * found["median"]["step"],
        "all curves rise": all(curve["reward"][-1] > curve["reward"][0] for curve in found["curves"].values()),
    }
    missing = [claim for claim, holds_ in told.items() if not holds_]
    if missing:
        raise SystemExit(f"{run.path} doesn't show what the page says; change its templates. Not so: {missing}.")
