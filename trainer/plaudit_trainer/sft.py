"""The supervised stage: imitate examples rendered by the format, so that the model writes in its shape."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from plaudit_trainer.callbacks import Clock, make_callback
from plaudit_trainer.gradient import Watch
from plaudit_trainer.stages import common, fit, steps_of_sft, trainer_config

if TYPE_CHECKING:
    from plaudit_trainer.backends import Backend
    from plaudit_trainer.config import TrainConfig
    from plaudit_trainer.progress import Reporter
    from plaudit_trainer.runs import RunFolder


def settings(config: TrainConfig, rows: int, most: int | None = None) -> dict[str, Any]:
    """The settings for TRL's SFTConfig, where `most` rows fit into one forward pass."""
    steps = steps_of_sft(config, rows)
    return {
        **common("sft", config.sft, config.seed, steps, config.sft.batch, most),
        "logging_steps": max(1, steps // 50),
        "max_length": config.model.max_length,
        "packing": False,
        **config.sft.extra,
    }


def train(
    config: TrainConfig,
    examples: Sequence[dict[str, list[int]]],
    backend: Backend,
    folder: RunFolder,
    reporter: Reporter,
) -> dict[str, Any]:
    """Run the stage; it goes on from its last checkpoint."""
    classes = backend.trainers()
    from datasets import Dataset

    wanted = settings(config, len(examples), backend.rows_per_pass) | backend.sft_settings()
    arguments = trainer_config(classes.sft_config, wanted, folder, "sft", reporter)
    with (
        reporter.stage("supervised stage", arguments.max_steps) as bar,
        reporter.waiting(backend.why_slow("sft")) as stepped,
    ):
        trainer = classes.sft(
            model=backend.model,
            processing_class=backend.tokenizer,
            train_dataset=Dataset.from_list(list(examples)),
            args=arguments,
            callbacks=[make_callback("sft", folder, bar, Clock(), Watch("sft", reporter.warn), stepped=stepped)],
        )
        return fit(trainer, backend, folder, "sft")
