"""GRPO with vLLM in the same process, on a CPU: TRL's own trainer with a composed reward, then `plaudit train`.

vLLM's CPU build needs packages of its own versions: `make test-vllm` builds the environment.
"""

import json
import os
import subprocess
import sys
from importlib.util import find_spec
from types import SimpleNamespace
from unittest import mock

import pytest

from plaudit import ConfigError

pytestmark = [
    pytest.mark.vllm,
    pytest.mark.skipif(find_spec("vllm") is None, reason="vLLM isn't installed here: make test-vllm"),
]

STEPS = 2
MEMORY = 0.3
"""The share of the machine's memory that the process may hold when vLLM has taken its own."""


def greatest_gap(history):
    """Between what vLLM and the trainer took for the log-probability of a token; vLLM rounds weights to bfloat16."""
    gaps = [entry["sampling/sampling_logp_difference/max"] for entry in history if "reward" in entry]
    assert len(gaps) == STEPS
    return max(gaps)


@pytest.fixture(autouse=True)
def on_a_cpu():
    import torch

    if torch.cuda.is_available():
        pytest.skip("a CUDA device is here, so this isn't vLLM on a CPU: see tests/gpu")
    with mock.patch.dict(os.environ):  # TRL leaves RANK and a port in it, which a child process would obey
        yield


def test_trl_trains_on_what_vllm_writes_with_the_newest_weights(tiny_model, prompts, judge, check_parts, tmp_path):
    from transformers import AutoTokenizer
    from trl import GRPOConfig, GRPOTrainer

    from plaudit_trainer.backends.vllm_cpu import keep_weights_replaceable

    keep_weights_replaceable()
    trainer = GRPOTrainer(
        model=str(tiny_model),
        processing_class=AutoTokenizer.from_pretrained(tiny_model),
        reward_funcs=[judge],
        train_dataset=prompts,
        args=GRPOConfig(
            output_dir=str(tmp_path),
            max_steps=STEPS,
            per_device_train_batch_size=8,
            num_generations=4,
            max_completion_length=16,
            learning_rate=1e-2,
            use_cpu=True,
            bf16=False,
            gradient_checkpointing=False,
            use_vllm=True,
            vllm_mode="colocate",
            vllm_max_model_length=256,
            vllm_gpu_memory_utilization=MEMORY,
            model_init_kwargs={"dtype": "float32"},
            report_to="none",
            logging_steps=1,
            save_strategy="no",
            disable_tqdm=True,
        ),
    )
    trainer.train()
    check_parts(judge, trainer.state.log_history, STEPS)
    # 0.003 was seen; 0.3 where vLLM's output layer had kept the weights from before the first step
    assert greatest_gap(trainer.state.log_history) < 0.02


def test_no_more_prompts_are_asked_at_a_time_than_their_completions_fit_and_none_is_lost(tiny_model):
    from vllm import LLM

    from plaudit_trainer.backends import Sampling
    from plaudit_trainer.generators import MANY_SEQUENCES, generate_fast, sequences_of

    engine = LLM(str(tiny_model), dtype="float32", max_model_len=64, gpu_memory_utilization=MEMORY, enforce_eager=True)
    asked = []

    def generate(prompts, sampling_params):
        asked.append(len(prompts))
        return engine.generate(prompts, sampling_params=sampling_params, use_tqdm=False)

    prompts = [[10 + index, 20, 30 + index] for index in range(70)]
    sampling = Sampling(max_tokens=4, seed=7, samples=4, temperature=1.0)
    few, all_at_once = (generate_fast(generate, prompts, sampling, most) for most in (MANY_SEQUENCES, 8))
    assert sequences_of(engine) > 1
    engine.llm_engine.engine_core.shutdown()  # its process would outlive the test
    assert asked == [32, 32, 6, 70]
    assert [len(made) for made in few] == [4] * 70
    assert few == all_at_once, "what is drawn depends on how many are drawn at a time"


