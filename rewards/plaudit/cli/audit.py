"""`plaudit audit`: laws and attacks on reward functions that were never written for us."""

from __future__ import annotations

import json
import shlex
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import rich_click as click

from plaudit.cli.check import checked, publish, report_options
from plaudit.cli.command import PlauditCommand

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plaudit.adapters.foreign import Foreign
    from plaudit.testing.tasks import Task

EXAMPLES = [
    "plaudit audit --trl trl.rewards:think_format_reward --format think",
    "plaudit audit --trl trl.rewards:accuracy_reward --format boxed",
    "plaudit audit --verl my_rewards:compute_score --format gsm8k --law containment",
    "plaudit audit --verifiers my_env:correct_answer --format boxed --json",
]


@click.command("audit", cls=PlauditCommand, examples=EXAMPLES)
@click.option("--trl", metavar="MODULE:FUNCTION", help="A TRL reward function: lists in, a list out.")
@click.option("--verl", metavar="MODULE:FUNCTION", help="A verl function: solution_str and ground_truth in.")
@click.option("--verifiers", metavar="MODULE:FUNCTION", help="A verifiers function: arguments filled by name.")
@click.option(
    "--format",
    "form",
    default="boxed",
    show_default=True,
    metavar="NAME",
    help="How answers are written; a preset or JSON.",
)
@click.option("--gold", metavar="COLUMN", help="The column with the gold; guessed from the signature.")
@click.option("--low", type=float, default=0.0, show_default=True, help="The least value that it gives.")
@click.option("--high", type=float, default=1.0, show_default=True, help="The greatest value that it gives.")
@click.option("--accept-at", type=float, help="The value that means right; unless given, --high.")
@click.option("--shaping", is_flag=True, help="No value means right.")
@report_options
@click.pass_context
def audit(context: click.RichContext, /, **options: Any) -> None:
    """Audit a reward function written for another trainer.

    It is called as its trainer calls it, with arithmetic questions written in --format. The exit code is 1 when a law
    is broken or an attack succeeds.
    """
    kinds = [kind for kind in ("trl", "verl", "verifiers") if options[kind]]
    if len(kinds) != 1:
        raise click.UsageError("Name one function: --trl, --verl or --verifiers MODULE:FUNCTION.")
    reward, target = wrapped(kinds[0], options[kinds[0]], options)
    tasks = tasks_of(reward, options["form"], options["gold"])
    invocation = f"audit --{kinds[0]} {options[kinds[0]]} --format {shlex.quote(options['form'])}"
    for name in ("gold", "low", "high", "accept_at"):
        if options[name] not in (None, {"low": 0.0, "high": 1.0}.get(name)):
            invocation += f" --{name.replace('_', '-')} {options[name]}"
    invocation += " --shaping" if options["shaping"] else ""
    search = {name: options[name] for name in ("profile", "laws", "seed")}
    report = checked(reward, reward.spec.name, tasks=tasks, target=target, invocation=invocation, **search)
    publish(context, [report], **options)


def wrapped(kind: str, name: str, options: dict[str, Any]) -> tuple[Foreign, str]:
    """Wrap a function by the adapter of its trainer; return it with the Python that does so."""
    import sys
    from importlib import import_module
    from pathlib import Path

    if str(Path.cwd()) not in sys.path:
        sys.path.insert(0, str(Path.cwd()))
    accept = None if options["shaping"] else options["high"] if options["accept_at"] is None else options["accept_at"]
    settings = {"low": options["low"], "high": options["high"], "accept_at": accept}
    reward: Foreign = getattr(import_module(f"plaudit.adapters.{kind}"), f"from_{kind}")(name, **settings)
    told = {key: value for key, value in settings.items() if value != {"low": 0.0}.get(key, 1.0)}
    listed = "".join(f", {key}={value!r}" for key, value in told.items())
    return reward, f"from_{kind}({name!r}{listed})"


def tasks_of(reward: Foreign, form: str, gold: str | None) -> Sequence[Task]:
    """Write our arithmetic tasks as the function reads them."""
    from plaudit.adapters.foreign import gold_column
    from plaudit.formats import as_format
    from plaudit.testing.tasks import NUMBERS

    column = gold or gold_column(reward.spec.reads) or "answer"
    rest = {name: "1" for name in reward.spec.reads if name != column}
    shape = as_format(json.loads(form) if form.startswith("{") else form)
    return [replace(task, format=shape, column=column, columns=rest) for task in NUMBERS]
