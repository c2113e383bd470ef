"""`record`: TRL's own trainers write a run folder that every view of ours can read."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
from collections.abc import Callable
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

import plaudit
from plaudit.errors import ConfigError
from plaudit.look import diagnose, read_table
from plaudit.report.run import read_run
from plaudit_trainer import demo
from plaudit_trainer.config import Tiny
from plaudit_trainer.record import record
from plaudit_trainer.tiny import build

pytestmark = pytest.mark.trainer

FORM = plaudit.recipe("demo").format or plaudit.as_format("unsloth")
ROWS = demo.rows(FORM, "0", 32)


def brief(completions: list[Any], **columns: Any) -> list[float]:
    """A plain function, as TRL users write them."""
    return [1.0 / (1 + len(completion[0]["content"])) for completion in completions]


async def slow(completions: list[Any], **columns: Any) -> list[float]:
    return [0.5 for _ in completions]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("tiny")
    build(Tiny(hidden=32, layers=1), FORM, demo.texts(FORM, ROWS), 128, 0, place)
    return place


@pytest.fixture
def trainer(model: Path, tmp_path: Path) -> Callable[..., Any]:
    """Make a trainer of TRL that takes three steps."""

    def make(functions: list[Any], kind: str = "GRPO", evaluated: int = 0, **settings: Any) -> Any:
        import trl
        from datasets import Dataset
        from transformers import AutoModelForCausalLM, AutoTokenizer

        data = Dataset.from_list([{"prompt": row.messages(FORM), "answer": row.answer} for row in ROWS])
        usual = {
            "max_steps": 3,
            "per_device_train_batch_size": 16,
            "num_generations": 4,
            "max_completion_length": 8,
            "beta": 0.0,
            "use_cpu": True,
            "bf16": False,
            "logging_steps": 1,
            "save_strategy": "no",
            "report_to": "none",
            "disable_tqdm": True,
        }
        return getattr(trl, f"{kind}Trainer")(
            model=AutoModelForCausalLM.from_pretrained(model),
            processing_class=AutoTokenizer.from_pretrained(model, padding_side="left"),
            reward_funcs=functions,
            train_dataset=data,
            eval_dataset=data.select(range(evaluated)) if evaluated else None,
            args=getattr(trl, f"{kind}Config")(output_dir=str(tmp_path / "trl"), **(usual | settings)),
        )

    return make


def rows_of(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


@pytest.mark.parametrize("kind", ["GRPO", "RLOO"])
def test_the_rows_are_what_the_trainer_was_paid(kind: str, trainer: Callable[..., Any], tmp_path: Path) -> None:
    judge = (plaudit.load("format-approx") + 0.5 * plaudit.load("answer-match")).named("judge")
    made = trainer([judge], kind)
    record(made, tmp_path / "run")
    made.train()
    metrics, rows = rows_of(tmp_path / "run" / "metrics.jsonl"), rows_of(tmp_path / "run" / "completions.jsonl")
    assert len(rows) == 48
    for step in (1, 2, 3):
        logged = next(row for row in metrics if row["step"] == step and "reward" in row)
        values = [row["value"] for row in rows if row["step"] == step]
        assert math.fsum(values) / len(values) == pytest.approx(logged["reward"], abs=1e-4)
        assert {"seconds/generation", "seconds/rewards", "seconds/update"} <= set(logged)
    assert {part["name"] for part in rows[0]["parts"]} == {"format-approx", "answer-match"}
    assert diagnose(read_table([str(tmp_path / "run")])).groups == 12


def test_several_functions_are_one_total_with_the_trainers_weights(trainer: Callable[..., Any], tmp_path: Path) -> None:
    made = trainer([plaudit.load("answer-match"), brief, slow], reward_weights=[2.0, 3.0, 1.0])
    with pytest.warns(RuntimeWarning, match="slow"):
        record(made, tmp_path / "run")
    made.train()
    row = rows_of(tmp_path / "run" / "completions.jsonl")[0]
    assert [(part["name"], part["weight"]) for part in row["parts"]] == [("answer-match", 2.0), ("brief", 3.0)]
    assert row["value"] == pytest.approx(sum(part["weight"] * part["value"] for part in row["parts"]))
    assert row["correct"] is False


def test_the_folder_is_a_run_with_its_recipe_and_it_says_when_it_ended(
    trainer: Callable[..., Any], tmp_path: Path
) -> None:
    made = trainer([plaudit.load("answer-match"), plaudit.load("format-exact")], reward_weights=[2.0, 1.0])
    record(made, tmp_path / "run", keep=5)
    made.train()
    run = read_run(tmp_path / "run")
    assert run.finished
    assert len(run.completions) == 15
    assert run.summary["completions_left_out"] == 33
    assert plaudit.Recipe.load(tmp_path / "run" / "recipe.yaml").split().weights == [2.0, 1.0]
    again = trainer([plaudit.load("answer-match")])
    record(again, tmp_path / "run")
    with pytest.raises(ConfigError, match="another run's records"):
        again.train()


def test_steps_that_learn_nothing_are_told_counted_and_in_the_summary(
    trainer: Callable[..., Any], tmp_path: Path
) -> None:
    made = trainer([brief], max_completion_length=4, mask_truncated_completions=True)
    record(made, tmp_path / "run")
    with pytest.warns(RuntimeWarning, match="the gradient was zero although rewards differed") as told:
        made.train()
    assert sum("the gradient was zero" in str(one.message) for one in told) == 1
    idle = sum("gradient/zero" in row for row in rows_of(tmp_path / "run" / "metrics.jsonl"))
    assert idle
    (said,) = json.loads((tmp_path / "run" / "summary.json").read_text("utf-8"))["warnings"]
    assert said.startswith(f"grpo: in {idle} of ")


def test_completions_of_an_evaluation_are_not_taken_for_training(trainer: Callable[..., Any], tmp_path: Path) -> None:
    settings = {"eval_strategy": "steps", "eval_steps": 2, "num_generations_eval": 2, "per_device_eval_batch_size": 8}
    made = trainer([plaudit.load("answer-match")], evaluated=4, **settings)
    record(made, tmp_path / "run")
    made.train()
    stages = [row["stage"] for row in rows_of(tmp_path / "run" / "completions.jsonl")]
    assert stages.count("grpo") == 48
    assert stages.count("evaluation") == len(stages) - 48 > 0


def test_what_has_no_reward_functions_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="GRPOTrainer or an RLOOTrainer"):
        record(object(), tmp_path)


SCRIPT = """
import sys
import plaudit, trl
from datasets import Dataset
from transformers import AutoModelForCausalLM, AutoTokenizer
from plaudit_trainer import demo
from plaudit_trainer.record import record

