"""Trainings that share a card: each is killed once, and both come to their end."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

sys.path.append(str(Path(__file__).resolve().parents[2]))  # benchmarks/ is no part of the package
from benchmarks import side_by_side
from benchmarks.trainings_table import table

from plaudit_trainer.runs import read_rows

pytestmark = [pytest.mark.trainer, pytest.mark.slow]

SHORT = ["backend=trl", "sft.steps=20", "sft.save_every=5", "grpo.steps=4", "grpo.save_every=1"]
QUICK = ["grpo.prompts_per_step=2", "evaluate.problems=8", "evaluate.before=false", "save_merged=false"]
PLAN = {
    "common": [*SHORT, *QUICK],
    "runs": {f"seed-{seed}": {"recipe": "demo", "set": [f"seed={seed}"]} for seed in (0, 1)},
}


def test_runs_that_die_in_either_stage_go_on_and_all_come_to_their_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    moments = {"seed-0": "checkpoints/sft/checkpoint-*", "seed-1": "checkpoints/grpo/checkpoint-*"}
    step = side_by_side._step

    def kill_each(trainings: list[Any]) -> bool:
        for training in trainings:
            found = training.folder.glob(moments.get(training.name, "nothing"))
            if any((path / "trainer_state.json").is_file() for path in found):
                training.end()
                del moments[training.name]
        return step(trainings)

    monkeypatch.setattr(side_by_side, "_step", kill_each)
    trainings = side_by_side.run(PLAN, tmp_path, minutes=4)
    assert not moments
    assert [training.tries for training in trainings] == [2, 2]
    folders = [training.folder for training in trainings]
    assert [(folder / "report.html").is_file() for folder in folders] == [True, True]
    for folder in folders:
        assert [row["step"] for row in read_rows(folder / "metrics.jsonl") if row["stage"] == "grpo"] == [1, 2, 3, 4]
    said = table(folders)
    assert said.count("after GRPO |") == 2
    assert "all 2, averaged by problem (0 problems left out)" in said


def test_plan_that_can_not_be_trained_is_named_and_is_no_success(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = tmp_path / "plan.yaml"
    plan.write_text("runs: {wrong: {recipe: demo, set: [grpo.stepss=1]}}\n")
    monkeypatch.setattr(side_by_side, "TRIES", 1)
    monkeypatch.setattr(sys, "argv", ["side_by_side", str(plan), "--out", str(tmp_path / "out"), "--minutes", "2"])
    with pytest.raises(SystemExit, match="wrong: nothing learnt yet, not running"):
        side_by_side.main()
    assert "grpo.stepss" in (tmp_path / "out" / "wrong.log").read_text()


@pytest.mark.parametrize("names", [["nowhere"], ["a/same", "b/same"]])
def test_table_without_a_run_that_was_named_is_refused(tmp_path: Path, names: list[str]) -> None:
    with pytest.raises(SystemExit, match=r"no summary\.json|can't be told apart"):
        table([tmp_path / name for name in names])
