"""The road: load + LoRA, measure, imitate, measure, GRPO, measure, save, report. Every stage that ended stays ended."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

from plaudit.errors import ConfigError, DataError
from plaudit.recipe import Recipe
from plaudit_trainer import backends, difficulty, grpo, sft, template
from plaudit_trainer.data import Problems, drop_long
from plaudit_trainer.demo import texts
from plaudit_trainer.evaluate import Evaluation
from plaudit_trainer.gradient import faults
from plaudit_trainer.measures import comparisons, step_seconds
from plaudit_trainer.runs import RunFolder, append_rows, read_rows
from plaudit_trainer.stages import processes, steps_of_sft
from plaudit_trainer.tiny import one_thread
from plaudit_trainer.versions import card, versions

if TYPE_CHECKING:
    from plaudit.formats import Format
    from plaudit_trainer.preflight import Plan
    from plaudit_trainer.progress import Reporter
    from plaudit_trainer.rows import Row

DIFFICULTY_SEED = 777_000
"""Far from the evaluation's seed, so that no problem is drawn with the same noise in both."""
OF_THE_MACHINE = ("vllm_memory ",)
"""What may change when a run goes on: how much of a card vLLM takes is no part of the experiment."""


class Run:
    """One training run in its folder.

    Args:
        plan: What the preflight has passed.
        path: The run folder.
        reporter: Tells a person how it goes.
    """

    def __init__(self, plan: Plan, path: Path, reporter: Reporter) -> None:
        if plan.problems is None or plan.recipe.format is None:
            raise AssertionError("a run needs a plan with problems and a format: preflight.check_run(dry=False)")
        self.plan, self.reporter, self.folder = plan, reporter, RunFolder(path)
        self.problems: Problems = plan.problems
        self.format: Format = plan.recipe.format
        self.backend = backends.make(plan.config)
        self.evaluation = Evaluation(plan.recipe, plan.config, self.problems.evaluate, plan.accuracy)

    def execute(self, command: str) -> dict[str, Any]:
        """Do what is left to do, and return the summary."""
        self._begin(command)
        tiny_on_cpu = self.plan.config.model.tiny is not None and self.backend.device == "cpu"
        with one_thread() if tiny_on_cpu else nullcontext():
            self._stages()
        for said in faults(read_rows(self.folder.metrics)):
            self.reporter.warn(said)
        return self.summary()

    def _stages(self) -> None:
        config = self.plan.config
        self._stage("before", self._evaluate("before"), skip=not config.evaluate.before)
        self._stage("sft", self._sft, skip=not self.problems.sft or config.sft.steps == 0)
        self._stage("after_sft", self._evaluate("after_sft"))
        self._stage("difficulty", self._difficulty, skip=config.data.drop_solved is None or config.grpo.steps == 0)
        self._stage("grpo", self._grpo, skip=config.grpo.steps == 0)
        self._stage("after_grpo", self._evaluate("after_grpo"), skip=config.grpo.steps == 0)
        self._stage("save", self._save)

    def summary(self) -> dict[str, Any]:
        """Write and return `summary.json`."""
        state = self.folder.state
        summary: dict[str, Any] = {
            "recipe": self.plan.recipe.name,
            "seed": self.plan.config.seed,
            "backend": self.backend.name,
            "seconds": {stage: facts["seconds"] for stage, facts in state.items() if "seconds" in facts},
        }
        summary |= {stage: state[stage]["result"] for stage in state if "result" in state[stage]}
        summary["comparisons"] = comparisons(self.folder.completions)
        metrics = read_rows(self.folder.metrics)
        summary["step_seconds"] = step_seconds(metrics)
        notes = [note for facts in state.values() for note in facts.get("notes", ())]
        summary["warnings"] = list(dict.fromkeys([*self.plan.warnings, *notes, *faults(metrics)]))
        if self.backend.is_main:
            self.folder.write_json("summary.json", summary)
        return summary

    def _begin(self, command: str) -> None:
        self.folder.path.mkdir(parents=True, exist_ok=True)
        if not self.backend.is_main:
            return
        self.plan.recipe.save(self.folder.path / "recipe.yaml")
        self.folder.write_json(
            "versions.json",
            {
                "seed": self.plan.config.seed,
                "versions": versions(),
                "backend": self.backend.name,
                "device": self.backend.device,
                "card": card(),
                "vllm": self.backend.use_vllm,
                "command": command,
                "warnings": self.plan.warnings,
            },
        )

    def _stage(self, name: str, work: Callable[[], dict[str, Any]], *, skip: bool = False) -> None:
        if skip or self.folder.done(name):
            return
        self._ensure_loaded()
        start = time.perf_counter()
        facts = work()
        seconds = round(time.perf_counter() - start, 3)
        facts = facts | {"seconds": seconds, "notes": self.reporter.take_notes()}
        self.folder.finish(name, facts, write=self.backend.is_main)
        wait_for_all()
        self.summary()

    def _ensure_loaded(self) -> None:
        if self.backend.model is not None:
            return
        trained = [stage for stage in ("sft", "grpo") if self.folder.done(stage)]
        self.reporter.say(f"loading the model ({self.backend.name} on {self.backend.device}) …")
        with self.reporter.waiting(self.backend.why_slow("load")):
            self.backend.load(self._start(), self.folder, trained[-1] if trained else None)
        tokenizer = self.backend.tokenizer
        tokenizer.chat_template = template.template_for(
            self.format, tokenizer.chat_template, self.plan.config.model.template
        )
        self.evaluation.rows = self._fitting("evaluation", self.problems.evaluate)

    def _start(self) -> str:
        model = self.plan.config.model
        if model.tiny is None:
            return str(model.path)
        from plaudit_trainer.tiny import build

        start = self.folder.start
        if self.backend.is_main and not start.is_dir():
            with self.folder.replacing(start) as scratch:
                corpus = texts(self.format, [*self.problems.sft, *self.problems.grpo])
                build(model.tiny, self.format, corpus, model.max_length, self.plan.config.seed, scratch)
        wait_for_all()
        return str(start)

    def _evaluate(self, stage: str) -> Callable[[], dict[str, Any]]:
        def work() -> dict[str, Any]:
            if self.backend.is_main:
                self.folder.forget_after(stage, -1)
            with self.reporter.stage(f"evaluation {stage.replace('_', ' ')}", self.evaluation.total) as bar:
                return {"result": self.evaluation.run({"stage": stage}, self.backend, self._keep, bar)}

        return work

    def _keep(self, rows: list[dict[str, Any]]) -> None:
        if self.backend.is_main:
            append_rows(self.folder.completions, rows)

    def _sft(self) -> dict[str, Any]:
        rows = self._fitting("sft", self.problems.sft)
        limit = self.plan.config.sft.max_length or self.plan.config.model.max_length
        examples = template.examples(self.backend.tokenizer, rows, self.format, limit)
        if len(examples) < len(rows):
            self.reporter.note(
                f"sft: {len(rows) - len(examples)} of {len(rows)} examples exceed {limit} tokens: left out."
            )
        if not examples:
            raise DataError(f"No supervised example fits into {limit} tokens: raise model.max_length.")
        steps = steps_of_sft(self.plan.config, len(examples))
        self.reporter.say(f"supervised stage: {len(examples)} examples, {steps} steps")
        return sft.train(self.plan.config, examples, self.backend, self.folder, self.reporter)

    def _difficulty(self) -> dict[str, Any]:
        rows, settings = self._fitting("grpo", self.problems.grpo), self.plan.config.data.drop_solved
        if settings is None:
            raise AssertionError("a stage that is skipped without its settings")
        config = self.plan.config.model_copy(
            update={
                "evaluate": self.plan.config.evaluate.model_copy(
                    update={"temperature": self.plan.config.grpo.temperature}
                )
            }
        )
        tries = difficulty.candidates(rows, settings, config.seed)
        evaluation = Evaluation(self.plan.recipe, config, tries, self.plan.accuracy, DIFFICULTY_SEED + config.seed)
        path = self.folder.path / difficulty.NAME if self.backend.is_main else None
        with self.reporter.stage(f"difficulty of the problems, {settings.samples} tries each", len(tries)) as bar:
            right = difficulty.measure(tries, settings.samples, evaluation, self.backend, path, bar)
        found = difficulty.facts(tries, right, settings, config.grpo.prompts_per_step)
        self.reporter.say(
            f"{found['solved']} of {found['measured']} problems are solved and {found['hopeless']} hopeless: left out; "
            f"{found['kept']} are left"
        )
        return {"result": found}

    def _grpo(self) -> dict[str, Any]:
        config, recipe = self.plan.config, self.plan.recipe
        self.backend.prepare_grpo(self.folder)
        rows = self._fitting("grpo", self.problems.grpo)
        if config.data.drop_solved is not None:
            measured = read_rows(self.folder.path / difficulty.NAME)
            rows = difficulty.choose(rows, {row["question"]: row["right"] for row in measured}, config.data.drop_solved)
        facts = grpo.train(config, recipe, rows, self.plan.accuracy, self.backend, self.folder, self.reporter)
        if facts["steps"] < config.grpo.steps:
            self.reporter.note(
                f"grpo: stopped after {facts['steps']} of {config.grpo.steps} steps, as grpo.max_minutes="
                f"{config.grpo.max_minutes:g} were over."
            )
        return facts

    def _fitting(self, stage: str, rows: list[Row]) -> list[Row]:
        """Leave out, and count, the prompts that are too long for a stage; evaluation keeps all that fit the model."""
        config = self.plan.config
        room = config.model.max_length - (0 if stage == "sft" else config.grpo.max_completion_length)
        quantile = None if stage == "evaluation" else config.data.prompt_quantile
        kept, dropped, longest = drop_long(rows, self._prompt_length, quantile, room)
        if dropped:
            self.reporter.note(f"{stage}: {dropped} of {len(rows)} prompts are longer than {longest} tokens: left out.")
        if not kept:
            raise DataError(f"{stage}: every prompt is longer than {longest} tokens; raise model.max_length.")
        return kept

    def _prompt_length(self, row: Row) -> int:
        return len(template.prompt_tokens(self.backend.tokenizer, row, self.format))

    def _save(self) -> dict[str, Any]:
        backend, config = self.backend, self.plan.config
        if backend.is_main:
            if config.model.lora is not None:
                with self.folder.replacing(self.folder.path / "adapter") as scratch:
                    backend.save(scratch)
            if config.save_merged or config.model.lora is None:
                with self.folder.replacing(self.folder.path / "merged") as scratch:
                    backend.save_merged(scratch)
        return {}


def wait_for_all() -> None:
    """Wait until every process of the run has come this far: one of them writes what the others read."""
    if processes() > 1:
        from accelerate import PartialState

        PartialState().wait_for_everyone()


def check_same(folder: RunFolder, recipe: Recipe) -> None:
    """Refuse to go on with a run under other settings than it began with, but for those that only suit the machine.

    Raises:
        ConfigError: A setting differs; the first few are named.
    """
    before, now = Recipe.load(folder.path / "recipe.yaml").to_dict(), recipe.to_dict()
    differing = sorted(line for line in _differences(before, now) if not line.startswith(OF_THE_MACHINE))
    if not differing:  # a newer version may write out settings that an older one did not have
        return
    raise ConfigError(f"The run in {folder.path} began with other settings: {'; '.join(differing[:3])}. Use the same.")


def _differences(before: Any, now: Any, place: str = "") -> list[str]:
    if isinstance(before, dict) and isinstance(now, dict):
        keys = [*before, *(key for key in now if key not in before)]
        return [
            line for key in keys for line in _differences(before.get(key), now.get(key), f"{place}.{key}".lstrip("."))
        ]
    return [] if before == now else [f"{place.removeprefix('train.')} was {before!r}, now {now!r}"]
