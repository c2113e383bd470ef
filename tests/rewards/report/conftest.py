"""A synthetic run folder like the tiny demo's: a reward that climbs from about 4 to about 11."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import plaudit

NAMES = ("Tom", "Ana", "Raj", "Mia", "Leo", "Zoe")
THINGS = ("apples", "pens", "coins", "books", "cards", "shells")
HOSTILE = "</script><script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">"


def question(dice: random.Random) -> tuple[str, str, int]:
    left, right = dice.randint(1, 9), dice.randint(1, 9)
    asked = f"{dice.choice(NAMES)} has {left} {dice.choice(THINGS)} and buys {right} more. How many are there now?"
    return asked, f" {left} + {right} = ", left + right


def completion(dice: random.Random, working: str, gold: int, skill: float) -> str:
    """What a model of that skill (0 to 1) writes: lucky guesses and lost tags when low, working shown when high."""
    answer = gold if dice.random() < 0.25 + 0.7 * skill else gold + dice.choice([-2, -1, 1, 2, 5])
    shown = f"{working}{answer} " if dice.random() < 0.3 + 0.7 * skill else " "
    padding = "so the total is what we count. " * dice.randint(0, 3)
    body = shown + padding
    if dice.random() < 0.35 * (1 - skill):
        return body + dice.choice([f"<SOLUTION> {answer} ", f"<end_working_out> {answer}", f"{answer} </SOLUTION>"])
    return f"{body}<end_working_out><SOLUTION>{answer}</SOLUTION>"


def scored(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Add to each record what the unsloth recipe says of it."""
    judge = plaudit.recipe("unsloth")
    samples = [plaudit.Sample(row["completion"], row["prompt"], {"answer": row["answer"]}) for row in rows]
    for row, score in zip(rows, judge.score(samples), strict=True):
        parts = [
            {"name": part.name, "weight": part.weight, "value": part.value, "reason": part.score.reason}
            for part in score.parts
        ]
        row |= {"value": score.value, "reason": score.reason, "extracted": score.extracted, "parts": parts}
        row["correct"] = row["extracted"] is not None and row["extracted"].strip() == row["answer"]
    return rows


def records(
    dice: random.Random, stage: str, step: int, mode: str, count: int, skill: float, group: int = 1
) -> list[dict[str, Any]]:
    """Completions of as many questions, or of fewer, each answered by a whole group."""
    rows = []
    asked, working, gold = "", "", 0
    for number in range(count):
        if number % group == 0:
            asked, working, gold = question(dice)
        said = completion(dice, working, gold, skill)
        rows.append(
            {"stage": stage, "step": step, "mode": mode, "prompt": asked, "completion": said, "answer": str(gold)}
        )
    return scored(rows)


def evaluation(sampled: list[dict[str, Any]], greedy: list[dict[str, Any]]) -> dict[str, Any]:
    result: dict[str, Any] = {"problems": len(sampled)}
    for mode, rows in (("sampled", sampled), ("greedy", greedy)):
        result[f"{mode}_reward"] = sum(row["value"] for row in rows) / len(rows)
        result[f"{mode}_accuracy"] = sum(row["correct"] for row in rows) / len(rows)
        result[f"{mode}_format"] = sum(row["parts"][0]["value"] == 3.0 for row in rows) / len(rows)
    names = [part["name"] for part in sampled[0]["parts"]]
    result["parts"] = {name: part_mean(sampled, at) for at, name in enumerate(names)}
    return result


def part_mean(rows: list[dict[str, Any]], at: int) -> float:
    values = [row["parts"][at]["value"] for row in rows]
    return sum(values) / len(values)


