"""`plaudit evaluate` measures what a run measured: the same prompts, draws, scores and statistics, or says why not."""

from __future__ import annotations

import json
import sys
import types
from dataclasses import make_dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from plaudit.cli import program
from plaudit_trainer import generators
from plaudit_trainer.backends import Sampling
from plaudit_trainer.config import TrainConfig

pytestmark = [pytest.mark.trainer, pytest.mark.slow]


def called(*arguments: Any, status: int = 0) -> Any:
    result = CliRunner().invoke(program, ["evaluate", *map(str, arguments)], prog_name="plaudit")
    assert result.exit_code == status, result.output
    return result


def test_finished_run_measured_again_is_what_it_said(unbroken: Path, tmp_path: Path) -> None:
    out = tmp_path / "scored.jsonl"
    found = json.loads(called(unbroken, "--json", "--out", out).stdout)
    said = json.loads((unbroken / "summary.json").read_text())["after_grpo"]
    assert {key: found[key] for key in said} == said
    kept = [json.loads(line) for line in (unbroken / "completions.jsonl").read_text().splitlines()]
    kept = [row | {"stage": "evaluate"} for row in kept if row["stage"] == "after_grpo"]
    assert [json.loads(line) for line in out.read_text().splitlines()] == kept
    assert not list(tmp_path.glob("*.part"))


def test_adapter_on_its_base_is_the_merged_model(unbroken: Path) -> None:
    several = (
        "--recipe",
        unbroken / "recipe.yaml",
        "--samples",
        3,
        "--limit",
        5,
        "--set",
        "evaluate.temperature=0.5",
        "--json",
    )
    adapter, merged = (json.loads(called(unbroken / name, *several).stdout) for name in ("adapter", "merged"))
    assert adapter["problems"] == 5
    assert set(adapter["pass_at"]) == {"1", "2", "3"}
    assert set(adapter["majority_at"]) == {"3"}
    assert (adapter["sampled_temperature"], adapter["max_completion_length"]) == (0.5, 32)
    assert adapter["greedy_reward"] == merged["greedy_reward"]


def test_problems_from_a_file_need_no_train_section(unbroken: Path, tmp_path: Path) -> None:
    data = tmp_path / "problems.jsonl"
    data.write_text("".join(json.dumps({"question": f"{n} + 1?", "answer": str(n + 1)}) + "\n" for n in range(4)))
    small = ("--set", "model.max_length=160", "--set", "grpo.max_completion_length=8")
    result = called(unbroken / "merged", "--recipe", "unsloth", "--data", data, "--no-greedy", *small)
    assert "4 problems" in result.stdout
    assert "accuracy, sampled" in result.stdout
    assert "accuracy, greedy" not in result.stdout


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (["{run}/mergd", "--recipe", "demo"], 2, "merged"),
        (["{run}/merged"], 2, "give --recipe NAME"),
        (["{run}/merged", "--recipe", "unsloth"], 2, "give --data FILE"),
        (["{run}/merged", "--recipe", "dmo"], 2, "demo"),
        (["{run}/merged", "--recipe", "demo", "--no-greedy", "--samples", "0"], 2, "nothing to measure"),
        (["{run}/checkpoints", "--recipe", "demo"], 2, "holds no model"),
        (["{run}/merged", "--recipe", "demo", "--data", "{run}/recipe.jsonl"], 2, "does not exist"),
        (["{run}/merged", "--recipe", "demo", "--data", "{run}/metrics.jsonl"], 3, "no column for the question"),
        (["{run}/merged", "--recipe", "demo", "--set", "evaluate.sampels=2"], 2, "'samples'"),
    ],
)
def test_what_cannot_be_measured_is_refused_with_the_next_step(
    unbroken: Path, arguments: list[str], status: int, words: str
) -> None:
    result = called(*[argument.format(run=unbroken) for argument in arguments], status=status)
    assert words in " ".join(result.output.split())


def test_adapter_whose_base_is_gone_says_so(tmp_path: Path) -> None:
    (tmp_path / "adapter_config.json").write_text(json.dumps({"base_model_name_or_path": "/nowhere/base"}))
    result = called(tmp_path, "--recipe", "demo", status=2)
    assert "/nowhere/base, which is not there" in " ".join(result.output.split())


def test_run_that_has_not_ended_has_no_model_yet(tmp_path: Path) -> None:
    (tmp_path / "recipe.yaml").write_text("name: x\nrewards: [format-exact]\n")
    assert "has not ended" in called(tmp_path, status=2).output


class Engine:
    """What Plaudit asks of vLLM, written down."""

    def __init__(self, model: str, **settings: Any) -> None:
        self.model, self.settings = model, settings
        most = types.SimpleNamespace(max_num_seqs=settings["max_num_seqs"])
        self.llm_engine = types.SimpleNamespace(vllm_config=types.SimpleNamespace(scheduler_config=most))

    def generate(self, prompts: list[dict[str, list[int]]], *, sampling_params: list[Any], use_tqdm: bool) -> list[Any]:
        one = types.SimpleNamespace
        return [
            one(outputs=[one(text=f"{prompt['prompt_token_ids'][0]}:{choice.seed}", finish_reason="length")] * choice.n)
            for prompt, choice in zip(prompts, sampling_params, strict=True)
        ]


def test_vllm_is_asked_for_each_prompt_with_a_seed_of_its_own(unbroken: Path, monkeypatch: Any) -> None:
    stand_in = types.ModuleType("vllm")
    stand_in.LLM = Engine  # type: ignore[attr-defined]
    stand_in.SamplingParams = types.SimpleNamespace  # type: ignore[attr-defined]
    stand_in.EngineArgs = make_dataclass("EngineArgs", ["max_num_seqs", "gpu_memory_utilization"])  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "vllm", stand_in)
    monkeypatch.setattr(generators, "vllm_wanted", lambda *_: True)
    model = {"path": "x", "max_length": 160}
    extra = {"max_num_seqs": 256, "conservativeness": 0.5, "gpu_memory_utilization": 0.9}
    settings = {"model": model, "data": {"grpo": "demo"}, "vllm_memory": 0.5, "vllm_extra": extra}
    config, notes = TrainConfig.model_validate(settings), list[str]()
    with generators.opened(str(unbroken / "adapter"), config, notes) as generator:
        engine = generator._engine  # type: ignore[attr-defined]
        assert (Path(engine.model) / "model.safetensors").is_file(), "the adapter is merged for vLLM"
        sizes = {"max_model_len": 160, "gpu_memory_utilization": 0.5, "max_num_seqs": 256}
        assert engine.settings == {"dtype": "auto", **sizes}
        left_out = [note.split()[0] for note in notes]
        assert left_out == ["vllm_extra.conservativeness", "vllm_extra.gpu_memory_utilization"]
        made = generator.generate([[7], [8]], Sampling(max_tokens=4, seed=100, samples=2, temperature=1.0))
    assert [[one.text for one in several] for several in made] == [["7:100"] * 2, ["8:102"] * 2]
    assert made[0][0].truncated
