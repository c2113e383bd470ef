"""Steps that learn nothing train to the end like others, unless somebody looks at the gradient."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from plaudit_trainer.callbacks import LEARNS_NOTHING, vanished

pytestmark = pytest.mark.trainer

CUT_OFF = ("evaluate.before=false", "grpo.steps=3", "grpo.max_completion_length=3", "grpo.mask_truncated=true")


@pytest.mark.parametrize(
    ("numbers", "expected"),
    [
        ({"grad_norm": 0.0, "frac_reward_zero_std": 0.5}, True),
        ({"grad_norm": 6.6e-19, "frac_reward_zero_std": 0.0}, True),  # scaled by the ratio of two engines' guesses
        ({"grad_norm": 0.0, "frac_reward_zero_std": 1.0}, False),  # nothing to learn from
        ({"grad_norm": 1e-6, "frac_reward_zero_std": 0.0}, False),
        ({"frac_reward_zero_std": 0.0}, False),  # not every launcher logs it
        ({"grad_norm": 0.0}, False),  # the supervised stage
    ],
)
def test_gradient_has_vanished_only_where_there_was_something_to_learn(
    numbers: dict[str, float], expected: bool
) -> None:
    assert vanished(numbers) is expected


@pytest.mark.slow
def test_run_in_which_every_completion_is_cut_off_and_masked_says_that_it_learnt_nothing(
    tmp_path: Path, runner: Any
) -> None:
    said = runner.train(tmp_path / "run", (*runner.short, *CUT_OFF))
    logged = [json.loads(line) for line in (tmp_path / "run" / "metrics.jsonl").read_text("utf-8").splitlines()]
    idle = sum(vanished(row) for row in logged if row["stage"] == "grpo")
    assert idle >= 2
    flat = " ".join(said.split())
    assert flat.count(LEARNS_NOTHING) == 2, "once when it happens, once at the end"
    written = json.loads((tmp_path / "run" / "summary.json").read_text("utf-8"))["warnings"]
    assert f"grpo: in {idle} of 3 steps {LEARNS_NOTHING}" in written
    assert LEARNS_NOTHING in (tmp_path / "run" / "report.html").read_text("utf-8")