def grpo_step(dice: random.Random, step: int, rows: list[dict[str, Any]]) -> dict[str, Any]:
    values = [row["value"] for row in rows]
    mean = sum(values) / len(values)
    logged: dict[str, Any] = {
        "stage": "grpo",
        "step": step,
        "time": 1_760_000_000 + 2.2 * step,
        "loss": dice.gauss(0, 0.02),
        "reward": mean,
        "reward_std": (sum((value - mean) ** 2 for value in values) / len(values)) ** 0.5,
        "grad_norm": 0.1 + 0.2 * dice.random(),
        "frac_reward_zero_std": min(1.0, max(0.0, 0.05 + 0.005 * step + dice.gauss(0, 0.05))),
        "completions/mean_length": sum(len(row["completion"]) for row in rows) / len(rows) / 3.5,
        "seconds/generation": 1.2 + dice.random() * 0.3,
        "seconds/rewards": 0.02 + dice.random() * 0.01,
        "seconds/update": 0.8 + dice.random() * 0.2,
    }
    for at, part in enumerate(rows[0]["parts"]):
        logged[f"rewards/{part['name']}/mean"] = part_mean(rows, at)
        logged[f"rewards/{part['name']}/abstained"] = 0.0
    return logged


def build_run(
    folder: Path, *, steps: int = 80, per_step: int = 128, problems: int = 200, seed: int = 0, group: int = 1
) -> Path:
    """Write a whole run folder: `steps` of GRPO with `per_step` completions each, three evaluations."""
    dice = random.Random(seed)
    folder.mkdir(parents=True, exist_ok=True)
    metrics = [
        {"stage": "sft", "step": step, "time": 1_759_999_000 + step, "loss": 2.6 * 0.993**step + dice.gauss(0.25, 0.02)}
        for step in range(10, 701, 10)
    ]
    rows: list[dict[str, Any]] = []
    summary: dict[str, Any] = {
        "recipe": "demo",
        "seed": seed,
        "backend": "trl",
        "seconds": {"sft": 61.0, "grpo": 176.0},
    }
    for stage, skill in (("before", 0.0), ("after_sft", 0.18), ("after_grpo", 0.93)):
        if stage == "after_grpo":
            for step in range(1, steps + 1):
                skill_now = 0.18 + 0.75 * (1 - 0.955**step)
                batch = records(dice, "grpo", step, "sampled", per_step, skill_now, group)
                metrics.append(grpo_step(dice, step, batch))
                rows += batch
        dice_now = random.Random(1000)
        sampled = records(dice_now, stage, steps, "sampled", problems, skill)
        greedy = records(random.Random(1000), stage, steps, "greedy", problems, min(1.0, skill + 0.05))
        summary[stage] = evaluation(sampled, greedy)
        rows += sampled + greedy
    write(folder, summary, metrics, rows)
    return folder


def write(folder: Path, summary: dict[str, Any], metrics: list[dict[str, Any]], rows: list[dict[str, Any]]) -> None:
    versions = {"plaudit": "0.1.0", "torch": "2.13.0+cpu", "transformers": "5.23.0", "trl": "1.16.0", "peft": "0.19.1"}
    provenance = {"seed": 0, "versions": versions, "backend": "trl", "device": "cpu", "command": "plaudit train demo"}
    (folder / "summary.json").write_text(json.dumps(summary))
    (folder / "versions.json").write_text(json.dumps(provenance))
    (folder / "metrics.jsonl").write_text("".join(json.dumps(line) + "\n" for line in metrics))
    (folder / "completions.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    recipe = plaudit.recipe("unsloth").to_dict() | {"name": "demo", "train": {"model": "tiny-qwen3 (110k parameters)"}}
    import yaml

    (folder / "recipe.yaml").write_text(yaml.safe_dump(recipe, sort_keys=False))


def add_rows(folder: Path, *rows: dict[str, Any]) -> None:
    """Append records to the completions of a run."""
    with (folder / "completions.jsonl").open("a") as file:
        file.writelines(json.dumps(row) + "\n" for row in rows)


@pytest.fixture(scope="session")
def small_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run; shared, so not to be changed."""
    return build_run(tmp_path_factory.mktemp("runs") / "small", steps=6, per_step=8, problems=12)


@pytest.fixture
def make_run(tmp_path: Path) -> Callable[..., Path]:
    """Build a run of your own to damage."""
    return lambda **sizes: build_run(tmp_path / "run", **({"steps": 3, "per_step": 4, "problems": 6} | sizes))


@pytest.fixture
def extend() -> Callable[..., None]:
    """Append records to a run's completions."""
    return add_rows


@pytest.fixture
def hostile() -> str:
    """Model text that would run as a script if any of it were not escaped."""
    return HOSTILE
