"""What a config class makes of our settings: a trainer that overrides one silently trains something else."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import plaudit
from plaudit.errors import ConfigError
from plaudit_trainer import grpo, sft
from plaudit_trainer.backends.unsloth import MOST_SEQUENCES, UnslothBackend, sequences
from plaudit_trainer.runs import RunFolder
from plaudit_trainer.settings import resolve
from plaudit_trainer.stages import trainer_config
from plaudit_trainer.trainer_settings import changed, known_settings

pytestmark = pytest.mark.trainer
RECIPES = ["demo", "smollm2-arithmetic", "smollm2-gsm8k", "qwen3-4b"]


class Said:
    """Collects what a person would read."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def note(self, line: str) -> None:
        self.lines.append(line)


@pytest.mark.skipif("unsloth" in sys.modules, reason="Unsloth has rewritten TRL's config classes in this process")
@pytest.mark.parametrize("recipe", RECIPES)
@pytest.mark.parametrize("stage", ["sft", "grpo"])
def test_trl_keeps_every_setting_of_a_shipped_recipe(tmp_path: Path, recipe: str, stage: str) -> None:
    trl = pytest.importorskip("trl", reason="needs the extra `trainer`")
    _, config = resolve(plaudit.recipe(recipe))
    cpu = {"use_cpu": True, "bf16": False}
    kind = trl.SFTConfig if stage == "sft" else trl.GRPOConfig
    wanted = (sft.settings(config, 1000) if stage == "sft" else grpo.settings(config)) | cpu
    arguments = trainer_config(kind, wanted, RunFolder(tmp_path), stage, said := Said())  # type: ignore[arg-type]
    assert said.lines == []
    assert changed(arguments, {name: wanted[name] for name in wanted.keys() & known_settings(kind)}) == {}


def test_setting_that_the_config_overrides_is_said_with_both_values(tmp_path: Path) -> None:
    def overriding(**settings: Any) -> SimpleNamespace:
        return SimpleNamespace(**settings | {"epsilon_high": 0.28})

    kind = type("Config", (), {"__new__": lambda cls, **settings: overriding(**settings)})
    kind.__dataclass_fields__ = {}  # type: ignore[attr-defined]
    kind.__init__ = lambda self, output_dir, epsilon_high: None  # type: ignore[misc]
    trainer_config(kind, {"epsilon_high": 0.2}, RunFolder(tmp_path), "grpo", said := Said())  # type: ignore[arg-type]
    assert said.lines == ["grpo: epsilon_high=0.2 was asked for; Config made it 0.28."]


def test_settings_that_unsloth_would_fill_in_by_its_own_taste_are_given() -> None:
    _, config = resolve(plaudit.recipe("demo"), ["grpo.epsilon=0.3"])
    given = grpo.settings(config)
    assert (given["loss_type"], given["epsilon_high"], given["mask_truncated_completions"]) == ("dapo", 0.3, False)


@pytest.mark.parametrize(("scale", "given"), [("group", None), ("none", "absent"), ("batch", "absent")])
def test_unsloth_is_told_to_keep_scaling_with_dr_grpo_in_the_one_way_that_it_takes(scale: str, given: Any) -> None:
    _, config = resolve(plaudit.recipe("demo"), ["grpo.loss=dr_grpo", f"grpo.scale_rewards={scale}"])
    backend = UnslothBackend.__new__(UnslothBackend)
    backend.config, backend.device, backend.use_vllm = config, "cpu", False
    assert backend.grpo_settings().get("scale_rewards", "absent") == given


@pytest.mark.parametrize("rows", [8, 255, 256, 257, 512, 8192])
def test_vllm_inside_unsloth_writes_a_whole_step_at_once_and_never_asks_for_its_word_for_unset(rows: int) -> None:
    assert sequences(rows) != 256
    assert rows - 1 <= sequences(rows) <= rows or sequences(rows) == MOST_SEQUENCES


def test_minutes_end_the_stage_and_the_run_goes_on_to_measure(runner: Any, tmp_path: Path) -> None:
    out = tmp_path / "run"
    output = runner.train(out, (*runner.short, "sft.steps=2", "grpo.steps=100000", "grpo.max_minutes=0.01"))
    steps = json.loads((out / "state.json").read_text())["grpo"]["steps"]
    assert 1 <= steps < 100000
    summary = json.loads((out / "summary.json").read_text())
    assert summary["after_grpo"]["problems"] == 12
    assert summary["warnings"] == [f"grpo: stopped after {steps} of 100000 steps, as grpo.max_minutes=0.01 were over."]
    assert f"stopped after {steps} of 100000" in " ".join(output.split())


def test_what_a_stage_noted_is_still_in_the_summary_of_a_run_that_goes_on_after_it(runner: Any, tmp_path: Path) -> None:
    out, settings = tmp_path / "run", (*runner.short, "sft.steps=2", "grpo.steps=100000", "grpo.max_minutes=0.01")
    runner.train(out, settings)
    noted = json.loads((out / "summary.json").read_text())["warnings"]
    assert len(noted) == 1
    state = json.loads((out / "state.json").read_text())
    (out / "state.json").write_text(json.dumps({name: state[name] for name in ("sft", "after_sft", "grpo")}))
    runner.train(out, settings, "--resume")
    assert json.loads((out / "summary.json").read_text())["warnings"] == noted


def test_minutes_are_refused_to_several_processes_which_would_wait_for_each_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("WORLD_SIZE", "2")
    _, config = resolve(plaudit.recipe("demo"), ["grpo.max_minutes=5"])
    with pytest.raises(ConfigError, match=r"grpo\.max_minutes=5 with 2 processes"):
        grpo.settings(config)
