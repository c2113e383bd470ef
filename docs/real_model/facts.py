"""What the page "A real model" says of runs of `smollm2-gsm8k`: read from their folders, as plain data."""

from __future__ import annotations

import re
import shlex
import textwrap
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import fmean, median
from typing import Any

from real_model.cooler import cooler_of, told_of_cooling

from plaudit import Recipe
from plaudit.report.completion import Completion
from plaudit.report.run import Run
from plaudit.report.summary import rows as table_rows
from plaudit_trainer.config import TrainConfig
from plaudit_trainer.settings import check

NO_BREAK = "\u00a0"

CURVES = {
    "reward": "reward",
    "answer": "rewards/answer-match/mean",
    "number": "rewards/numeric-tolerance/mean",
    "tokens": "completions/mean_length",
    "cut_off": "completions/clipped_ratio",
    "silent": "frac_reward_zero_std",
    "rewards_seconds": "seconds/rewards",
    "generation_seconds": "seconds/generation",
    "update_seconds": "seconds/update",
    "step_seconds": "seconds/step",
}
ENDS = 5
"""How many steps the beginning and the end of a curve are averaged over."""
STAGES = ("after_sft", "after_grpo")
TOLD = ["unsloth, seed 0", "unsloth, seed 1", "trl, seed 0"]
"""The runs that the page tells of; the first one's story, and what the others came to."""
NUMBER = r"\$?\d+(?:\.\d+)?"
CALCULATION = re.compile(rf"({NUMBER}(?: ?[+\-*/×] ?{NUMBER})+)[^\d=+\-*/×]{{0,20}}= ?({NUMBER})")
SINGLE = re.compile(rf"({NUMBER}) ?([+\-*/×]) ?({NUMBER})")


def facts_of(run: Run, others: Sequence[Run], card: str, cooler: Mapping[str, Path]) -> dict[str, Any]:
    """Collect all facts; a run that doesn't show what the page tells is refused, with what it lacks."""
    trainings = {_label(each): _training(each) for each in (run, *others)}
    if list(trainings) != TOLD:
        told, given = ("; ".join(names) for names in (TOLD, map(_label, (run, *others))))
        raise SystemExit(f"The page tells of these runs, in this order: {told}. Not of: {given}.")
    config = check(Recipe.load(run.path / "recipe.yaml").train)
    found = {
        "settings": _settings(config),
        "command": shown_command(run.provenance["command"]),
        "card": card,
        "versions": run.provenance["versions"],
        "seed": run.provenance["seed"],
        "summary": {key: run.summary[key] for key in ("after_sft", "after_grpo", "seconds", "difficulty")},
        "table": [
            {"label": row.label, "part": row.part, "cells": row.shown(), "intervals": row.shown_intervals(),
             "delta": row.shown_delta()}
            for row in table_rows(run.summary)
        ],
        "trainings": trainings,
        "problems": _problems(run),
        "cooler": cooler_of(cooler, {_label(each): each.path for each in (run, *others)}),
        "in_shape": {stage: _in_shape(run, stage) for stage in STAGES},
    }  # fmt: skip
    steps = trainings[TOLD[0]]["curves"]
    found["gain"] = {
        name: fmean(steps[name][-ENDS:]) - fmean(steps[name][:ENDS]) for name in ("reward", "answer", "number")
    }
    lengths = steps["tokens"]
    found["tokens"] = {
        "first": fmean(lengths[:ENDS]),
        "last": fmean(lengths[-ENDS:]),
        "cut_off": fmean(steps["cut_off"][:ENDS]),
    }
    silent = steps["silent"]
    found["silent"] = {"first": fmean(silent[:ENDS]), "last": fmean(silent[-ENDS:])}
    _demand(found, run, config)
    return found


def _label(run: Run) -> str:
    return f"{run.provenance['backend']}, seed {run.provenance['seed']}"


def _training(run: Run) -> dict[str, Any]:
    """What is told of every run: its curves, and what it came to."""
    if "after_grpo" not in run.summary:
        raise SystemExit(f"{run.path} was not evaluated after GRPO; `plaudit train --resume` goes on with it.")
    curves = _curves(run)
    return {
        "curves": curves,
        "median": _seconds(curves),
        "accuracy": {
            mode: [run.summary[stage][f"{mode}_accuracy"] for stage in STAGES] for mode in ("sampled", "greedy")
        },
        "by_grpo": next(each for each in run.summary["comparisons"] if each["from"] == "after_sft"),
        "habits": {stage: _habits(_rows(run, stage)) for stage in STAGES},
        "surer": _surer(run),
    }


def _seconds(curves: dict[str, list[float]]) -> dict[str, float]:
    return {name: median(curves[f"{name}_seconds"]) for name in ("generation", "update", "rewards", "step")}


