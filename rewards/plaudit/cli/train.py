"""`plaudit train`: take a model through the whole road that a recipe describes."""

from __future__ import annotations

import shlex
import sys
from contextlib import nullcontext, redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING, Any

import rich_click as click

from plaudit.cli.command import PlauditCommand
from plaudit.cli.screen import print_json
from plaudit.errors import ConfigError

if TYPE_CHECKING:
    from plaudit_trainer.preflight import Plan

EXAMPLES = [
    "plaudit train demo",
    "plaudit train demo --set seed=1 --set grpo.steps=20 --out runs/short",
    "plaudit train demo --set rewards.answer-match.near=0.2",
    "plaudit train smollm2-gsm8k --drop-solved",
    "plaudit train qwen3-4b --dry-run",
    "plaudit train recipe.yaml --out runs/a --resume",
]


@click.command("train", cls=PlauditCommand, examples=EXAMPLES)
@click.argument("recipe")
@click.option("assignments", "--set", multiple=True, metavar="KEY=VALUE", help="Change a setting or a reward's option.")
@click.option("--drop-solved", is_flag=True, help="After SFT, leave out problems solved always or never.")
@click.option("--dry-run", is_flag=True, help="Check the run, score a sample batch, and load no model.")
@click.option("--resume", is_flag=True, help="Go on with an interrupted run from its last checkpoint.")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), help="The run folder; runs/RECIPE-seedN.")
@click.option("as_json", "--json", is_flag=True, help="Print the outcome as JSON.")
def train(
    recipe: str,
    assignments: tuple[str, ...],
    drop_solved: bool,
    dry_run: bool,
    resume: bool,
    out: Path | None,
    as_json: bool,
) -> None:
    """Train a model on RECIPE: a recipe that ships, by name, or a .yaml or .toml file.

    Load + LoRA, measure, supervised stage, measure, GRPO with the composed reward, measure, save, report. All that
    can be checked is checked before a model is loaded. A stage that has ended is not done again by --resume.
    """
    try:
        from plaudit_trainer import launch
    except ImportError as error:
        raise ConfigError(f"`plaudit train` needs the trainer ({error}): pip install 'plaudit[trainer]'") from error
    if out is not None and not dry_run:
        launch.check_folder(out, resume=resume)
    # Unsloth prints as it is imported and as it loads: with --json, standard output is for the outcome.
    aside = redirect_stdout(sys.stderr) if as_json else nullcontext()
    with aside:
        checked = launch.plan(
            recipe, assignments, dry=dry_run, drop_solved=drop_solved, resumes=out if resume and not dry_run else None
        )
    if dry_run:
        _show_plan(checked, as_json=as_json)
        return
    from plaudit_trainer.progress import Reporter
    from plaudit_trainer.show import show_outcome

    first = launch.is_first_process()
    reporter = Reporter(silent=as_json or not first)
    for warning in checked.warnings:
        reporter.warn(warning)
    command = shlex.join(["plaudit", *sys.argv[1:]])
    with aside:
        outcome = launch.run(checked, out, resume=resume, command=command, reporter=reporter)
    if not first:
        return
    if as_json:
        report = str(outcome.report) if outcome.report else None
        print_json({"folder": str(outcome.folder), "report": report, "summary": outcome.summary})
    else:
        show_outcome(outcome)


def _show_plan(checked: Plan, *, as_json: bool) -> None:
    from plaudit_trainer.preflight import sample_table
    from plaudit_trainer.show import show_plan

    if as_json:
        data: dict[str, Any] = {
            "recipe": checked.recipe.to_dict(),
            "sample": sample_table(checked),
            "warnings": checked.warnings,
        }
        print_json(data)
    else:
        show_plan(checked)
