"""Weights & Biases, TensorBoard and trackio get a curve for each part through the trainer's own logging.

The real packages, offline, in an environment of its own: `make test-trackers`.
"""

from __future__ import annotations

import json
import sqlite3
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

import plaudit

PARTS = ("format-approx", "answer-match")
CURVES = {f"train/rewards/{part}/{what}" for part in PARTS for what in ("mean", "abstained")}

pytestmark = [pytest.mark.trainer, pytest.mark.trackers]


@pytest.fixture(scope="module")
def logged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Train two steps that report to all three, as a user of TRL would; return the folder that they wrote to."""
    for package in ("tensorboard", "wandb", "trackio"):
        if find_spec(package) is None:
            pytest.skip(f"{package} isn't installed (make test-trackers)")
    import trl
    from datasets import Dataset
    from transformers import AutoModelForCausalLM, AutoTokenizer

    from plaudit_trainer import demo
    from plaudit_trainer.config import Tiny
    from plaudit_trainer.tiny import build

    out = tmp_path_factory.mktemp("logged")
    form = plaudit.recipe("demo").format or plaudit.as_format("unsloth")
    rows = demo.rows(form, "0", 16)
    build(Tiny(hidden=32, layers=1), form, demo.texts(form, rows), 128, 0, out / "model")
    places = {"WANDB_MODE": "offline", "WANDB_DIR": out, "WANDB_SILENT": "true", "WANDB_PROJECT": "plaudit"}
    places |= {"TRACKIO_DIR": out / "trackio", "TENSORBOARD_LOGGING_DIR": out / "tensorboard"}
    settings: dict[str, Any] = {"max_steps": 2, "per_device_train_batch_size": 8, "num_generations": 4}
    settings |= {"max_completion_length": 8, "beta": 0.0, "use_cpu": True, "bf16": False, "logging_steps": 1}
    with pytest.MonkeyPatch.context() as patch:
        for name, value in places.items():
            patch.setenv(name, str(value))
        trainer = trl.GRPOTrainer(
            model=AutoModelForCausalLM.from_pretrained(out / "model"),
            processing_class=AutoTokenizer.from_pretrained(out / "model", padding_side="left"),
            reward_funcs=[(plaudit.load(PARTS[0]) + 0.5 * plaudit.load(PARTS[1])).named("judge")],
            train_dataset=Dataset.from_list([{"prompt": row.messages(form), "answer": row.answer} for row in rows]),
            args=trl.GRPOConfig(
                str(out / "trl"),
                report_to=["tensorboard", "wandb", "trackio"],
                project="plaudit",
                save_strategy="no",
                disable_tqdm=True,
                **settings,
            ),
        )
        trainer.train()
        import wandb

        wandb.finish()
    return out


def test_tensorboard_has_the_parts(logged: Path) -> None:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    [file] = logged.rglob("events.out.tfevents.*")
    events = EventAccumulator(str(file))
    events.Reload()
    assert set(events.Tags()["scalars"]) >= CURVES
    assert len(events.Scalars("train/rewards/answer-match/mean")) == 2


def test_weights_and_biases_has_the_parts(logged: Path) -> None:
    [file] = logged.rglob("run-*.wandb")
    written = file.read_bytes()
    assert [curve for curve in CURVES if curve.encode() not in written] == []


def test_trackio_has_the_parts(logged: Path) -> None:
    keys: set[str] = set()
    for file in (logged / "trackio").rglob("*.db"):
        with sqlite3.connect(file) as base:
            keys |= {key for (text,) in base.execute("SELECT metrics FROM metrics") for key in json.loads(text)}
    assert keys >= CURVES
