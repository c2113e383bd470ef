"""`plaudit show`."""

from __future__ import annotations

from typing import Any

import rich_click as click

from plaudit.cli.command import PlauditCommand

EXAMPLES = ["plaudit show answer-match", "plaudit show unsloth", "plaudit show my_package.rewards:polite"]


@click.command(cls=PlauditCommand, examples=EXAMPLES)
@click.argument("name", metavar="NAME")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def show(name: str, as_json: bool) -> None:
    """Show a reward's options and facts, or a recipe's parts.

    NAME is an installed reward, `module:object`, a recipe that ships, or a recipe file.
    """
    from plaudit.cli.describe import described
    from plaudit.cli.screen import print_json

    facts = described(name)
    if as_json:
        print_json(facts)
    elif facts["kind"] == "recipe":
        _print_recipe(facts)
    else:
        _print_reward(facts)


def _print_reward(facts: dict[str, Any]) -> None:
    from plaudit.cli.screen import output, plain

    screen = output()
    screen.print(plain(facts["name"], "bold cyan"), plain(facts["origin"], "dim"))
    screen.print(plain(facts["summary"]))
    screen.print()
    screen.print(_facts_table(facts))
    screen.print()
    if facts["options"]:
        screen.print(_options_table(facts["options"]))
        screen.print()
    if facts["example"]:
        screen.print("[bold]Example[/]")
        screen.print(plain(facts["example"], "green"))


def _facts_table(facts: dict[str, Any]) -> Any:
    from rich.table import Table

    from plaudit.cli.screen import number, plain

    right = "–, it shapes" if facts["accept_at"] is None else f"{number(facts['accept_at'])} or more"
    nature = [text for text, holds in _nature(facts) if holds]
    rows = {
        "range": f"{number(facts['low'])} … {number(facts['high'])}",
        "means right": right,
        "reads": ", ".join(facts["reads"]) or "no column",
        "nature": "; ".join(nature) or "deterministic, one row at a time",
    }
    table = Table.grid(padding=(0, 3, 0, 0))
    for heading, text in rows.items():
        table.add_row(f"[bold]{heading}[/]", plain(text))
    return table


def _nature(facts: dict[str, Any]) -> list[tuple[str, bool]]:
    return [
        ("needs the whole group", facts["coupled"]),
        ("not deterministic", not facts["deterministic"]),
        (f"touches {', '.join(facts['effects'])}", bool(facts["effects"])),
        (f"up to {facts['seconds']} seconds a sample", facts["seconds"] is not None),
    ]


def _options_table(options: list[dict[str, Any]]) -> Any:
    from rich.table import Table

    from plaudit.cli.screen import plain

    table = Table(box=None, header_style="bold", pad_edge=False, padding=(0, 2, 0, 0))
    for heading in ("option", "default", "type", "meaning"):
        table.add_column(heading, no_wrap=heading == "option")
    for option in options:
        name, kind = plain(option["name"], "cyan"), plain(option["type"], "dim")
        table.add_row(name, plain(option["default"]), kind, plain(option["meaning"]))
    return table


def _print_recipe(facts: dict[str, Any]) -> None:
    from rich.tree import Tree

    from plaudit.cli.screen import output, plain

    screen = output()
    screen.print(plain(facts["name"], "bold cyan"), plain("recipe", "dim"))
    if facts["description"]:
        screen.print(plain(facts["description"]))
    if facts["format"]:
        tags = " ".join(facts["format"]["tags"]) or "no tags"
        screen.print(plain(f"format {facts['format']['name']}: {tags}", "dim"))
    screen.print()
    tree = Tree(_label(facts["tree"]))
    _grow(tree, facts["tree"])
    screen.print(tree)
    reads = ", ".join(facts["reads"]) or "none"
    screen.print(plain(f"\ncolumns read: {reads}"))
    if facts["train"]:
        screen.print(plain(f"settings of the trainer: {', '.join(facts['train'])}", "dim"))


def _grow(tree: Any, branch: dict[str, Any]) -> None:
    for part in branch["parts"]:
        _grow(tree.add(_label(part)), part)


def _label(part: dict[str, Any]) -> Any:
    from plaudit.cli.screen import number, plain

    text = plain("")
    if part["weight"] is not None and part["role"]:
        text.append(f"{part['weight']:+g} × ", "bold")
    text.append_text(plain(part["name"], "cyan"))
    if part["role"] not in ("", "sum"):
        text.append_text(plain(f"  ({part['role']})", "yellow"))
    text.append(f"  {number(part['low'])} … {number(part['high'])}", "dim")
    for name, value in part["options"].items():
        text.append_text(plain(f"  {name}={value}", "green"))
    return text
