"""Rewards in TRL's own trainers, with nothing of ours between: composite, split, abstaining, in GRPO and RLOO."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import plaudit
from plaudit_trainer import demo
from plaudit_trainer.config import Tiny
from plaudit_trainer.tiny import build

pytestmark = pytest.mark.trainer

FORM = plaudit.recipe("demo").format or plaudit.as_format("unsloth")
ROWS = demo.rows(FORM, "0", 32)


@plaudit.reward(low=0.0, high=1.0)
def never_sure(completion: str) -> float | None:
    """Abstains on every row."""
    return None


@plaudit.reward(low=0.0, high=1.0)
def sometimes_sure(completion: str, answer: str) -> float | None:
    """Abstains where the gold is odd."""
    return None if int(answer) % 2 else 1.0 / (1 + len(completion))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("tiny")
    build(Tiny(hidden=32, layers=1), FORM, demo.texts(FORM, ROWS), 128, 0, place)
    return place


def fit(kind: str, folder: Path, out: Path, functions: list[Any], **settings: Any) -> Iterator[dict[str, Any]]:
    """Train two steps with a trainer of TRL and return its logs."""
    import trl
    from datasets import Dataset
    from transformers import AutoModelForCausalLM, AutoTokenizer

    trainer = getattr(trl, f"{kind}Trainer")(
        model=AutoModelForCausalLM.from_pretrained(folder),
        processing_class=AutoTokenizer.from_pretrained(folder, padding_side="left"),
        reward_funcs=functions,
        train_dataset=Dataset.from_list([{"prompt": row.messages(FORM), "answer": row.answer} for row in ROWS]),
        args=getattr(trl, f"{kind}Config")(
            output_dir=str(out),
            max_steps=2,
            per_device_train_batch_size=16,
            num_generations=4,
            max_completion_length=8,
            beta=0.0,
            use_cpu=True,
            bf16=False,
            logging_steps=1,
            save_strategy="no",
            report_to="none",
            disable_tqdm=True,
            **settings,
        ),
    )
    trainer.train()
    return iter([row for row in trainer.state.log_history if "reward" in row])


@pytest.mark.parametrize("kind", ["GRPO", "RLOO"])
def test_composite_is_one_reward_function_with_a_curve_for_each_part(kind: str, folder: Path, tmp_path: Path) -> None:
    judge = plaudit.load("format-approx") + 0.5 * plaudit.load("answer-match")
    logs = list(fit(kind, folder, tmp_path, [judge.named("judge")]))
    assert len(logs) == 2
    for row in logs:
        total = row["rewards/format-approx/mean"] + 0.5 * row["rewards/answer-match/mean"]
        assert row["rewards/judge/mean"] == pytest.approx(row["reward"])
        assert row["reward"] == pytest.approx(total, abs=1e-5)


def test_split_parts_are_normalised_each_by_itself_with_weights_in_the_trainer(folder: Path, tmp_path: Path) -> None:
    split = (plaudit.load("format-approx") + 0.5 * plaudit.load("answer-match")).split()
    aggregation = {"reward_weights": split.weights, "multi_objective_aggregation": "normalize_then_sum"}
    for row in fit("GRPO", folder, tmp_path, split.functions, **aggregation):
        total = row["rewards/format-approx/mean"] + 0.5 * row["rewards/answer-match/mean"]
        assert row["reward"] == pytest.approx(total, abs=1e-5)


@pytest.mark.parametrize("kind", ["GRPO", "RLOO"])
def test_abstaining_part_neither_pays_nor_breaks(kind: str, folder: Path, tmp_path: Path) -> None:
    judge = (plaudit.load("format-approx") + never_sure + sometimes_sure).named("judge")
    for row in fit(kind, folder, tmp_path, [judge]):
        assert row["rewards/never-sure/abstained"] == 1.0
        assert 0.0 <= row["rewards/sometimes-sure/abstained"] <= 1.0
        assert row["rewards/format-approx/mean"] <= row["reward"] <= row["rewards/format-approx/mean"] + 1.0


def test_reward_that_always_abstains_gives_no_signal(folder: Path, tmp_path: Path) -> None:
    import math

    logs = list(fit("GRPO", folder, tmp_path, [plaudit.load("format-approx"), never_sure]))
    assert all(row["rewards/never-sure/mean"] is None or math.isnan(row["rewards/never-sure/mean"]) for row in logs)
    assert all(row["reward"] == pytest.approx(row["rewards/format-approx/mean"]) for row in logs)
