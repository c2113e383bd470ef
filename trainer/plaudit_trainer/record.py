"""`record`: a run folder, as `plaudit train` writes it, from any training with TRL."""

from __future__ import annotations

import math
import shlex
import sys
import time
import warnings
from collections.abc import Callable, Sequence
from functools import partial, wraps
from inspect import iscoroutinefunction
from pathlib import Path
from typing import Any

from plaudit.algebra import Algebra
from plaudit.errors import ConfigError
from plaudit.plugins import manager
from plaudit.protocol import Score
from plaudit.recipe import Recipe
from plaudit.report.recorder import Recorder
from plaudit.trainer_call import samples_from_lists
from plaudit.weighted import WeightedSum
from plaudit_trainer.callbacks import Clock, numeric
from plaudit_trainer.gradient import Watch, faults
from plaudit_trainer.runs import RunFolder, append_rows, keep_rows, read_rows
from plaudit_trainer.versions import versions

STAGE = "grpo"


def record(trainer: Any, folder: str | Path, *, keep: int | None = None) -> None:
    """Make a trainer of TRL write its run into a folder, for `plaudit report`, `watch`, `diagnose` and `explain`.

    Call it once, before `trainer.train()`. Every completion is kept with the parts and reasons of its score, and every
    logged step with its seconds. Rewards of Plaudit say why; of plain functions the values are kept. What can't be
    kept (a reward model, an async function) is named in a warning. Each process writes its own completions.

    Args:
        trainer: A GRPOTrainer or RLOOTrainer (TRL 1.15 and 1.16).
        folder: The run folder; it is made. It may hold an earlier part of this run, if the trainer resumes.
        keep: How many completions of each step are kept, in each process; all where it isn't given.

    Raises:
        ConfigError: The folder holds another run's records, or the trainer has no reward functions.
    """
    if not hasattr(trainer, "reward_funcs"):
        raise ConfigError(f"{type(trainer).__name__} has no reward functions: give a GRPOTrainer or an RLOOTrainer.")
    names = _unique(trainer.reward_func_names)
    weights = dict(zip(names, map(float, trainer.reward_weights), strict=True))
    joined = len(names) > 1 or set(weights.values()) != {1.0}
    recorder = Recorder(weights=weights if joined else None, keep=keep)
    unseen = _listen(trainer, names, recorder)
    clock = Clock()
    trainer._generate = clock.timed(trainer._generate)
    place = RunFolder(Path(folder))
    facts = {"seed": trainer.args.seed, "backend": "trl", "device": str(trainer.args.device)}
    callback = _make_callback(place, recorder, clock, _recipe(trainer, weights), facts)
    trainer.add_callback(callback)
    if unseen:
        message = f"Not kept with the completions, but in the curves: {', '.join(unseen)} (not a plain function)."
        warnings.warn(message, RuntimeWarning, stacklevel=2)


def _unique(names: Sequence[str]) -> list[str]:
    seen: dict[str, int] = {}
    found = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        found.append(name if seen[name] == 1 else f"{name}-{seen[name]}")
    return found


def _listen(trainer: Any, names: Sequence[str], recorder: Recorder) -> list[str]:
    """Wrap the functions that aren't rewards of ours, and return the names of what can't be wrapped."""
    unseen = []
    for at, (name, function) in enumerate(zip(names, trainer.reward_funcs, strict=True)):
        if isinstance(function, Algebra):
            continue
        if iscoroutinefunction(function) or not hasattr(function, "__name__"):
            unseen.append(name)
        else:
            trainer.reward_funcs[at] = _heard(function, name, recorder)
    return unseen


def _heard(function: Callable[..., Any], name: str, recorder: Recorder) -> Callable[..., Any]:
    @wraps(function)
    def judged(prompts: Any, completions: Any, **extras: Any) -> Any:
        start = time.perf_counter()
        values = function(prompts=prompts, completions=completions, **extras)
        recorder.seconds += time.perf_counter() - start
        recorder.add(name, samples_from_lists(prompts, completions, extras), [_as_score(value) for value in values])
        return values

    return judged


