"""Wrong settings are refused before anything is loaded, each with its key, the numbers, and the nearest name."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import plaudit
from plaudit.errors import ConfigError, DataError, PlauditError
from plaudit_trainer.config import Source, TrainConfig
from plaudit_trainer.preflight import check_run
from plaudit_trainer.settings import check, resolve

pytestmark = pytest.mark.trainer

FEW = ["data.sft.limit=20", "data.grpo.limit=40", "data.evaluate.limit=10", "evaluate.problems=4"]


def planned(*settings: str, recipe: str = "demo") -> Any:
    return check_run(*resolve(plaudit.recipe(recipe), [*FEW, *settings] if recipe == "demo" else settings), dry=True)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        (["grpo.stepps=3"], ["grpo.stepps", "'steps'"]),
        (["gpro.steps=3"], ["gpro", "'grpo'"]),
        (["model.lora.ranks=3"], ["model.lora.ranks", "'rank'"]),
        (["grpo.steps=many"], ["grpo.steps", "'many'"]),
        (["grpo.generations=1"], ["grpo.generations", "greater than or equal to 2"]),
        (["data.grpo=null"], ["data.grpo"]),
        (["model.tiny=null"], ["model", "path", "tiny"]),
        (["model.path=x"], ["model", "not both"]),
        (["nonsense"], ["key=value", "nonsense"]),
        (["grpo.steps=[1"], ["grpo.steps", "YAML"]),
        (["rewards.answer-mach.near=0.2"], ["answer-mach", "'answer-match'"]),
        (["rewards.answer-match.neer=0.2"], ["neer", "'near'"]),
        (["rewards.answer-match=0.2"], ["rewards.NAME.OPTION"]),
        (["format=unsloht"], ["unsloht", "'unsloth'"]),
        (["model.tiny=null", "model.path=/nowhere/model"], ["/nowhere/model", "does not exist"]),
        (["grpo.extra={generation_batch_size: 100}"], ["generations=8", "100", "96"]),
        (["grpo.micro_batch=48"], ["micro_batch=48", "128", "32"]),
        (["sft.micro_batch=5"], ["micro_batch=5", "32", "4"]),
        (["grpo.extra={reward_weights: [1]}"], ["reward_weights", "recipe"]),
        (["backend=unsloth", "model.lora.from_stage=grpo"], ["unsloth"]),
        (["use_vllm=true"], ["vLLM", "not installed"]),
        (["backend=trl", "vllm_extra={enforce_eager: true}"], ["vllm_extra", "backend=unsloth"]),
        (["data.grpo=reasoning-gym:chain_summ"], ["chain_summ", "'chain_sum'"]),
        (["data.grpo.options={gess: 1}"], ["gess", "'guess'"]),
        (["data.grpo=/nowhere/rows.jsonl"], ["/nowhere/rows.jsonl", "does not exist"]),
        (["evaluate.accuracy_part=format-exat"], ["format-exat", "'format-exact'"]),
        (["evaluate.accuracy_part=format-approx"], ["format-approx", "shaping"]),
    ],
)
def test_wrong_setting_is_named_with_the_next_step(settings: list[str], words: list[str]) -> None:
    with pytest.raises(ConfigError) as caught:
        planned(*settings)
    for word in words:
        assert word in str(caught.value)


def test_every_wrong_setting_is_listed_at_once() -> None:
    with pytest.raises(ConfigError, match=r"(?s)sft\.batch.*grpo\.steps"):
        planned("grpo.steps=-1", "sft.batch=0")


def test_recipe_without_train_section_says_so() -> None:
    with pytest.raises(ConfigError, match="no `train` section"):
        planned(recipe="unsloth")


def test_reward_option_reaches_the_reward_and_the_saved_recipe(tmp_path: Path) -> None:
    changed, _ = resolve(plaudit.recipe("demo"), ["rewards.answer-match.near=0.05", "rewards.format-exact.weight=2"])
    changed.save(tmp_path / "recipe.yaml")
    again = plaudit.Recipe.load(tmp_path / "recipe.yaml")
    assert again.to_dict() == changed.to_dict()
    near = {reward.spec.name: getattr(reward, "near", None) for reward in again.judge.children()}
    assert near["answer-match"] == 0.05
    assert again.split().weights == [2.0, 1.0, 1.0, 1.0]


def test_resolved_settings_resolve_to_themselves() -> None:
    first, config = resolve(plaudit.recipe("demo"), ["grpo.steps=3"])
    second, again = resolve(first)
    assert (config, first.to_dict()) == (again, second.to_dict())
    assert check(config.model_dump(mode="json")) == config


@pytest.mark.parametrize("name", ["demo", "smollm2-gsm8k", "smollm2-arithmetic", "qwen3-4b"])
def test_shipped_recipe_passes_a_dry_run_without_a_network(name: str) -> None:
    plan = planned(recipe=name)
    assert next(score.value for kind, _, score in plan.scored if kind == "perfect") == plan.recipe.spec.high
    assert name == "demo" or any("would load the model" in warning for warning in plan.warnings)


@pytest.mark.parametrize("name", ["smollm2-gsm8k", "smollm2-arithmetic"])
def test_a_near_number_earns_no_more_than_a_far_one_where_a_model_would_settle_for_it(name: str) -> None:
    texts = (f"<end_working_out><SOLUTION>{number}</SOLUTION>" for number in (101, 5000))
    near, far = plaudit.recipe(name).score([plaudit.Sample(text, columns={"answer": "100"}) for text in texts])
    assert near.value == far.value


def test_setting_that_trl_does_not_know_is_reported_by_name() -> None:
    plan = planned("grpo.extra={unsloth_num_chunks: -1}")
    assert any("GRPOConfig.unsloth_num_chunks" in warning for warning in plan.warnings)


@pytest.mark.parametrize("aggregation", ["sum_then_normalize", "normalize_then_sum"])
def test_weights_live_in_one_place(aggregation: str) -> None:
    from plaudit_trainer.grpo import rewards

    recipe, config = resolve(
        plaudit.recipe("demo"), [f"grpo.aggregation={aggregation}", "rewards.format-exact.weight=2"]
    )
    judged = rewards(config, recipe)
    if aggregation == "sum_then_normalize":
        assert judged == {"functions": [recipe]}
    else:
        assert judged["weights"] == [2.0, 1.0, 1.0, 1.0]
        assert [function.spec.high for function in judged["functions"]] == [3.0, 1.5, 5.0, 3.5]


def test_missing_reward_column_is_named_before_a_model_is_loaded(tmp_path: Path) -> None:
    (tmp_path / "rows.jsonl").write_text('{"question": "1 + 1?", "answer": "2", "levle": 1}\n' * 3)
    (tmp_path / "needs_level.py").write_text(
        "from plaudit import reward\n\n@reward(low=0, high=1)\ndef by_level(completion, level): return 1.0\n"
    )
    data = plaudit.recipe("demo").to_dict()
    data["rewards"].append("needs_level:by_level")
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(tmp_path))
        recipe, config = resolve(plaudit.Recipe.from_dict(data), [f"data.grpo={tmp_path / 'rows.jsonl'}", *FEW[2:]])
        with pytest.raises(DataError, match=r"data\.grpo.*'level'.*'levle'"):
            check_run(recipe, config)


def test_gold_that_the_reward_would_not_accept_is_warned_of(tmp_path: Path) -> None:
    (tmp_path / "rows.jsonl").write_text('{"question": "1 + 1?", "answer": "</SOLUTION>"}\n' * 3)
    plan = planned(f"data.grpo={tmp_path / 'rows.jsonl'}")
    assert any("does not count as right" in warning for warning in plan.warnings)


def test_errors_are_plaudit_errors_with_exit_codes() -> None:
    with pytest.raises(PlauditError) as caught:
        check({"model": {"tiny": True}, "data": {"grpo": "demo"}, "grop": {}})
    assert caught.value.exit_code == 2


def test_source_may_be_its_name_alone() -> None:
    config = TrainConfig.model_validate({"model": {"tiny": True}, "data": {"grpo": "demo"}})
    assert config.data.grpo == Source(source="demo")


class Shortest:
    """Says that it compares a group."""

    spec = plaudit.Spec("shortest", 0.0, 1.0, coupled=True)

    def score(self, batch: Any, /) -> list[plaudit.Score]:
        return [plaudit.Score(1.0) for _ in batch]


@pytest.mark.parametrize(("prompts", "fits"), [(3, False), (4, True)])
def test_group_that_processes_would_split_is_refused_to_a_coupled_reward(
    monkeypatch: pytest.MonkeyPatch, prompts: int, fits: bool
) -> None:
    from plaudit_trainer.preflight import _check_groups

    monkeypatch.setenv("WORLD_SIZE", "2")
    recipe, config = resolve(plaudit.recipe("demo"), [f"grpo.prompts_per_step={prompts}"])
    coupled = replace(recipe, judge=plaudit.as_reward(recipe.judge) + Shortest())
    if fits:
        _check_groups(coupled, config)
    else:
        with pytest.raises(ConfigError, match="a multiple of 2"):
            _check_groups(coupled, config)


def test_several_processes_must_be_given_the_run_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    from plaudit_trainer.launch import run_folder

    monkeypatch.setenv("WORLD_SIZE", "2")
    with pytest.raises(ConfigError, match="give --out"):
        run_folder(planned(), None, resume=False)
