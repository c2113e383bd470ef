"""A whole run of a few steps, and what it leaves in its folder."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import plaudit

pytestmark = [pytest.mark.trainer, pytest.mark.slow]

PARTS = ("format-exact", "format-approx", "answer-match", "numeric-tolerance")


def rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_run_folder_holds_all_that_the_report_reads(unbroken: Path) -> None:
    assert plaudit.Recipe.load(unbroken / "recipe.yaml").name == "demo"
    versions = json.loads((unbroken / "versions.json").read_text())
    assert versions["seed"] == 0
    assert {"torch", "trl", "transformers", "peft"} <= versions["versions"].keys()
    assert (unbroken / "adapter" / "adapter_model.safetensors").is_file()
    assert (unbroken / "merged" / "model.safetensors").is_file()
    assert not list(unbroken.rglob("*.part"))


def test_metrics_carry_every_part_and_where_the_time_went(unbroken: Path) -> None:
    logged = rows(unbroken / "metrics.jsonl")
    assert [row["step"] for row in logged if row["stage"] == "grpo"] == [1, 2, 3, 4, 5, 6]
    for row in logged:
        assert row["time"] > 0
        assert "loss" in row
        if row["stage"] == "grpo":
            assert {f"rewards/{part}/mean" for part in PARTS} | {"reward", "reward_std"} <= row.keys()
            assert {f"rewards/{part}/abstained" for part in PARTS} <= row.keys()
            assert row["reward"] == pytest.approx(sum(row[f"rewards/{part}/mean"] for part in PARTS), abs=1e-4)
            spent = [row[f"seconds/{name}"] for name in ("generation", "rewards", "update")]
            assert sum(spent) == pytest.approx(row["seconds/step"], abs=1e-3)
            assert min(spent) > 0


def test_completions_are_kept_with_parts_and_reasons(unbroken: Path) -> None:
    kept = rows(unbroken / "completions.jsonl")
    counts = {
        stage: sum(row["stage"] == stage for row in kept) for stage in ("before", "after_sft", "grpo", "after_grpo")
    }
    assert counts == {"before": 24, "after_sft": 24, "grpo": 6 * 16, "after_grpo": 24}
    for row in kept:
        assert [part["name"] for part in row["parts"]] == list(PARTS)
        total = sum(part["weight"] * part["value"] for part in row["parts"])
        assert row["value"] == pytest.approx(total)
        assert row["reason"]
        assert row["correct"] == (row["parts"][2]["value"] >= 3.5)


def test_summary_agrees_with_the_completions(unbroken: Path) -> None:
    summary = json.loads((unbroken / "summary.json").read_text())
    for stage in ("before", "after_sft", "after_grpo"):
        for mode in ("greedy", "sampled"):
            some = [row for row in rows(unbroken / "completions.jsonl") if (row["stage"], row["mode"]) == (stage, mode)]
            assert summary[stage]["problems"] == len(some)
            assert summary[stage][f"{mode}_accuracy"] == pytest.approx(sum(row["correct"] for row in some) / len(some))
            assert summary[stage][f"{mode}_reward"] == pytest.approx(sum(row["value"] for row in some) / len(some))


def test_merged_model_answers_as_the_trained_one_did(unbroken: Path) -> None:
    from transformers import AutoModelForCausalLM, AutoTokenizer

    from plaudit_trainer.backends import Sampling
    from plaudit_trainer.backends.trl import generate
    from plaudit_trainer.rows import Row
    from plaudit_trainer.template import prompt_tokens

    form = plaudit.Recipe.load(unbroken / "recipe.yaml").format
    assert form is not None
    tokenizer = AutoTokenizer.from_pretrained(unbroken / "merged")
    model = AutoModelForCausalLM.from_pretrained(unbroken / "merged")
    asked = [
        row for row in rows(unbroken / "completions.jsonl") if (row["stage"], row["mode"]) == ("after_grpo", "greedy")
    ]
    prompts = [prompt_tokens(tokenizer, Row(row["prompt"], row["answer"]), form) for row in asked]
    made = generate(model, tokenizer, prompts, Sampling(max_tokens=32, seed=0))
    assert [one.text for (one,) in made] == [row["completion"] for row in asked]


def test_folder_that_holds_a_run_is_not_overwritten(runner: Any, unbroken: Path) -> None:
    process = runner.start(unbroken)
    output, _ = process.communicate(timeout=120)
    assert process.returncode == 2
    assert "already holds a run" in " ".join(output.split())  # a line breaks where the path ends


def test_json_outcome_is_one_document(runner: Any, tmp_path: Path) -> None:
    few = (*runner.short, "sft.steps=2", "grpo.steps=1", "grpo.aggregation=normalize_then_sum", "save_merged=false")
    process = runner.start(tmp_path / "run", few, "--json")
    output, _ = process.communicate(timeout=120)
    assert process.returncode == 0, output
    found = json.loads(output[output.index("{") :])
    assert found["summary"]["after_grpo"]["problems"] == 12
    (row,) = [row for row in rows(tmp_path / "run" / "metrics.jsonl") if row["stage"] == "grpo"]
    assert {f"rewards/{part}/{name}" for part in PARTS for name in ("mean", "abstained")} <= row.keys()
    kept = [row for row in rows(tmp_path / "run" / "completions.jsonl") if row["stage"] == "grpo"]
    assert [part["name"] for part in kept[0]["parts"]] == list(PARTS)
