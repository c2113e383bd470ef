"""Killed and resumed, reloaded, 4 bit, standby: Unsloth with vLLM, as short as can be. `run.sh -k test_short`"""

from __future__ import annotations

import json
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

import pytest

torch = pytest.importorskip("torch", reason="needs torch")

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.slow,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device"),
    pytest.mark.skipif(find_spec("vllm") is None, reason="needs vLLM"),
    pytest.mark.skipif(find_spec("unsloth") is None, reason="needs Unsloth"),
]

SHORT = (
    "backend=unsloth",
    "use_vllm=true",
    "vllm_memory=0.1",
    "vllm_extra={enforce_eager: true}",
    "model.tiny=null",
    "model.lora={rank: 16, from_stage: sft}",
    "data.sft.options={guess: 0.0, sloppy: 0.0}",
    "sft.steps=40",
    "sft.learning_rate=2e-3",
    "grpo.prompts_per_step=8",
    "grpo.generations=4",
    # So high that three steps change answers: what was trained must reach the engine. On a CPU the format stays whole.
    "grpo.learning_rate=1e-3",
    "evaluate.before=false",
)
KILLED = ("grpo.steps=4", "grpo.save_every=2", "evaluate.problems=64")
FOUR_BIT = ("model.load_in_4bit=true", "grpo.steps=2", "evaluate.problems=16", "save_merged=false")
STANDBY = ("grpo.steps=3", "evaluate.problems=64", "save_merged=false")
# Left to itself, standby would give vLLM nine tenths of the card.
IN_STANDBY = {"UNSLOTH_VLLM_STANDBY": "1", "UNSLOTH_VLLM_STANDBY_UTIL_OVERRIDE": "1"}

RELOAD = """
import faulthandler, json, os, pathlib, sys
os.environ["VLLM_ENABLE_V1_MULTIPROCESSING"] = "0"  # in this process, so that nothing outlives it and stacks show all
import plaudit
from transformers import AutoTokenizer
from vllm import LLM, SamplingParams
from plaudit_trainer.rows import Row
from plaudit_trainer.template import prompt_tokens
deadline, run, made = float(sys.argv[1]), pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3])
sys.stdin.readline()
faulthandler.dump_traceback_later(deadline, exit=True)
form = plaudit.Recipe.load(run / "recipe.yaml").format
tokenizer = AutoTokenizer.from_pretrained(run / "merged")
asked = json.loads((made.parent / "prompts.json").read_text())
prompts = [{"prompt_token_ids": prompt_tokens(tokenizer, Row(question, ""), form)} for question in asked]
llm = LLM(str(run / "merged"), dtype="bfloat16", max_model_len=160, max_num_seqs=64, gpu_memory_utilization=0.1,
          enforce_eager=True)
print("engine is up", flush=True)
outputs = llm.generate(prompts, SamplingParams(temperature=0.0, max_tokens=32), use_tqdm=False)
made.write_text(json.dumps([one.outputs[0].text for one in outputs]))
os._exit(0)  # an engine that hangs as it shuts down is not what is asked here
"""


class Children(NamedTuple):
    """The children, importing at the same time, and what they leave behind."""

    run: Path
    killed: Any
    resumed: Any
    reload: Any
    made: Path
    four_bit: Any
    four_bit_run: Path
    standby: Any
    standby_run: Path


@pytest.fixture(scope="module")
def children(card: Any, tmp_path_factory: pytest.TempPathFactory) -> Children:
    """All children, started while the model is still being trained; each waits until it is told to begin."""
    folder = tmp_path_factory.mktemp("short")
    run, made, model = folder / "run", folder / "made.json", folder / "model"
    four_bit, standby = folder / "four_bit", folder / "standby"
    settings = (*SHORT, f"model.path={model}")
    return Children(
        run,
        card.train("killed", run, (*settings, *KILLED)),
        card.train("resumed", run, (*settings, *KILLED), "--resume"),
        card.child("reload", RELOAD, [str(run), str(made)], 90),
        made,
        card.train("four-bit", four_bit, (*settings, *FOUR_BIT)),
        four_bit,
        card.train("standby", standby, (*settings, *STANDBY), environment=IN_STANDBY),
        standby,
    )


@pytest.fixture(scope="module")
def ready(children: Children, model: Path) -> Children:
    """The children, which have imported all while the model was trained, and find it where they were told."""
    (children.run.parent / "model").symlink_to(model)
    return children