@pytest.mark.parametrize("sizes", [{"head_dim": 16}, {"head_dim": None, "hidden_size": 64, "num_attention_heads": 4}])
def test_heads_without_a_kernel_are_refused_before_training_not_at_the_first_token(sizes):
    from plaudit_trainer.backends.vllm_cpu import check_heads

    with pytest.raises(ConfigError, match=r"of 32, .* have 16: set use_vllm=false"):
        check_heads(SimpleNamespace(**sizes))
    check_heads(SimpleNamespace(head_dim=32))


def test_plaudit_train_gives_its_lora_to_vllm_at_every_step(train, tmp_path):
    run = train(tmp_path / "run", "backend=trl", "use_vllm=true", f"vllm_memory={MEMORY}", f"grpo.steps={STEPS}")
    rows = [json.loads(line) for line in run.metrics.read_text().splitlines()]
    steps = [row for row in rows if row["stage"] == "grpo"]
    # 0.06 was seen: a model that has imitated has sharper distributions than an untrained one, so rounding shows more
    assert greatest_gap(steps) < 0.2
    for part in ("format-exact", "format-approx", "answer-match", "numeric-tolerance"):
        assert all(f"rewards/{part}/abstained" in row for row in steps), part
    versions = json.loads((run.path / "versions.json").read_text())
    assert (versions["backend"], versions["vllm"]) == ("trl", True)
    summary = json.loads((run.path / "summary.json").read_text())
    assert {"before", "after_sft", "after_grpo"} <= set(summary)
    assert (run.path / "merged" / "model.safetensors").is_file()
    assert (run.path / "report.html").is_file()


def test_engine_that_asks_for_more_memory_than_is_free_says_what_to_do_and_that_works(plaudit_train, tmp_path):
    from plaudit_trainer.runs import RunFolder, read_rows

    def attempt(memory, **more):
        settings = ("backend=trl", "use_vllm=true", f"vllm_memory={memory}", f"grpo.steps={STEPS}")
        return plaudit_train(tmp_path / "run", *settings, **more)

    refused = attempt(0.999)
    assert refused.returncode == 1, refused.stderr[-3000:]
    said = " ".join(refused.stderr.rpartition("error: ")[2].split())
    assert said.startswith("vLLM's engine did not start (Available memory on node"), refused.stderr[-3000:]
    assert said.endswith(
        "or set a lower vllm_memory. What was written before is whole; the same command with --resume goes on."
    )
    resumed = attempt(MEMORY, resume=True)
    assert resumed.returncode == 0, resumed.stderr[-3000:]
    run = RunFolder(tmp_path / "run")
    assert [row["step"] for row in read_rows(run.metrics) if row["stage"] == "grpo"] == [1, 2]
    assert f"vllm_memory: {MEMORY}" in (run.path / "recipe.yaml").read_text()


def test_merged_model_that_vllm_loads_answers_as_the_trained_one(train, tmp_path):
    """`plaudit evaluate` in a process of its own, as a user would: an engine of another test would be in its way."""
    from plaudit_trainer.runs import read_rows

    run = train(tmp_path / "run", "backend=trl", f"grpo.steps={STEPS}")
    made = tmp_path / "again.jsonl"
    changes = ("use_vllm=true", f"vllm_memory={MEMORY}", "model.dtype=float32")
    command = [sys.executable, "-m", "plaudit", "evaluate", str(run.path), "--out", str(made), "--json"]
    command += [part for change in changes for part in ("--set", change)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=280)
    assert done.returncode == 0, done.stderr[-3000:]
    assert json.loads(done.stdout)["generator"] == "vllm"
    before, after = (
        [row["completion"] for row in read_rows(path) if (row["stage"], row["mode"]) == (stage, "greedy")]
        for path, stage in ((run.completions, "after_grpo"), (made, "evaluate"))
    )  # fmt: skip
    same = sum(one == other for one, other in zip(before, after, strict=True))
    assert same >= 0.9 * len(before), f"{same} of {len(before)} answers are the same"
