"""A run that is killed goes on as if nothing had happened: same steps, same numbers, no row twice."""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = [pytest.mark.trainer, pytest.mark.slow]

CLOCKS = ("time", "seconds/", "step_time", "train_runtime")


def rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def without_clocks(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if not name.startswith(CLOCKS)}


def kill_after(runner: Any, out: Path, stage: str, step: int, *more: str) -> None:
    """Kill a run with SIGKILL as soon as metrics.jsonl holds a step of a stage."""
    process = runner.start(out, runner.short, *more)
    metrics = out / "metrics.jsonl"
    while process.poll() is None:
        written = metrics.read_text(encoding="utf-8") if metrics.is_file() else ""
        if f'"stage": "{stage}", "step": {step},' in written:
            os.kill(process.pid, signal.SIGKILL)
            break
    output, _ = process.communicate(timeout=60)
    assert process.returncode == -signal.SIGKILL, f"it ended before it could be killed:\n{output}"


def test_run_that_was_killed_in_each_stage_resumes_with_the_same_curve(
    tmp_path: Path, runner: Any, unbroken: Path
) -> None:
    out = tmp_path / "run"
    kill_after(runner, out, "sft", 8)
    kill_after(runner, out, "grpo", 5, "--resume")
    runner.train(out, runner.short, "--resume")
    whole, resumed = rows(unbroken / "metrics.jsonl"), rows(out / "metrics.jsonl")
    assert [(row["stage"], row["step"]) for row in resumed] == [(row["stage"], row["step"]) for row in whole]
    assert [without_clocks(row) for row in resumed] == [without_clocks(row) for row in whole]
    assert rows(out / "completions.jsonl") == rows(unbroken / "completions.jsonl")
    before, after = (json.loads((path / "summary.json").read_text()) for path in (unbroken, out))
    for key in ("before", "after_sft", "after_grpo"):
        assert before[key] == after[key]


SMALL_FILES = (
    "import os, resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (600_000, 600_000)); "
    "os.execv(sys.argv[1], sys.argv[1:])"
)


def test_checkpoint_that_could_not_be_written_loses_nothing_written_before(
    tmp_path: Path, runner: Any, unbroken: Path
) -> None:
    out = tmp_path / "run"
    process = runner.start(out, wrapper=(sys.executable, "-c", SMALL_FILES))  # the optimizer's state is larger
    output, _ = process.communicate(timeout=240)
    assert process.returncode == 1, output
    before = (out / "completions.jsonl").read_bytes()
    assert json.loads((out / "state.json").read_text()).keys() == {"before"}
    runner.train(out, runner.short, "--resume")
    assert (out / "completions.jsonl").read_bytes() == (unbroken / "completions.jsonl").read_bytes()
    assert (out / "completions.jsonl").read_bytes().startswith(before)


def test_start_that_failed_needs_no_resume_and_its_model_is_built_anew(tmp_path: Path) -> None:
    from plaudit import ConfigError
    from plaudit_trainer.launch import check_folder
    from plaudit_trainer.runs import RunFolder

    (tmp_path / "recipe.yaml").write_text("")
    (tmp_path / "start").mkdir()
    check_folder(tmp_path, resume=False)
    RunFolder(tmp_path).clear_start()
    assert not (tmp_path / "start").exists()
    RunFolder(tmp_path).metrics.write_text("{}\n")
    with pytest.raises(ConfigError, match="already holds a run"):
        check_folder(tmp_path, resume=False)


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


def test_share_of_a_card_may_change_on_resume_as_it_is_no_part_of_the_experiment(tmp_path: Path) -> None:
    from plaudit import ConfigError, recipe
    from plaudit_trainer.pipeline import check_same
    from plaudit_trainer.runs import RunFolder
    from plaudit_trainer.settings import resolve

    begun, _ = resolve(recipe("demo"), ["vllm_memory=0.9"])
    begun.save(tmp_path / "recipe.yaml")
    check_same(RunFolder(tmp_path), resolve(recipe("demo"), ["vllm_memory=0.5"])[0])
    with pytest.raises(ConfigError, match="seed was 0, now 1"):
        check_same(RunFolder(tmp_path), resolve(recipe("demo"), ["vllm_memory=0.5", "seed=1"])[0])
