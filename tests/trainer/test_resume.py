"""A run that is killed goes on as if nothing had happened: same steps, same numbers, no row twice."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path
from typing import Any

import pytest

pytestmark = [pytest.mark.trainer, pytest.mark.slow]

CLOCKS = ("time", "seconds/", "step_time", "train_runtime")


def rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def without_clocks(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if not name.startswith(CLOCKS)}


def kill_after(runner: Any, out: Path, stage: str, step: int) -> None:
    """Kill a run with SIGKILL as soon as metrics.jsonl holds a step of a stage."""
    process = runner.start(out)
    metrics = out / "metrics.jsonl"
    while process.poll() is None:
        written = metrics.read_text(encoding="utf-8") if metrics.is_file() else ""
        if f'"stage": "{stage}", "step": {step},' in written:
            os.kill(process.pid, signal.SIGKILL)
            break
    output, _ = process.communicate(timeout=60)
    assert process.returncode == -signal.SIGKILL, f"it ended before it could be killed:\n{output}"


@pytest.mark.parametrize(("stage", "step"), [("grpo", 5), ("sft", 8)])
def test_killed_run_resumes_with_the_same_curve(
    tmp_path: Path, runner: Any, unbroken: Path, stage: str, step: int
) -> None:
    out = tmp_path / "run"
    kill_after(runner, out, stage, step)
    runner.train(out, runner.short, "--resume")
    whole, resumed = rows(unbroken / "metrics.jsonl"), rows(out / "metrics.jsonl")
    assert [(row["stage"], row["step"]) for row in resumed] == [(row["stage"], row["step"]) for row in whole]
    assert [without_clocks(row) for row in resumed] == [without_clocks(row) for row in whole]
    assert rows(out / "completions.jsonl") == rows(unbroken / "completions.jsonl")
    before, after = (json.loads((path / "summary.json").read_text()) for path in (unbroken, out))
    for key in ("before", "after_sft", "after_grpo"):
        assert before[key] == after[key]


def test_finished_run_resumed_does_nothing_again(runner: Any, unbroken: Path) -> None:
    metrics, weights = unbroken / "metrics.jsonl", unbroken / "adapter" / "adapter_model.safetensors"
    before = metrics.read_bytes(), weights.stat().st_mtime_ns
    runner.train(unbroken, runner.short, "--resume")
    assert (metrics.read_bytes(), weights.stat().st_mtime_ns) == before


def test_other_settings_are_refused_on_resume(runner: Any, unbroken: Path) -> None:
    process = runner.start(unbroken, [*runner.short, "grpo.learning_rate=0.5"], "--resume")
    output, _ = process.communicate(timeout=120)
    assert process.returncode == 2
    assert "grpo.learning_rate was 0.002, now 0.5" in " ".join(output.split())
