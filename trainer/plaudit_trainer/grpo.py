"""The reinforcement stage: GRPO with the composed reward."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from plaudit.errors import ConfigError
from plaudit.report.recorder import Recorder, watching
from plaudit_trainer.callbacks import Clock, make_callback
from plaudit_trainer.gradient import Watch
from plaudit_trainer.stages import common, fit, processes, trainer_config

if TYPE_CHECKING:
    from plaudit.recipe import Recipe
    from plaudit.report.records import Accuracy
    from plaudit_trainer.backends import Backend
    from plaudit_trainer.config import TrainConfig
    from plaudit_trainer.progress import Reporter
    from plaudit_trainer.rows import Row
    from plaudit_trainer.runs import RunFolder


def settings(config: TrainConfig, most: int | None = None) -> dict[str, Any]:
    """The settings for TRL's GRPOConfig, where `most` rows fit into one forward pass.

    Raises:
        ConfigError: Batch sizes that don't divide; the message says the numbers.
    """
    grpo = config.grpo
    rows = grpo.prompts_per_step * grpo.generations
    wanted = {
        **common("grpo", grpo, config.seed, grpo.steps, rows, most),
        "logging_steps": 1,
        "num_generations": grpo.generations,
        "max_completion_length": grpo.max_completion_length,
        "temperature": grpo.temperature,
        "top_p": grpo.top_p,
        "top_k": grpo.top_k,
        "min_p": grpo.min_p,
        "loss_type": grpo.loss,
        "epsilon": grpo.epsilon,
        "epsilon_high": grpo.epsilon_high or grpo.epsilon,
        "mask_truncated_completions": grpo.mask_truncated,
        "scale_rewards": grpo.scale_rewards,
        "beta": grpo.beta,
        "num_iterations": grpo.iterations,
        "multi_objective_aggregation": grpo.aggregation,
        "vllm_importance_sampling_correction": True,  # TRL's default; Unsloth's is False
        **grpo.extra,
    }
    if config.data.drop_solved and config.data.drop_solved.order == "easy_first":
        wanted["shuffle_dataset"] = False
    if grpo.max_minutes and processes() > 1:
        raise ConfigError(
            f"grpo.max_minutes={grpo.max_minutes:g} with {processes()} processes: each has its own clock, and one that "
            "stopped would leave the others waiting for it. Set grpo.steps instead."
        )
    batch = wanted.get("generation_batch_size") or rows
    if batch % grpo.generations:
        fitting = batch - batch % grpo.generations or grpo.generations
        raise ConfigError(
            f"grpo.generations={grpo.generations} does not divide the batch of {batch} completions "
            f"(generation_batch_size): every prompt needs its whole group. {fitting} would do."
        )
    return wanted


def dataset_rows(rows: Sequence[Row], recipe: Recipe) -> list[dict[str, Any]]:
    """The rows for GRPOTrainer: the prompt as messages, and the columns that the rewards read."""
    form = recipe.format
    if form is None:
        raise AssertionError("the preflight refuses recipes without a format")
    reads = {*recipe.spec.reads, "answer"}
    return [
        {name: value for name, value in row.reward_columns().items() if name in reads} | {"prompt": row.messages(form)}
        for row in rows
    ]


def rewards(config: TrainConfig, recipe: Recipe) -> dict[str, Any]:
    """The reward functions for the trainer: one composed, or, to normalise each by itself, its parts with weights."""
    if config.grpo.aggregation == "sum_then_normalize":
        return {"functions": [recipe]}
    functions, weights = recipe.split()
    return {"functions": functions, "weights": weights}


def train(
    config: TrainConfig,
    recipe: Recipe,
    rows: Sequence[Row],
    accuracy: Accuracy,
    backend: Backend,
    folder: RunFolder,
    reporter: Reporter,
) -> dict[str, Any]:
    """Run the stage; it goes on from its last checkpoint."""
    classes = backend.trainers()
    from datasets import Dataset

    judged = rewards(config, recipe)
    wanted = settings(config, backend.rows_per_pass) | backend.grpo_settings()
    if "weights" in judged:
        wanted["reward_weights"] = judged["weights"]
    weights = {function.__name__: weight for function, weight in zip(*recipe.split(), strict=True)}
    recorder = Recorder(accuracy, weights=weights if "weights" in judged else None, keep=config.grpo.keep_completions)
    arguments = trainer_config(classes.grpo_config, wanted, folder, "grpo", reporter)
    clock, watch = Clock(), Watch("grpo", reporter.warn)
    with (
        reporter.stage("GRPO", arguments.max_steps) as bar,
        watching(recorder),
        reporter.waiting(backend.why_slow("grpo")) as stepped,
    ):
        trainer = classes.grpo(
            model=backend.model,
            processing_class=backend.tokenizer,
            reward_funcs=judged["functions"],
            train_dataset=Dataset.from_list(dataset_rows(rows, recipe)),
            args=arguments,
            callbacks=[make_callback("grpo", folder, bar, clock, watch, recorder, stepped, config.grpo.max_minutes)],
        )
        trainer._generate = clock.timed(trainer._generate)
        return fit(trainer, backend, folder, "grpo")
