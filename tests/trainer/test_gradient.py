"""Steps whose gradient is nothing train to the end like others, unless somebody looks at it."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest

from plaudit_trainer.gradient import FAULTS, fault_of, faults

pytestmark = pytest.mark.trainer

CUT_OFF = ("evaluate.before=false", "grpo.steps=3", "grpo.max_completion_length=3", "grpo.mask_truncated=true")


@pytest.mark.parametrize(
    ("norm", "differ", "fault"),
    [
        (0.0, True, "gradient/zero"),
        (6.6e-19, True, "gradient/zero"),  # scaled by the ratio of two engines' probabilities
        (0.0, False, None),  # nothing to learn from, or the supervised stage
        (1e-6, True, None),
        (None, True, None),
        (math.nan, False, "gradient/not_finite"),
        (math.inf, True, "gradient/not_finite"),
    ],
)
def test_zero_is_a_fault_only_where_there_was_something_to_learn_and_nan_is_one_always(
    norm: float | None, differ: bool, fault: str | None
) -> None:
    assert fault_of({} if norm is None else {"grad_norm": norm}, differ=differ) == fault


def test_faults_are_counted_by_stage() -> None:
    rows = [{"stage": "sft"}, {"stage": "sft", "gradient/not_finite": 1.0}, {"stage": "grpo", "gradient/zero": 1.0}]
    assert faults(rows) == [
        f"sft: in 1 of 2 steps {FAULTS['gradient/not_finite']}",
        f"grpo: in 1 of 1 steps {FAULTS['gradient/zero']}",
    ]


@pytest.mark.slow
def test_run_in_which_every_completion_is_cut_off_and_masked_says_so_and_still_does_when_it_is_resumed(
    tmp_path: Path, runner: Any
) -> None:
    run = tmp_path / "run"
    said = " ".join(runner.train(run, (*runner.short, *CUT_OFF)).split())
    logged = [json.loads(line) for line in (run / "metrics.jsonl").read_text("utf-8").splitlines()]
    idle = sum("gradient/zero" in row for row in logged if row["stage"] == "grpo")
    assert idle >= 2
    counted = f"grpo: in {idle} of 3 steps {FAULTS['gradient/zero']}"
    assert said.count(FAULTS["gradient/zero"]) == 2, "once when it happens, once at the end"
    assert counted in said
    state = json.loads((run / "state.json").read_text("utf-8"))
    (run / "state.json").write_text(json.dumps({name: state[name] for name in ("sft", "after_sft", "grpo")}), "utf-8")
    runner.train(run, (*runner.short, *CUT_OFF), "--resume")
    assert counted in json.loads((run / "summary.json").read_text("utf-8"))["warnings"]
    assert counted in (run / "report.html").read_text("utf-8")
