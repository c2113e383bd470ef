"""The same recipe on a CUDA card: Unsloth with vLLM inside, TRL with vLLM beside it, and TRL after a kill."""

from __future__ import annotations

import json
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch", reason="needs torch")

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.slow,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device"),
    pytest.mark.skipif(find_spec("vllm") is None, reason="needs vLLM"),
]
needs_unsloth = pytest.mark.skipif(find_spec("unsloth") is None, reason="needs Unsloth")

SMALL = (
    "evaluate.problems=64",
    "sft.steps=10",
    "sft.learning_rate=1e-4",
    "grpo.steps=6",
    "grpo.prompts_per_step=8",
    "grpo.generations=8",
    "grpo.learning_rate=2e-4",
    "grpo.save_every=2",
    "model.lora={rank: 16, from_stage: sft}",
    "model.tiny=null",
    "vllm_memory=0.1",
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("whole")


@pytest.fixture(scope="module")
def children(card: Any, model: Path, folder: Path) -> dict[str, Any]:
    """All children, which import at the same time; each waits until it is told to begin."""
    settings = (*SMALL, f"model.path={model}", "use_vllm=true")
    cut_off = (*settings, "backend=trl", "evaluate.before=false")
    there = ["trl"] if find_spec("unsloth") is None else ["unsloth", "trl"]
    whole = {
        name: card.train(f"whole-{name}", folder / name, (*settings, f"backend={name}"), seconds=560) for name in there
    }
    return whole | {
        "killed": card.train("killed-trl", folder / "killed", cut_off, seconds=300),
        "resumed": card.train("resumed-trl", folder / "killed", cut_off, "--resume", seconds=300),
    }


@pytest.mark.parametrize("backend", [pytest.param("unsloth", marks=needs_unsloth), "trl"])
def test_recipe_runs_with_vllm_by_changing_only_the_machine(
    children: dict[str, Any], folder: Path, read_rows: Any, backend: str
) -> None:
    out = folder / backend
    children[backend].begin()
    children[backend].finish()
    versions = json.loads((out / "versions.json").read_text())
    assert (versions["backend"], versions["device"], versions["vllm"]) == (backend, "cuda", True)
    steps = [row for row in read_rows(out / "metrics.jsonl") if row["stage"] == "grpo"]
    assert [row["step"] for row in steps] == [1, 2, 3, 4, 5, 6]
    for row in steps:
        assert 0 < row["seconds/rewards"] < row["seconds/generation"] < row["seconds/step"]
        assert "rewards/answer-match/mean" in row
        assert row["grad_norm"] > 1e-4, "a gradient of zero trains to the end, too"
    summary = json.loads((out / "summary.json").read_text())
    assert summary["after_sft"]["greedy_format"] > 0.5, "vLLM doesn't generate with the trained weights"
    assert abs(summary["after_grpo"]["sampled_reward"] - steps[-1]["reward"]) < 4.0
    assert (out / "merged" / "config.json").is_file()


def test_run_killed_in_the_middle_of_grpo_resumes_with_trl(
    children: dict[str, Any], folder: Path, read_rows: Any
) -> None:
    out = folder / "killed"
    metrics = out / "metrics.jsonl"
    children["killed"].begin()
    children["killed"].kill_when(
        lambda: metrics.is_file() and '"stage": "grpo", "step": 3,' in metrics.read_text("utf-8")
    )
    children["resumed"].begin()
    children["resumed"].finish()
    assert [row["step"] for row in read_rows(metrics) if row["stage"] == "grpo"] == [1, 2, 3, 4, 5, 6]
    assert json.loads((out / "state.json").read_text())["grpo"]["resumed_from"] == 2
    assert min(row["grad_norm"] for row in read_rows(metrics) if row["stage"] == "grpo") > 1e-4
