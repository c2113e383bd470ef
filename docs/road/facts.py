"""What the page "One run, step by step" says of a run: read from its folder, as plain data for the templates."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from statistics import fmean, stdev
from typing import Any

from benchmarks.demo_seeds import STRATEGIES, strategy

from plaudit import Recipe
from plaudit.formats import Format
from plaudit.report.completion import Completion
from plaudit.report.run import Run
from plaudit.report.summary import rows as table_rows
from plaudit_trainer.config import TrainConfig
from plaudit_trainer.data import load_problems
from plaudit_trainer.rows import Row
from plaudit_trainer.settings import check
from plaudit_trainer.statistics import share

TRL_FLOOR = 1e-4
"""What TRL adds to the standard deviation of a group before it divides by it."""
ENDS = 5
"""How many steps the beginning and the end of a curve are averaged over."""
EQUATION = re.compile(r"(\d+) ([+-]) (\d+) = (\d+)")


def facts_of(run: Run) -> dict[str, Any]:
    """Collect all facts; a run that doesn't show what the page tells is refused, with what it lacks."""
    recipe = Recipe.load(run.path / "recipe.yaml")
    if recipe.format is None:
        raise SystemExit(f"{run.path}: the recipe has no format.")
    config, form = check(recipe.train), recipe.format
    problems = load_problems(config, form)
    found = {
        **{key: run.provenance[key] for key in ("command", "seed", "versions", "backend", "device")},
        "range": {"low": recipe.spec.low, "high": recipe.spec.high},
        "ends": ENDS,
        "settings": _settings(config),
        "parameters": _parameters(run.path),
        "problems": len(problems.evaluate),
        "examples": _examples(problems.sft, form),
        "untrained": _untrained(run, problems.evaluate, form),
        "three": {kind: _shown(_first(run, form, kind)) for kind in STRATEGIES},
        "strategies": {
            stage: {mode: _strategies(_rows(run, stage, mode), form) for mode in ("sampled", "greedy")}
            for stage in ("after_sft", "after_grpo")
        },
        "group": _group(run, form, config.grpo.generations),
        "careful_in_training": _careful_in_training(run, form),
        "silent": _silent(run, config.grpo.generations),
        "curves": _curves(run),
        "summary": {
            "seconds": run.summary["seconds"],
            "step_seconds": run.summary["step_seconds"],
            "after_sft": {key: run.summary["after_sft"][key] for key in ("sampled_format", "sampled_accuracy")},
        },
        "table": [
            {"label": row.label, "part": row.part, "cells": row.shown(), "intervals": row.shown_intervals(),
             "by_grpo": replace(row, cells=row.cells[-2:]).shown_delta()}
            for row in table_rows(run.summary)
        ],
        "by_grpo": next(each for each in run.summary["comparisons"] if each["from"] == "after_sft"),
        "unearned": _unearned(_rows(run, "after_grpo", "sampled"), form),
    }  # fmt: skip
    _demand(found, run.path)
    return found


def by_groups(run: Run, size: int) -> list[list[Completion]]:
    """Return the kept completions of GRPO, group by group."""
    kept = [row for row in run.completions if row.stage == "grpo"]
    groups = [kept[at : at + size] for at in range(0, len(kept), size)]
    return [rows for rows in groups if len(rows) == size and len({(row.step, row.prompt) for row in rows}) == 1]


def _settings(config: TrainConfig) -> dict[str, Any]:
    sft, grpo = config.sft, config.grpo
    if grpo.scale_rewards != "group" or grpo.beta:
        raise SystemExit("The page's arithmetic is that of grpo.scale_rewards=group and grpo.beta=0.")
    return {
        "sft_steps": sft.steps,
        "sft_batch": sft.batch,
        "steps": grpo.steps,
        "prompts": grpo.prompts_per_step,
        "generations": grpo.generations,
        "kept": grpo.keep_completions,
        "temperature": grpo.temperature,
        "tokens": grpo.max_completion_length,
        "rank": config.model.lora.rank if config.model.lora else 0,
    }


def _parameters(folder: Path) -> dict[str, int]:
    from safetensors.torch import load_file

    files = {"model": folder / "start" / "model.safetensors", "lora": folder / "adapter" / "adapter_model.safetensors"}
    return {name: sum(tensor.numel() for tensor in load_file(file).values()) for name, file in files.items()}


