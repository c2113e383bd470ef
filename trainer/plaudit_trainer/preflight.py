"""Everything that can be checked before a model is loaded, and what a dry run shows."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from plaudit.engines import inline
from plaudit.errors import ConfigError, DataError, nearest
from plaudit.protocol import Sample
from plaudit.report.records import Accuracy, accuracy_of
from plaudit_trainer import backends, grpo, sft, sources
from plaudit_trainer.data import Problems, load_problems
from plaudit_trainer.rows import Row
from plaudit_trainer.stages import processes
from plaudit_trainer.trainer_settings import check_extra, sort_settings

if TYPE_CHECKING:
    from plaudit.formats import Format
    from plaudit.protocol import Score
    from plaudit.recipe import Recipe
    from plaudit_trainer.config import TrainConfig

HUB_NAME = re.compile(r"[\w.-]+/[\w.-]+")
SAMPLE_ROWS = 3
STAND_INS = [Row("What is 2 + 2?", "4", "2 + 2 = 4"), Row("What is 30 / 4?", "7.5", "30 / 4 = 7.5")]


@dataclass
class Plan:
    """A run that has passed every check.

    Attributes:
        recipe: The resolved recipe.
        config: Its settings.
        problems: The rows; None where a dry run would have to download them.
        accuracy: What counts as right.
        scored: A sample batch, with the reward's scores.
        warnings: What a person should know.
    """

    recipe: Recipe
    config: TrainConfig
    problems: Problems | None
    accuracy: Accuracy
    scored: list[tuple[str, Sample, Score]]
    warnings: list[str] = field(default_factory=list)


def check_run(recipe: Recipe, config: TrainConfig, *, dry: bool = False) -> Plan:
    """Check a run whole: model, data, columns, batch sizes, TRL's settings, and the reward on a sample batch.

    Args:
        recipe: The resolved recipe.
        config: Its settings.
        dry: Touch no network: say what would be loaded instead.

    Raises:
        ConfigError: A setting, model or part that can't be.
        DataError: A source without a needed column, or unreadable.
        RewardError: The reward fails on the sample batch.
    """
    if recipe.format is None:
        raise ConfigError(f"Recipe {recipe.name!r} has no `format`, which training needs: add format: unsloth, say.")
    accuracy = accuracy_of(recipe, config.evaluate.accuracy_part)
    warnings = [*_check_model(config, dry=dry)]
    backends.choose(config)
    _check_groups(recipe, config)
    check_extra("sft", config.sft.extra)
    check_extra("grpo", config.grpo.extra)
    warnings += unknown_settings(config)
    remote = [source for source in (config.data.sft, config.data.grpo, config.data.evaluate) if source]
    remote = [source for source in remote if sources.is_remote(source)]
    problems = None
    if dry and remote:
        warnings += [f"would load {sources.describe(source)}; not loaded in a dry run." for source in remote]
    else:
        problems = load_problems(config, recipe.format)
        warnings += problems.notes
        check_columns(recipe, "grpo", problems.grpo)
        check_columns(recipe, "evaluate", problems.evaluate)
    rows = problems.grpo[:SAMPLE_ROWS] if problems else STAND_INS
    scored = score_sample(recipe, rows)
    warnings += [
        f"row {row.question[:60]!r}: a perfect answer ({row.answer[:40]!r}) does not count as right for "
        f"{accuracy.part or recipe.name}: {score.reason[:200]}"
        for row, (_, _, score) in zip(rows, scored, strict=False)
        if not accuracy.correct(score)
    ]
    return Plan(recipe, config, problems, accuracy, scored, warnings)


def unknown_settings(config: TrainConfig) -> list[str]:
    """Name the settings that the installed TRL doesn't know; they would have no effect.

    Raises:
        ConfigError: TRL is not installed, or batch sizes don't divide.
    """
    wanted = {"SFTConfig": sft.settings(config, rows=1000), "GRPOConfig": grpo.settings(config)}
    try:
        import trl
    except ImportError as error:
        raise ConfigError(f"The trainer needs TRL ({error}): pip install 'plaudit[trainer]'") from error
    found = []
    for name, settings in wanted.items():
        unknown = sort_settings(getattr(trl, name), settings)[1]
        found += [f"TRL {trl.__version__} has no {name}.{setting}: it has no effect." for setting in unknown]
    return found


def score_sample(recipe: Recipe, rows: list[Row]) -> list[tuple[str, Sample, Score]]:
    """Score a perfect completion for each row, then a wrong and a shapeless one.

    Raises:
        DataError: A column that a reward reads is missing.
        RewardError: The reward fails.
    """
    form = recipe.format
    if form is None:
        return []
    texts = [("perfect", form.render(row.answer, row.reasoning), row) for row in rows]
    texts += [
        ("wrong", form.render(f"{rows[0].answer}1", rows[0].reasoning), rows[0]),
        ("shapeless", "I don't know.", rows[0]),
    ]
    samples = [Sample(text, row.messages(form), row.reward_columns(), row.question) for _, text, row in texts]
    scores = inline.score(recipe, samples, strict=True)
    return [(kind, sample, score) for (kind, _, _), sample, score in zip(texts, samples, scores, strict=True)]


def _check_model(config: TrainConfig, *, dry: bool) -> list[str]:
    path = config.model.path
    if path is None:
        return []
    folder = Path(path)
    if folder.is_dir():
        if not (folder / "config.json").is_file():
            raise ConfigError(f"model.path={path} is a folder without config.json: it holds no model.")
        return []
    if not HUB_NAME.fullmatch(path) or folder.parent.is_dir():
        help_ = sources.nearest_beside(folder)
        raise ConfigError(f"model.path={path} does not exist, and it is no Hub name (owner/name). {help_}".rstrip())
    return [f"would load the model {path} from the Hub; not loaded in a dry run."] if dry else []


def _check_groups(recipe: Recipe, config: TrainConfig) -> None:
    """A trainer hands each process its slice of the batch: a reward that compares a group must find it whole there."""
    share = config.grpo.prompts_per_step * config.grpo.generations / processes()
    if recipe.spec.coupled and share % config.grpo.generations:
        raise ConfigError(
            f"The reward compares the completions of a group, and {processes()} processes would split groups of "
            f"{config.grpo.generations}: make grpo.prompts_per_step a multiple of {processes()}."
        )


def check_columns(recipe: Recipe, stage: str, rows: list[Row]) -> None:
    """Check that the rows of a stage have what the reward reads.

    Raises:
        DataError: A column is missing, with the nearest that is there.
    """
    for row in rows[:1]:
        there = row.reward_columns()
        missing = [name for name in recipe.spec.reads if name not in there]
        if missing:
            raise DataError(
                f"data.{stage}: the reward reads the column {missing[0]!r}, which the data lacks. "
                f"{nearest(missing[0], map(str, there))}"
            )


def sample_table(plan: Plan) -> list[dict[str, Any]]:
    """The scored sample batch as plain data."""
    return [
        {"kind": kind, "completion": sample.text, "value": score.value, "reason": score.reason}
        for kind, sample, score in plan.scored
    ]


def prompt_of(row: Row, form: Format) -> str:
    """A prompt as a person reads it."""
    return "\n".join(f"[{turn['role']}] {turn['content']}" for turn in row.messages(form))