@pytest.fixture(scope="module")
def killed_and_resumed(ready: Children) -> Path:
    """A run that was killed in the middle of GRPO, and then went on to its end."""
    children = ready
    metrics = children.run / "metrics.jsonl"
    children.killed.begin()
    children.killed.kill_when(lambda: metrics.is_file() and '"stage": "grpo", "step": 3,' in metrics.read_text("utf-8"))
    children.resumed.begin()
    children.resumed.finish()
    return children.run


def greedy(run: Path, stage: str, read_rows: Any) -> dict[str, str]:
    """The greedy answer to each problem."""
    kept = read_rows(run / "completions.jsonl")
    return {row["prompt"]: row["completion"] for row in kept if (row["stage"], row["mode"]) == (stage, "greedy")}


def gradients(run: Path, read_rows: Any) -> list[float]:
    """The norm of each step's gradient in GRPO: with one of zero a run comes to its end, too."""
    return [row["grad_norm"] for row in read_rows(run / "metrics.jsonl") if row["stage"] == "grpo"]


def test_run_killed_in_the_middle_of_grpo_resumes(killed_and_resumed: Path, read_rows: Any) -> None:
    steps = [row["step"] for row in read_rows(killed_and_resumed / "metrics.jsonl") if row["stage"] == "grpo"]
    assert steps == [1, 2, 3, 4]
    assert json.loads((killed_and_resumed / "state.json").read_text())["grpo"]["resumed_from"] == 2
    assert min(gradients(killed_and_resumed, read_rows)) > 1e-4
    before, after = (greedy(killed_and_resumed, stage, read_rows) for stage in ("after_sft", "after_grpo"))
    assert len(before) == 64
    assert before != after, "the engine answers as it did before GRPO"


def test_merged_model_reloaded_by_vllm_in_a_fresh_process_answers_as_the_trained_one(
    ready: Children, killed_and_resumed: Path, read_rows: Any
) -> None:
    asked = greedy(killed_and_resumed, "after_grpo", read_rows)
    (ready.made.parent / "prompts.json").write_text(json.dumps(list(asked)))
    ready.reload.begin()
    ready.reload.finish()
    made = json.loads(ready.made.read_text())
    same = sum(text == answer for text, answer in zip(made, asked.values(), strict=True))
    untrained = greedy(killed_and_resumed, "after_sft", read_rows)
    as_before = sum(text == untrained[problem] for text, problem in zip(made, asked, strict=True))
    working = sum("=" in text for text in made)
    said = f"{same} of {len(made)} answers are the same, {working} show their working, {len(set(made))} are different"
    assert same > as_before, f"{said}, {as_before} are those from before GRPO"
    assert same >= 0.8 * len(asked), f"{said}; 16-bit rounding may turn a few near-ties, no more"
    assert working >= 0.8 * len(asked), f"{said}; the base model guesses, only the trained one works its sums out"


def test_four_bit_model_learns_through_unsloth_and_vllm(ready: Children, read_rows: Any) -> None:
    ready.four_bit.begin()
    ready.four_bit.finish()
    versions = json.loads((ready.four_bit_run / "versions.json").read_text())
    assert (versions["backend"], versions["device"], versions["vllm"]) == ("unsloth", "cuda", True)
    assert "load_in_4bit: true" in (ready.four_bit_run / "recipe.yaml").read_text()
    steps = [row for row in read_rows(ready.four_bit_run / "metrics.jsonl") if row["stage"] == "grpo"]
    assert [row["step"] for row in steps] == [1, 2]
    assert all(0 < row["seconds/rewards"] < row["seconds/step"] for row in steps)
    assert min(gradients(ready.four_bit_run, read_rows)) > 1e-4
    summary = json.loads((ready.four_bit_run / "summary.json").read_text())
    assert summary["after_grpo"]["greedy_format"] > 0.5, "vLLM doesn't generate with the trained weights"


def test_engine_in_standby_sleeps_through_the_updates_and_answers_in_between(ready: Children, read_rows: Any) -> None:
    ready.standby.begin()
    said = ready.standby.finish()
    assert said.count("engine sleeps") >= 3, "it stayed awake through the updates"
    steps = [row for row in read_rows(ready.standby_run / "metrics.jsonl") if row["stage"] == "grpo"]
    assert [row["step"] for row in steps] == [1, 2, 3]
    summary = json.loads((ready.standby_run / "summary.json").read_text())
    assert summary["after_sft"]["greedy_format"] > 0.5
    assert summary["after_grpo"]["greedy_format"] > 0.5, "the engine that has slept doesn't generate with the weights"
    assert min(gradients(ready.standby_run, read_rows)) > 1e-4
    before, after = (greedy(ready.standby_run, stage, read_rows) for stage in ("after_sft", "after_grpo"))
    assert before != after, "the engine that has slept answers as it did before GRPO"
