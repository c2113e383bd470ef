"""Unsloth's CPU backend: load, LoRA, imitation, GRPO with a composed reward, merge; then `plaudit train` on top of it.

Unsloth has to be imported before TRL, so this file runs in a process of its own: `make test-unsloth`.
"""

import json
import math
import subprocess
import sys
from importlib.util import find_spec
from types import SimpleNamespace

import pytest

from plaudit import as_format

pytestmark = [
    pytest.mark.unsloth,
    pytest.mark.skipif(find_spec("unsloth") is None, reason="Unsloth isn't installed here: make test-unsloth"),
]

STEPS = 2
COMMON = {"max_steps": STEPS, "report_to": "none", "logging_steps": 1, "save_strategy": "no", "disable_tqdm": True}
PROJECTIONS = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]


@pytest.fixture(scope="session")
def unsloth_first():
    if "trl" in sys.modules and "unsloth" not in sys.modules:
        pytest.skip("TRL was imported before Unsloth in this process: make test-unsloth runs this file alone")
    import torch

    if torch.cuda.is_available():
        pytest.skip("a CUDA device is here, so this isn't Unsloth's CPU backend: see tests/gpu")
    import unsloth  # noqa: F401 - before anything else imports TRL


@pytest.fixture(scope="module")
def loaded(unsloth_first, tiny_model):
    import torch
    from unsloth import FastLanguageModel

    model, tokenizer = FastLanguageModel.from_pretrained(
        model_name=str(tiny_model), max_seq_length=512, load_in_4bit=False, dtype=torch.float32
    )
    model = FastLanguageModel.get_peft_model(
        model, r=8, lora_alpha=16, target_modules=PROJECTIONS, use_gradient_checkpointing=False, random_state=0
    )
    return SimpleNamespace(model=model, tokenizer=tokenizer)


def trained(model):
    return {name: weight.detach().clone() for name, weight in model.named_parameters() if weight.requires_grad}


def moved(before, after):
    return [name for name in before if not before[name].equal(after[name])]


def test_lora_leaves_the_models_own_weights_alone(loaded):
    names = list(trained(loaded.model))
    assert len(names) == 2 * 2 * len(PROJECTIONS)
    assert all("lora_" in name for name in names)


def test_imitation_runs_without_triton_since_unsloth_fills_in_the_loss_that_trl_1_15_lacks(loaded, problems, tmp_path):
    from datasets import Dataset
    from trl import SFTConfig, SFTTrainer

    from plaudit_trainer.template import examples

    before = trained(loaded.model)
    trainer = SFTTrainer(
        model=loaded.model,
        processing_class=loaded.tokenizer,
        train_dataset=Dataset.from_list(examples(loaded.tokenizer, problems, as_format("unsloth"), 512)),
        args=SFTConfig(output_dir=str(tmp_path), per_device_train_batch_size=8, max_length=512, **COMMON),
    )
    trainer.train()
    losses = [entry["loss"] for entry in trainer.state.log_history if "loss" in entry]
    assert len(losses) == STEPS
    assert all(math.isfinite(loss) for loss in losses)
    assert moved(before, trained(loaded.model))


def test_grpo_learns_from_a_composed_reward_and_logs_its_parts(loaded, prompts, judge, check_parts, tmp_path):
    from trl import GRPOConfig, GRPOTrainer

    before = trained(loaded.model)
    trainer = GRPOTrainer(
        model=loaded.model,
        processing_class=loaded.tokenizer,
        reward_funcs=[judge],
        train_dataset=prompts,
        args=GRPOConfig(
            output_dir=str(tmp_path),
            per_device_train_batch_size=8,
            num_generations=4,
            max_completion_length=16,
            **COMMON,
        ),
    )
    trainer.train()
    check_parts(judge, trainer.state.log_history, STEPS)
    assert moved(before, trained(loaded.model))


def test_the_merged_model_needs_no_adapter_and_answers_in_16_bit(loaded, tmp_path):
    from transformers import AutoModelForCausalLM

    loaded.model.save_pretrained_merged(str(tmp_path), loaded.tokenizer, save_method="merged_16bit")
    merged = AutoModelForCausalLM.from_pretrained(tmp_path, dtype="auto")
    assert not list(tmp_path.glob("adapter*"))
    assert merged.dtype.itemsize == 2
    assert not [name for name, _ in merged.named_parameters() if "lora_" in name]


def test_plaudit_train_goes_all_the_way_on_unsloth(train, tmp_path):
    run = train(tmp_path / "run", "backend=unsloth", "model.lora.from_stage=sft", "model.dtype=float32")
    steps = [row for row in map(json.loads, run.metrics.read_text().splitlines()) if row["stage"] == "grpo"]
    assert [row["step"] for row in steps] == [1, 2]
    for part in ("format-exact", "format-approx", "answer-match", "numeric-tolerance"):
        assert all(f"rewards/{part}/abstained" in row for row in steps), part
    versions = json.loads((run.path / "versions.json").read_text())
    assert versions["backend"] == "unsloth"
    assert versions["versions"]["trl"].startswith("1.15.")
    summary = json.loads((run.path / "summary.json").read_text())
    assert {"before", "after_sft", "after_grpo"} <= set(summary)
    assert (run.path / "adapter" / "adapter_model.safetensors").is_file()
    assert (run.path / "merged" / "model.safetensors").is_file()
    assert (run.path / "report.html").is_file()


def test_what_unsloth_prints_does_not_stand_in_the_json(tmp_path):
    few = ("sft.steps=2", "grpo.steps=0", "evaluate.problems=4", "evaluate.before=false", "save_merged=false")
    settings = ("backend=unsloth", "model.lora.from_stage=sft", "model.dtype=float32", *few)
    command = [sys.executable, "-m", "plaudit", "train", "demo", "--json", "--out", str(tmp_path / "run")]
    command += [part for setting in settings for part in ("--set", setting)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=280)
    assert done.returncode == 0, done.stderr[-3000:]
    assert "Unsloth" in done.stderr
    assert json.loads(done.stdout)["summary"]["backend"] == "unsloth"