def _examples(rows: list[Row], form: Format) -> dict[str, Any]:
    kinds = [strategy(form, row.completion(form)) for row in rows]
    first = {kind: rows[kinds.index(kind)] for kind in STRATEGIES}
    return {
        "count": len(rows),
        "shares": {kind: kinds.count(kind) / len(rows) for kind in STRATEGIES},
        "first": {kind: {"question": row.question, "completion": row.completion(form), "answer": row.answer}
                  for kind, row in first.items()},
    }  # fmt: skip


def _untrained(run: Run, asked: list[Row], form: Format) -> dict[str, Any]:
    from transformers import AutoTokenizer

    from plaudit_trainer.template import prompt_text

    rows = [row for mode in ("sampled", "greedy") for row in _rows(run, "before", mode)]
    tokenizer = AutoTokenizer.from_pretrained(run.path / "start")
    first = next(row for row in rows if form.reasoning_open not in row.text)
    question = next(row for row in asked if row.question == first.prompt)
    right = sum(bool(row.correct) for row in rows)
    shape = sum(form.parse(row.text).exact for row in rows)
    return (
        _shown(first)
        | {"in_shape": shape}
        | {"asked": prompt_text(tokenizer, question, form), "tries": len(rows), "right": right}
    )


def _rows(run: Run, stage: str, mode: str) -> list[Completion]:
    return [row for row in run.completions if row.stage == stage and row.mode == mode]


def _first(run: Run, form: Format, kind: str) -> Completion:
    """The first sampled completion after the supervised stage of one kind; a careful one that is right."""
    rows = _rows(run, "after_sft", "sampled")
    return next(row for row in rows if strategy(form, row.text) == kind and bool(row.correct) == (kind == "careful"))


def _shown(row: Completion) -> dict[str, Any]:
    parts = [{"name": part.name, "value": part.value, "reason": part.reason} for part in row.parts]
    said = {"line": row.line, "step": row.step, "question": row.prompt, "answer": row.answer}
    return said | {"completion": row.text, "value": row.value, "parts": parts}


def _strategies(rows: Sequence[Completion], form: Format) -> dict[str, Any]:
    kinds: dict[str, list[Completion]] = {kind: [] for kind in STRATEGIES}
    for row in rows:
        kinds[strategy(form, row.text)].append(row)
    return {kind: _strategy(some, len(rows)) for kind, some in kinds.items()}


def _strategy(rows: Sequence[Completion], whole: int) -> dict[str, Any]:
    right = share([[float(bool(row.correct))] for row in rows])
    paid = [row.value for row in rows if row.value is not None]
    return {
        "count": len(rows),
        "share": len(rows) / whole,
        "right": sum(bool(row.correct) for row in rows),
        "accuracy": right.to_dict() if right else None,
        "reward": fmean(paid) if paid else None,
    }


def _group(run: Run, form: Format, size: int) -> dict[str, Any]:
    """The first group that holds all three strategies, and a careful completion that is right."""
    for rows in by_groups(run, size):
        kinds = [strategy(form, row.text) for row in rows]
        if set(kinds) == set(STRATEGIES) and any(
            row.correct and k == "careful" for row, k in zip(rows, kinds, strict=True)
        ):
            rewards = [row.value or 0.0 for row in rows]
            mean, spread = fmean(rewards), stdev(rewards)
            shown = [
                _shown(row) | {"strategy": kind, "advantage": (reward - mean) / (spread + TRL_FLOOR)}
                for row, kind, reward in zip(rows, kinds, rewards, strict=True)
            ]
            return {"rows": shown, "mean": mean, "spread": spread, **_place(rows)}
    raise SystemExit(f"{run.path}: no group that was kept holds all three strategies.")


def _silent(run: Run, size: int) -> dict[str, Any]:
    """The last group whose completions all earned the same."""
    alike = [rows for rows in by_groups(run, size) if len({row.value for row in rows}) == 1]
    if not alike:
        raise SystemExit(f"{run.path}: every group that was kept has signal.")
    return {"value": alike[-1][0].value, **_place(alike[-1])}


