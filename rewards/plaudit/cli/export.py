"""`plaudit export`."""

from __future__ import annotations

from pathlib import Path

import rich_click as click

from plaudit.cli.command import PlauditCommand

EXAMPLES = [
    "plaudit export",
    "plaudit export openrlhf --recipe unsloth --fallback 0 > reward.py",
    "plaudit export verifiers --recipe judge.yaml --out reward.py",
]


@click.command(cls=PlauditCommand, examples=EXAMPLES)
@click.argument("trainer", required=False)
@click.option("--recipe", "-r", metavar="NAME|FILE", help="A recipe by name or file, a reward by name, module:object.")
@click.option("--fallback", type=float, metavar="NUMBER", help="What a completion is worth on which it abstains.")
@click.option("--gold", metavar="COLUMN", help="The column that the trainer's one gold fills; found, unless given.")
@click.option("--deadline", type=float, metavar="SECONDS", help="How long one completion may take.")
@click.option("--out", type=click.Path(path_type=Path), metavar="FILE", help="Write here; else to standard output.")
def export(
    trainer: str | None,
    recipe: str | None,
    fallback: float | None,
    gold: str | None,
    deadline: float | None,
    out: Path | None,
) -> None:
    """Write the small file that points TRAINER at a recipe.

    Without TRAINER, all are listed, with how each is pointed at its file. The file names the recipe and imports
    Plaudit; nothing else is in it. A trainer that can't leave out a completion needs --fallback: what one is worth
    there on which the reward abstains. Such completions are flagged in its logs.
    """
    from plaudit.adapters.export import exported
    from plaudit.adapters.export import trainer as find
    from plaudit.adapters.judge import judge_of

    if trainer is None:
        _list()
        return
    find(trainer)
    if not recipe:
        raise click.UsageError("Say what judges: --recipe NAME. `plaudit list` shows rewards, docs/how-to the recipes.")
    text = exported(trainer, judge_of(recipe, fallback=fallback, gold=gold, deadline_seconds=deadline))
    if out is None:
        click.echo(text, nl=False)
        return
    from plaudit.recipe import write_atomically

    write_atomically(out, text)


def _list() -> None:
    from string import Template

    from rich.table import Table

    from plaudit.adapters.export import TRAINERS
    from plaudit.cli.screen import output, plain

    table = Table(box=None, header_style="bold", pad_edge=False, padding=(0, 2, 0, 0))
    for heading in ("trainer", "fallback"):
        table.add_column(heading, no_wrap=True)
    table.add_column("point it at the file", overflow="fold")
    words = {"name": "NAME", "function": "NAME", "kind": "NAME"}
    for name, found in TRAINERS.items():
        point = plain(Template(found.point).substitute(words))
        table.add_row(plain(name, "bold cyan"), "" if found.knows_no_score else "needed", point)
    output().print(table)
