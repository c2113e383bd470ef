"""What both training stages do alike: settings for TRL's config, the trainer's loop, checkpoints, resuming."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from plaudit_trainer.trainer_settings import batches, build, changed, sort_settings

if TYPE_CHECKING:
    from plaudit_trainer.backends import Backend
    from plaudit_trainer.config import Stage, TrainConfig
    from plaudit_trainer.progress import Reporter
    from plaudit_trainer.runs import RunFolder


def processes() -> int:
    """How many processes train together (torchrun and accelerate launch say so)."""
    return int(os.environ.get("WORLD_SIZE", "1"))


def common(name: str, stage: Stage, seed: int, steps: int, rows: int, most: int | None) -> dict[str, Any]:
    """Settings that SFT and GRPO share, under TRL's names; `most` rows fit into one forward pass."""
    micro, accumulation = batches(name, rows, stage.micro_batch, processes(), most)
    return {
        "max_steps": steps,
        "per_device_train_batch_size": micro,
        "gradient_accumulation_steps": accumulation,
        "learning_rate": stage.learning_rate,
        "lr_scheduler_type": stage.schedule,
        "warmup_steps": stage.warmup_steps if stage.warmup_steps < 1 else int(stage.warmup_steps),
        "weight_decay": stage.weight_decay,
        "max_grad_norm": stage.max_grad_norm,
        "optim": stage.optimizer,
        "save_strategy": "steps",
        "save_steps": stage.save_every,
        "save_total_limit": 2,
        "report_to": "none",
        "disable_tqdm": True,
        "seed": seed,
    }


def trainer_config(
    config_class: Any, settings: Mapping[str, Any], folder: RunFolder, stage: str, reporter: Reporter
) -> Any:
    """Construct TRL's config for a stage, leaving out what this version doesn't know (the preflight has named it).

    What the config makes of a setting against our word is noted.
    """
    known, _ = sort_settings(config_class, {"output_dir": str(folder.checkpoints(stage)), **settings})
    arguments = build(config_class, known)
    for name, value in changed(arguments, known).items():
        reporter.note(f"{stage}: {name}={known[name]!r} was asked for; {config_class.__name__} made it {value!r}.")
    return arguments


def fit(trainer: Any, backend: Backend, folder: RunFolder, stage: str) -> dict[str, Any]:
    """Train from the last checkpoint of the stage, if there is one, to its end; keep the final weights."""
    from transformers import PrinterCallback

    trainer.remove_callback(PrinterCallback)
    checkpoint = folder.last_checkpoint(stage)
    if backend.is_main:
        folder.forget_after(stage, int(checkpoint.name.rpartition("-")[2]) if checkpoint else 0)
    trainer.train(resume_from_checkpoint=str(checkpoint) if checkpoint else None)
    backend.model = trainer.accelerator.unwrap_model(trainer.model)
    if backend.is_main:
        with folder.replacing(folder.final(stage)) as scratch:
            backend.save(scratch)
    return {
        "steps": trainer.state.global_step,
        "resumed_from": int(checkpoint.name.rpartition("-")[2]) if checkpoint else 0,
    }


def steps_of_sft(config: TrainConfig, rows: int) -> int:
    """How many steps the supervised stage takes."""
    if config.sft.steps is not None:
        return config.sft.steps
    return max(1, round(config.sft.epochs * rows / config.sft.batch))
