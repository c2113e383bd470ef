"""From a model's name to its measurement: what `plaudit evaluate` calls, and a script can call too."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from plaudit.errors import ConfigError
from plaudit.recipe import Recipe
from plaudit.recipe import recipe as load_recipe
from plaudit.report.records import accuracy_of
from plaudit_trainer import generators, template
from plaudit_trainer.config import TrainConfig
from plaudit_trainer.data import drop_long, evaluation_rows
from plaudit_trainer.evaluate import Evaluation
from plaudit_trainer.explain import explaining
from plaudit_trainer.launch import prepare_environment, quiet_libraries
from plaudit_trainer.preflight import check_columns
from plaudit_trainer.progress import Reporter
from plaudit_trainer.settings import resolve

NO_DATA = "Recipe {!r} has no `train` section, so it names no problems: give --data FILE."


@dataclass(frozen=True)
class Request:
    """What to measure, and how.

    Attributes:
        model: A folder (weights, adapter, or run) or a Hub name.
        recipe: A recipe's name or file; empty for the one that a run folder holds.
        data: A source of problems instead of the recipe's own.
        samples: Sampled completions of each problem; None for the recipe's number.
        greedy: Whether to complete each problem greedily too.
        limit: At most this many problems; None for the recipe's number.
        assignments: Other settings as `key=value`.
        out: Where every completion goes, as JSON Lines.
    """

    model: str
    recipe: str = ""
    data: str | None = None
    samples: int | None = None
    greedy: bool = True
    limit: int | None = None
    assignments: Sequence[str] = ()
    out: Path | None = None


@dataclass(frozen=True)
class Measured:
    """An evaluation, and what was left out on the way."""

    facts: dict[str, Any]
    notes: list[str] = field(default_factory=list)


def evaluate(request: Request, reporter: Reporter) -> Measured:
    """Measure a model on problems, with the same prompts, rewards and statistics as a training run.

    Raises:
        ConfigError: A model, recipe or setting that can't be.
        DataError: Problems that can't be read.
    """
    prepare_environment()
    where = generators.find_model(request.model)
    recipe, config = settings(request, where)
    form = recipe.format
    if form is None:
        raise ConfigError(f"Recipe {recipe.name!r} has no `format`, which prompts need: add format: unsloth, say.")
    accuracy, notes = accuracy_of(recipe, config.evaluate.accuracy_part), list[str]()
    rows = evaluation_rows(config, form, notes)
    check_columns(recipe, "evaluate", rows)
    quiet_libraries()
    reporter.say(f"loading the model {where} …")
    with explaining(), generators.opened(where, config, notes) as generator, _writer(request.out) as write:
        tokenizer = generator.tokenizer
        tokenizer.chat_template = template.template_for(form, tokenizer.chat_template, config.model.template)
        room = config.model.max_length - config.grpo.max_completion_length
        kept, dropped, longest = drop_long(
            rows, lambda row: len(template.prompt_tokens(tokenizer, row, form)), None, room
        )
        if dropped:
            notes.append(f"{dropped} of {len(rows)} prompts are longer than {longest} tokens: left out.")
        if not kept:
            raise ConfigError(f"Every prompt is longer than {longest} tokens: raise model.max_length.")
        evaluation = Evaluation(recipe, config, kept, accuracy)
        with reporter.stage("evaluation", evaluation.total) as bar:
            facts = evaluation.run({"stage": "evaluate"}, generator, write, bar)
    right = {"part": accuracy.part or recipe.name, "at_least": accuracy.accept_at}
    drawn = {
        "sampled_temperature": config.evaluate.temperature if config.evaluate.samples else None,
        "max_completion_length": config.grpo.max_completion_length,
    }
    named = {"model": request.model, "recipe": recipe.name, "generator": generator.name, "right": right}
    return Measured(named | drawn | facts, notes)


def settings(request: Request, where: str) -> tuple[Recipe, TrainConfig]:
    """Resolve the recipe and the settings of a measurement.

    Raises:
        ConfigError: No recipe, no problems, or a setting that can't be.
    """
    own = Path(request.model) / "recipe.yaml"
    if not request.recipe and not own.is_file():
        raise ConfigError(f"{request.model} is no run folder, so it holds no recipe: give --recipe NAME.")
    found = Recipe.load(own) if not request.recipe else load_recipe(request.recipe)
    if not found.train and request.data is None:
        raise ConfigError(NO_DATA.format(found.name))
    wanted = [f"model.path={json.dumps(where)}", f"evaluate.greedy={str(request.greedy).lower()}"]
    if found.train:
        wanted.append("model.tiny=null")
    if request.data is not None:
        source = json.dumps({"source": request.data})
        wanted += [f"data.evaluate={source}"] if found.train else [f"data.grpo={source}", f"data.evaluate={source}"]
    if request.samples is not None:
        wanted.append(f"evaluate.samples={request.samples}")
    if request.limit is not None:
        wanted.append(f"evaluate.problems={request.limit}")
    return resolve(found, [*wanted, *request.assignments])


def _discard(rows: list[dict[str, Any]]) -> None:
    """Nobody asked for the completions."""


@contextmanager
def _writer(out: Path | None) -> Iterator[Callable[[list[dict[str, Any]]], None]]:
    """Write rows beside the file as they come, and put it in its place when all are there."""
    if out is None:
        yield _discard
        return
    scratch = out.with_name(out.name + ".part")
    out.parent.mkdir(parents=True, exist_ok=True)
    with scratch.open("w", encoding="utf-8") as file:

        def write(rows: list[dict[str, Any]]) -> None:
            file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)

        yield write
        file.flush()
        os.fsync(file.fileno())
    scratch.replace(out)