def _as_score(value: Any) -> Score:
    if value is None:
        return Score(None, "gave None")
    number = float(value)
    return Score(number, "a plain function gives no reason") if math.isfinite(number) else Score(None, f"gave {number}")


def _recipe(trainer: Any, weights: dict[str, float]) -> Recipe | None:
    """The recipe of the whole reward, where it can be written down."""
    functions = trainer.reward_funcs
    if not all(isinstance(function, Algebra) for function in functions):
        return None
    single = functions[0] if len(functions) == 1 and set(weights.values()) == {1.0} else None
    if isinstance(single, Recipe):
        return single
    judge = single or WeightedSum.of(zip(functions, weights.values(), strict=True))
    try:
        made = Recipe("recorded" if single is None else single.spec.name, judge)
        made.to_dict()
    except ConfigError:  # a reward from a script's own lines: nothing could load it again
        return None
    return made


def _make_callback(
    folder: RunFolder, recorder: Recorder, clock: Clock, recipe: Recipe | None, facts: dict[str, Any]
) -> Any:
    """Return the trainer's callback (a class made late: its base lives in transformers)."""
    from transformers import TrainerCallback

    class RecordCallback(TrainerCallback):  # type: ignore[misc]
        """Writes the run folder."""

        def on_train_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
            self.begun, self.differ = time.perf_counter(), False
            self.watch = Watch(STAGE, partial(warnings.warn, category=RuntimeWarning, stacklevel=2))
            self.seconds: dict[str, float] = {}
            self.completions = _file_of(folder, args.process_index)
            if state.is_world_process_zero:
                _begin(folder, state.global_step, recipe, facts)
            elif self.completions.is_file():
                keep_rows(self.completions, lambda row: row["step"] <= state.global_step)
            manager().register(recorder)

        def on_step_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
            clock.begin()
            recorder.begin(STAGE, state.global_step + 1)

        def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
            self.seconds = clock.end(recorder.take_seconds())
            append_rows(self.completions, recorder.take_rows())
            self.differ = recorder.differ
            recorder.begin("evaluation", state.global_step)

        def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **kwargs: Any) -> None:
            if not state.is_world_process_zero or not logs:
                return
            numbers = numeric(logs) | (self.seconds if "loss" in logs else {})
            place = {"stage": STAGE, "step": state.global_step, "time": round(time.time(), 3)}
            fault = self.watch.note(state.global_step, logs, differ=self.differ)
            append_rows(folder.metrics, [place | numbers | fault])

        def on_train_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
            manager().unregister(recorder)
            append_rows(self.completions, recorder.take_rows())
            if state.is_world_process_zero:
                seconds = {STAGE: round(time.perf_counter() - self.begun, 3)}
                name = recipe.name if recipe else folder.path.name
                said = faults(read_rows(folder.metrics))
                summary = facts | {"recipe": name, "seconds": seconds, "finished": True, "warnings": said}
                folder.write_json("summary.json", summary | {"completions_left_out": recorder.left_out})

    return RecordCallback()


def _file_of(folder: RunFolder, process: int) -> Path:
    """Each process scores its own completions, and writes them to its own file."""
    return folder.completions if process == 0 else folder.path / f"completions.rank{process}.jsonl"


def _begin(folder: RunFolder, step: int, recipe: Recipe | None, facts: dict[str, Any]) -> None:
    if step == 0 and folder.metrics.is_file() and folder.metrics.stat().st_size:
        raise ConfigError(f"{folder.path} holds another run's records: choose another folder, or resume that run.")
    folder.path.mkdir(parents=True, exist_ok=True)
    folder.forget_after(STAGE, step)
    if recipe is not None:
        recipe.save(folder.path / "recipe.yaml")
    folder.write_json("versions.json", facts | {"versions": versions(), "command": shlex.join(sys.argv)})