def _careful_in_training(run: Run, form: Format) -> dict[str, float]:
    """How many of the careful completions of GRPO are right, in the first quarter of its steps and in the last."""
    rows = [row for row in run.completions if row.stage == "grpo" and strategy(form, row.text) == "careful"]
    quarter = max(row.step for row in rows) / 4
    early = [bool(row.correct) for row in rows if row.step <= quarter]
    late = [bool(row.correct) for row in rows if row.step > 3 * quarter]
    return {"first": fmean(early), "last": fmean(late)}


def _place(rows: Sequence[Completion]) -> dict[str, Any]:
    row = rows[0]
    return {
        "step": row.step,
        "first_line": row.line,
        "last_line": rows[-1].line,
        "question": row.prompt,
        "answer": row.answer,
    }


def _curves(run: Run) -> dict[str, Any]:
    wanted = {"loss": ("sft", "loss"), "reward": ("grpo", "reward"), "silent": ("grpo", "frac_reward_zero_std"),
              "length": ("grpo", "completions/mean_length"), "entropy": ("grpo", "entropy")}  # fmt: skip
    wanted |= {name: ("grpo", f"rewards/{name}/mean") for name in run.part_names()}
    values = {name: run.metrics.series(*key).values for name, key in wanted.items()}
    return {
        name: {"first": fmean(some[:ENDS]), "at_20": fmean(some[18:22]), "last": fmean(some[-ENDS:])}
        for name, some in values.items()
    }


def _unearned(rows: Sequence[Completion], form: Format) -> dict[str, Any]:
    """Right answers below a working that doesn't lead to them: not an equation, a false one, or of other numbers."""
    right = [row for row in rows if row.correct]
    odd = [row for row in right if not _leads_there(form.parse(row.text).reasoning or "", row)]
    return {"right": len(right), "odd": len(odd), "first": _shown(odd[0]) if odd else None}


def _leads_there(working: str, row: Completion) -> bool:
    found = EQUATION.fullmatch(working.strip())
    if not found:
        return False
    left, sign, right, said = found[1], found[2], found[3], int(found[4])
    result = int(left) + int(right) if sign == "+" else int(left) - int(right)
    return result == said == int(row.answer) and sorted([left, right]) == sorted(re.findall(r"\d+", row.prompt))


def _demand(found: dict[str, Any], folder: Path) -> None:
    """Refuse a run that turned out otherwise than the page's sentences say."""
    after = found["strategies"]
    told = {
        "the untrained model is never right": found["untrained"]["right"] == 0,
        "the untrained model is never in shape": found["untrained"]["in_shape"] == 0,
        "taken greedily, the careful completions are right before GRPO":
            after["after_sft"]["greedy"]["careful"]["accuracy"]["value"] > 0.95,
        "imitation keeps about the examples' shares": all(
            abs(facts["share"] - found["examples"]["shares"][kind]) < 0.1
            for kind, facts in after["after_sft"]["sampled"].items()
        ),
        "the supervised stage teaches the shape": found["summary"]["after_sft"]["sampled_format"] > 0.6,
        "before GRPO, the careful earn most": after["after_sft"]["sampled"]["careful"]["reward"] > max(
            after["after_sft"]["sampled"][kind]["reward"] for kind in ("guess", "sloppy")
        ),
        "GRPO makes nearly all completions careful": after["after_grpo"]["sampled"]["careful"]["share"] > 0.95,
        "what GRPO adds is beyond chance": found["by_grpo"]["sampled"]["low"] > 0,
        "three judges fault the first sloppy completion, and the number is right":
            [part["value"] > 0 for part in found["three"]["sloppy"]["parts"]] == [False, False, False, True],
        "most of the way is done after twenty steps": found["curves"]["reward"]["at_20"] > (
            0.3 * found["curves"]["reward"]["first"] + 0.7 * found["curves"]["reward"]["last"]
        ),
        "groups lose their signal": found["curves"]["silent"]["last"] > found["curves"]["silent"]["first"],
        "the policy grows surer": found["curves"]["entropy"]["last"] < found["curves"]["entropy"]["first"],
        "in training, careful completions are right more often at the end": found["careful_in_training"]["last"]
        > found["careful_in_training"]["first"],
        "some right answers stand below a working that doesn't lead there": found["unearned"]["odd"] > 0,
    }  # fmt: skip
    missing = [claim for claim, holds in told.items() if not holds]
    if missing:
        raise SystemExit(
            f"{folder} doesn't show what the page says; change its templates. Not so: {'; '.join(missing)}."
        )
