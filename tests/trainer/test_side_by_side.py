"""Trainings that share a card: one of them is killed, and both come to their end."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

sys.path.append(str(Path(__file__).resolve().parents[2]))  # benchmarks/ is no part of the package
from benchmarks import side_by_side
from benchmarks.trainings_table import changes_by_problem, table

pytestmark = [pytest.mark.trainer, pytest.mark.slow]

SHORT = ["backend=trl", "sft.steps=20", "grpo.steps=4", "grpo.save_every=1", "grpo.prompts_per_step=2"]
QUICK = ["evaluate.problems=8", "evaluate.before=false", "save_merged=false"]
PLAN = {
    "common": [*SHORT, *QUICK],
    "runs": {f"seed-{seed}": {"recipe": "demo", "set": [f"seed={seed}"]} for seed in (0, 1)},
}


def test_run_that_dies_is_resumed_and_all_come_to_their_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    killed: list[str] = []
    step = side_by_side._step

    def kill_one(trainings: list[Any]) -> bool:
        last = trainings[-1]
        if not killed and (last.folder.checkpoints("grpo") / "checkpoint-1" / "trainer_state.json").is_file():
            last.process.kill()
            last.process.wait()
            killed.append(last.name)
        return step(trainings)

    monkeypatch.setattr(side_by_side, "_step", kill_one)
    folders = side_by_side.run(PLAN, tmp_path, minutes=4)
    assert killed == ["seed-1"]
    assert [(folder / "report.html").is_file() for folder in folders] == [True, True]
    steps = [row["step"] for row in side_by_side.read_rows(folders[1] / "metrics.jsonl") if row["stage"] == "grpo"]
    assert steps == [1, 2, 3, 4]
    assert {len(changes_by_problem(folder)) for folder in folders} == {8}
    said = table(folders)
    assert said.count("after GRPO |") == 2
    assert "all 2, by problem" in said