model, out = sys.argv[1:]
form = plaudit.as_format("unsloth")
rows = [{"prompt": row.messages(form), "answer": row.answer} for row in demo.rows(form, "0", 32)]
settings = dict(max_steps=2, per_device_train_batch_size=8, num_generations=4, max_completion_length=8, logging_steps=1)
quiet = dict(use_cpu=True, bf16=False, save_strategy="no", report_to="none", disable_tqdm=True, beta=0.0)
trainer = trl.GRPOTrainer(
    model=AutoModelForCausalLM.from_pretrained(model),
    processing_class=AutoTokenizer.from_pretrained(model, padding_side="left"),
    reward_funcs=[plaudit.recipe("unsloth")],
    train_dataset=Dataset.from_list(rows),
    args=trl.GRPOConfig(out + "/trl", **settings, **quiet),
)
record(trainer, out + "/run")
trainer.train()
"""


@pytest.mark.skipif(
    version("trl").startswith("1.15.") and find_spec("triton") is None,
    reason="TRL 1.15's GRPOTrainer computes its loss in Triton, which isn't here, and this is TRL's own script",
)
def test_each_of_two_processes_writes_its_own_completions_and_together_they_are_the_reward(
    model: Path, tmp_path: Path
) -> None:
    (tmp_path / "script.py").write_text(SCRIPT)
    launch = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    command = [sys.executable, *launch, str(tmp_path / "script.py"), str(model), str(tmp_path)]
    sources = [str(Path(__file__).parents[2] / name) for name in ("rewards", "trainer")]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sources), "PLAUDIT_PLUGINS": ""}
    done = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=280, check=False
    )
    assert done.returncode == 0, done.stderr
    run = tmp_path / "run"
    files = [rows_of(run / name) for name in ("completions.jsonl", "completions.rank1.jsonl")]
    assert [len(rows) for rows in files] == [16, 16]
    for logged in (row for row in rows_of(run / "metrics.jsonl") if "reward" in row):
        values = [row["value"] for rows in files for row in rows if row["step"] == logged["step"]]
        assert math.fsum(values) / len(values) == pytest.approx(logged["reward"], abs=1e-4)
    assert len(read_run(run).completions) == diagnose(read_table([str(run)])).rows == 32