def shown_command(command: str) -> str:
    """Return the command of a run as a reader can give it: without the paths of one machine, in short lines.

    >>> print(shown_command("plaudit train r --out /x --set model.path=/m --set seed=1 --set 'a={b: 2}'"))
    plaudit train r --set seed=1 --set 'a={b: 2}'
    """
    words = shlex.split(command)
    pairs = [tuple(words[at : at + 2]) for at in range(3, len(words), 2)]
    kept = [
        f"{option} {shlex.quote(value)}"
        for option, value in pairs
        if option != "--out"
        and not value.startswith(("model.path=", "data.sft.source=", "data.grpo.source=", "data.evaluate.source="))
    ]
    lines = textwrap.wrap(
        " ".join(words[:3] + [one.replace(" ", NO_BREAK) for one in kept]),
        100,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return " \\\n  ".join(lines).replace(NO_BREAK, " ")


def _settings(config: TrainConfig) -> dict[str, Any]:
    lora = config.model.lora
    return {
        "epochs": config.sft.epochs,
        "rank": lora.rank if lora else None,
        "prompts": config.grpo.prompts_per_step,
        "generations": config.grpo.generations,
        "learning_rate": config.grpo.learning_rate,
        "tokens": config.grpo.max_completion_length,
        "minutes": config.grpo.max_minutes,
    }


def _rows(run: Run, stage: str, mode: str = "sampled") -> list[Completion]:
    return [row for row in run.completions if row.stage == stage and row.mode == mode]


def _curves(run: Run) -> dict[str, list[float]]:
    return {name: [round(value, 4) for value in run.metrics.series("grpo", key).values] for name, key in CURVES.items()}


def _in_shape(run: Run, stage: str) -> dict[str, int]:
    """The sampled completions that are in the format's shape, and how many of these are right."""
    form = Recipe.load(run.path / "recipe.yaml").format
    rows = [row for row in _rows(run, stage) if form is not None and form.parse(row.text).exact]
    return {"completions": len(rows), "right": sum(bool(row.correct) for row in rows)}


def _surer(run: Run) -> dict[str, Any]:
    """How sampled tries lie to greedy answers, before GRPO and after it."""
    greedy = {stage: {row.prompt: row for row in _rows(run, stage, "greedy")} for stage in STAGES}
    old, new = (greedy[stage] for stage in STAGES)
    agree = {
        stage: fmean(bool(row.extracted) and row.extracted == greedy[stage][row.prompt].extracted
                     for row in _rows(run, stage))
        for stage in STAGES
    }  # fmt: skip
    right = [row for row in _rows(run, "after_grpo") if row.correct]
    return {
        "agree": agree,
        "greedy_both": sum(bool(old[prompt].correct and new[prompt].correct) for prompt in old),
        "right": len(right),
        "right_where_greedy_was": sum(bool(old[row.prompt].correct) for row in right),
    }


def _habits(rows: list[Completion]) -> dict[str, Any]:
    """How long the completions are, and how many of their calculations with one sign are true."""
    found = [pair for row in rows for pair in CALCULATION.findall(row.text.replace(",", ""))]
    single = [(SINGLE.fullmatch(left), said) for left, said in found]
    true = [holds(*match.groups(), said) for match, said in single if match]
    return {
        "completions": len(rows),
        "characters": fmean(len(row.text) for row in rows),
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


def _demand(found: dict[str, Any], run: Run, config: TrainConfig) -> None:
    """Refuse runs that turned out otherwise than the page's sentences say."""
    told = _told_of_first(found, config) | _told_of_all(found) | told_of_cooling(found["cooler"])
    missing = [claim for claim, holds_ in told.items() if not holds_]
    if missing:
        raise SystemExit(f"{run.path} and the others don't show what the page says; change its templates: {missing}.")


def _told_of_first(found: dict[str, Any], config: TrainConfig) -> dict[str, bool]:
    first = found["trainings"][TOLD[0]]
    curves, (before, after) = first["curves"], (first["habits"][stage] for stage in STAGES)
    gain, surer, silent = found["gain"], first["surer"], found["silent"]
    return {
        "the clock ended GRPO": bool(config.grpo.max_minutes) and len(curves["reward"]) < config.grpo.steps,
        "tries agree more with the greedy answer": surer["agree"]["after_grpo"] > 2 * surer["agree"]["after_sft"],
        "the answer and the number are most of what is paid more": gain["answer"] + gain["number"]
        > 0.8 * gain["reward"],
        "completions grow shorter": after["characters"] < before["characters"],
        "more of their sums are true": after["true"] > before["true"],
        "rewards take less than a hundredth of a step": first["median"]["rewards"] < 0.01 * first["median"]["step"],
        "hardly any completion is cut off": found["tokens"]["cut_off"] < 0.02,
        "more groups fall silent": silent["last"] > silent["first"],
    }


def _told_of_all(found: dict[str, Any]) -> dict[str, bool]:
    first, second, third = (found["trainings"][label] for label in TOLD)
    all_ = (first, second, third)
    greedy = [each["by_grpo"]["greedy"] for each in all_]
    return {
        "GRPO's gain in sampled accuracy is beyond chance": all(each["by_grpo"]["sampled"]["low"] > 0 for each in all_),
        "the gain in greedy accuracy is beyond chance in the first and third": min(greedy[0]["low"], greedy[2]["low"])
        > 0,
        "that of the second is not": greedy[1]["low"] < 0 < greedy[1]["high"],
        "the second's sums are not more often true": second["habits"]["after_grpo"]["true"]
        <= second["habits"]["after_sft"]["true"],
        "most right tries are on problems that the greedy answer had got wrong": all(
            2 * each["surer"]["right_where_greedy_was"] < each["surer"]["right"] for each in all_
        ),
        "lengths fall": all(each["curves"]["tokens"][-1] < 0.8 * each["curves"]["tokens"][0] for each in all_),
        "all curves rise": all(each["curves"]["reward"][-1] > each["curves"]["reward"][0] for each in all_),
        "the second, alone on its card, was quicker than the first": second["median"]["step"] < first["median"]["step"],
    }
