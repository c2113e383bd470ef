"""From a recipe's name to a finished run: what `plaudit train` calls, and a script can call too."""

from __future__ import annotations

import os
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from plaudit.errors import ConfigError, PlauditError
from plaudit.recipe import recipe as load_recipe
from plaudit_trainer.explain import explaining
from plaudit_trainer.pipeline import Run, check_same
from plaudit_trainer.preflight import Plan, check_run
from plaudit_trainer.progress import Reporter
from plaudit_trainer.runs import RunFolder
from plaudit_trainer.settings import resolve
from plaudit_trainer.stages import processes


@dataclass(frozen=True)
class Outcome:
    """What a finished run leaves behind."""

    folder: Path
    summary: dict[str, Any]
    report: Path | None


def plan(
    name: str,
    assignments: Sequence[str] = (),
    *,
    dry: bool = False,
    drop_solved: bool = False,
    resumes: Path | None = None,
) -> Plan:
    """Resolve a recipe and check it whole, before any model is loaded.

    Args:
        name: A recipe that ships, or a file.
        assignments: Settings as `key=value`.
        dry: Touch no network.
        drop_solved: Switch `data.drop_solved` on, as the recipe has it or with its defaults.
        resumes: The folder of a run that goes on; other settings than its own are refused before torch is imported.

    Raises:
        PlauditError: Whatever is wrong, in one message.
    """
    prepare_environment()
    found = load_recipe(name)
    if drop_solved and not (found.train or {}).get("data", {}).get("drop_solved"):
        assignments = ["data.drop_solved=true", *assignments]
    recipe, config = resolve(found, assignments)
    if resumes is not None:
        check_same(RunFolder(resumes), recipe)
    if not dry:
        import_unsloth_first(config)
    return check_run(recipe, config, dry=dry)


def run(checked: Plan, out: Path | None, *, resume: bool, command: str, reporter: Reporter | None = None) -> Outcome:
    """Execute a plan in a run folder, and write the report.

    Raises:
        ConfigError: The folder holds another run, or none to resume.
    """
    quiet_libraries()
    path = run_folder(checked, out, resume=resume)
    if resume:
        check_same(RunFolder(path), checked.recipe)
    first = is_first_process()
    if first and not resume:
        RunFolder(path).clear_start()
    with explaining(path):
        summary = Run(checked, path, reporter or Reporter(silent=not first)).execute(command)
    return Outcome(path, summary, write_report(path) if first else None)


def is_first_process() -> bool:
    """This process is the only one, or the first of those that torchrun or accelerate started."""
    return os.environ.get("RANK", "0") == "0"


def run_folder(checked: Plan, out: Path | None, *, resume: bool) -> Path:
    """Choose the run folder: `out`, or `runs/RECIPE-seedN`, with a number behind it where that is taken.

    Raises:
        ConfigError: `out` already holds a run and `resume` was not asked for, or several processes have no `out`.
    """
    base = Path("runs") / f"{checked.recipe.name}-seed{checked.config.seed}"
    names = [base, *(base.with_name(f"{base.name}-{number}") for number in range(2, 1000))]
    if out is None and processes() > 1:
        raise ConfigError("Several processes must agree on the run folder: give --out.")
    if out is None:
        taken = [path for path in names if path.exists()]
        if resume:
            if not taken:
                raise ConfigError(f"No run of {base.name} is there to resume: leave out --resume, or give --out.")
            return taken[-1]
        return next(path for path in names if not path.exists() or RunFolder(path).is_bare())
    check_folder(out, resume=resume)
    return out


def check_folder(out: Path, *, resume: bool) -> None:
    """Refuse a folder that holds a run already, or, to resume, none.

    Raises:
        ConfigError: It says what to do instead.
    """
    if not is_first_process():
        return
    there = (out / "recipe.yaml").is_file()
    if not resume and RunFolder(out).is_bare():
        return
    if there and not resume:
        raise ConfigError(f"{out} already holds a run: add --resume to go on with it, or choose another --out.")
    if resume and not there:
        raise ConfigError(f"{out} holds no run to resume: leave out --resume to begin one.")


def write_report(path: Path) -> Path | None:
    """Write report.html; a run is worth more than its report, so a report that fails is said and does not fail it."""
    try:
        from plaudit.report import write_report as write

        return Path(write(path))
    except (ImportError, PlauditError) as error:
        warnings.warn(f"No report was written: {error}", RuntimeWarning, stacklevel=2)
        return None


def prepare_environment() -> None:
    """Tell the libraries, before any is imported, what they read from the environment; what the user has set stays."""
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    os.environ.setdefault("VLLM_LOGGING_STREAM", "ext://sys.stderr")  # standard output is for results


def quiet_libraries() -> None:
    """Leave the terminal to our own progress; warnings and errors of the libraries still show."""
    import datasets
    import transformers

    warnings.filterwarnings("ignore", "`is_gradient_checkpointing` is deprecated", FutureWarning)  # called by TRL
    datasets.disable_progress_bars()
    transformers.utils.logging.disable_progress_bar()


def import_unsloth_first(config: Any) -> None:
    """Unsloth rewrites TRL and transformers as it is imported, so it comes before the preflight imports TRL."""
    from plaudit_trainer import backends

    if backends.choose(config) == "unsloth":
        from plaudit_trainer.backends import unsloth, unsloth_import

        unsloth_import.import_first(unsloth.rows_of(config))
