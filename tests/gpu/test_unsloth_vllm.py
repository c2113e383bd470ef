"""The same recipe on a CUDA card: Unsloth with vLLM inside, TRL with vLLM beside it, 4 bit, and after a kill."""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from subprocess import PIPE, STDOUT, Popen
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

ROOT = Path(__file__).parents[2]
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
    "vllm_memory=0.2",
)


def start(out: Path, settings: Sequence[str], *more: str) -> Popen[str]:
    changes = [part for setting in settings for part in ("--set", setting)]
    command = [sys.executable, "-m", "plaudit_trainer", "demo", "--out", str(out), *changes, *more]
    paths = [str(ROOT / "rewards"), str(ROOT / "trainer"), os.environ.get("PYTHONPATH", "")]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}
    return Popen(command, env=environment, text=True, stdout=PIPE, stderr=STDOUT, cwd=out.parent)


def train(out: Path, settings: Sequence[str], *more: str) -> str:
    process = start(out, settings, *more)
    output, _ = process.communicate(timeout=560)
    assert process.returncode == 0, output[-8000:]
    return output


def rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model that can do the demo's sums in part: 3 million parameters, heads as wide as vLLM's kernels want."""
    out = tmp_path_factory.mktemp("model") / "run"
    tiny = "model.tiny={hidden: 256, layers: 4, heads: 4, key_value_heads: 2, pad_embedding: 256}"
    few = ("sft.steps=400", "sft.learning_rate=1e-3", "grpo.steps=0", "evaluate.problems=64", "evaluate.before=false")
    train(out, (tiny, "backend=trl", "use_vllm=false", "save_merged=false", *few))
    return out / "checkpoints" / "sft" / "final"


@pytest.mark.parametrize(
    ("backend", "four_bit"),
    [
        pytest.param("unsloth", False, marks=needs_unsloth),
        pytest.param("unsloth", True, marks=needs_unsloth),
        ("trl", False),
    ],
)
def test_recipe_runs_with_vllm_by_changing_only_the_machine(
    model: Path, tmp_path: Path, backend: str, four_bit: bool
) -> None:
    out = tmp_path / "run"
    load = f"model.load_in_4bit={str(four_bit).lower()}"
    train(out, (*SMALL, f"model.path={model}", f"backend={backend}", "use_vllm=true", load))
    versions = json.loads((out / "versions.json").read_text())
    assert (versions["backend"], versions["device"], versions["vllm"]) == (backend, "cuda", True)
    steps = [row for row in rows(out / "metrics.jsonl") if row["stage"] == "grpo"]
    assert [row["step"] for row in steps] == [1, 2, 3, 4, 5, 6]
    for row in steps:
        assert 0 < row["seconds/rewards"] < row["seconds/generation"] < row["seconds/step"]
        assert "rewards/answer-match/mean" in row
    summary = json.loads((out / "summary.json").read_text())
    assert summary["after_sft"]["greedy_format"] > 0.5, "vLLM doesn't generate with the trained weights"
    assert abs(summary["after_grpo"]["sampled_reward"] - steps[-1]["reward"]) < 4.0
    assert (out / "merged" / "config.json").is_file()


@needs_unsloth
def test_merged_model_reloaded_by_vllm_answers_as_the_trained_one(model: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    train(out, (*SMALL, f"model.path={model}", "backend=unsloth", "use_vllm=true", "evaluate.before=false"))
    asked = [r for r in rows(out / "completions.jsonl") if (r["stage"], r["mode"]) == ("after_grpo", "greedy")]
    (tmp_path / "prompts.json").write_text(json.dumps([row["prompt"] for row in asked]))
    script = f"""
import json, pathlib
import plaudit
from transformers import AutoTokenizer
from vllm import LLM, SamplingParams
from plaudit_trainer.rows import Row
from plaudit_trainer.template import prompt_tokens
if __name__ == "__main__":
    run = pathlib.Path({str(out)!r})
    form = plaudit.Recipe.load(run / "recipe.yaml").format
    tokenizer = AutoTokenizer.from_pretrained(run / "merged")
    asked = json.loads((run.parent / "prompts.json").read_text())
    prompts = [{{"prompt_token_ids": prompt_tokens(tokenizer, Row(q, ""), form)}} for q in asked]
    llm = LLM(str(run / "merged"), max_model_len=160, gpu_memory_utilization=0.2, enforce_eager=True)
    made = llm.generate(prompts, SamplingParams(temperature=0.0, max_tokens=32), use_tqdm=False)
    (run.parent / "made.json").write_text(json.dumps([one.outputs[0].text for one in made]))
"""
    (tmp_path / "reload.py").write_text(script)
    paths = os.pathsep.join([str(ROOT / "rewards"), str(ROOT / "trainer"), os.environ.get("PYTHONPATH", "")])
    process = Popen(
        [sys.executable, str(tmp_path / "reload.py")],
        env={**os.environ, "PYTHONPATH": paths},
        text=True,
        stdout=PIPE,
        stderr=STDOUT,
    )
    output, _ = process.communicate(timeout=300)
    assert process.returncode == 0, output[-8000:]
    made = json.loads((tmp_path / "made.json").read_text())
    same = sum(text == row["completion"] for text, row in zip(made, asked, strict=True))
    assert same / len(asked) >= 0.9, "16-bit rounding may turn a few near-ties, no more"


@pytest.mark.parametrize("backend", [pytest.param("unsloth", marks=needs_unsloth), "trl"])
def test_run_killed_in_the_middle_of_grpo_resumes_on_the_card(model: Path, tmp_path: Path, backend: str) -> None:
    out = tmp_path / "run"
    settings = (*SMALL, f"model.path={model}", f"backend={backend}", "use_vllm=true", "evaluate.before=false")
    process = start(out, settings)
    metrics = out / "metrics.jsonl"
    while process.poll() is None:
        if metrics.is_file() and '"stage": "grpo", "step": 3,' in metrics.read_text(encoding="utf-8"):
            os.kill(process.pid, signal.SIGKILL)
            break
    output, _ = process.communicate(timeout=60)
    assert process.returncode == -signal.SIGKILL, output[-8000:]
    train(out, settings, "--resume")
    steps = [row["step"] for row in rows(metrics) if row["stage"] == "grpo"]
    assert steps == [1, 2, 3, 4, 5, 6]
    assert json.loads((out / "state.json").read_text())["grpo"]["resumed_from"] == 2
