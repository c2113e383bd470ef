"""`plaudit list`."""

from __future__ import annotations

from typing import Any

import rich_click as click

from plaudit.cli.command import PlauditCommand


@click.command(
    "list", cls=PlauditCommand, examples=["plaudit list", "plaudit list --json | jq -r '.[] | select(.ok) | .name'"]
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def list_rewards(as_json: bool) -> None:
    """List the installed rewards.

    Each is loaded to read its facts. One that can't be loaded is shown with the reason and stops nothing.
    """
    from plaudit.plugins import available

    rows = [_row(name, entry) for name, entry in sorted(available().items())]
    if as_json:
        from plaudit.cli.screen import print_json

        print_json(rows)
    else:
        _print(rows)


def _row(name: str, entry: Any) -> dict[str, Any]:
    from plaudit.docstrings import documented, summary
    from plaudit.plugins import problem_of
    from plaudit.registry import find_object, reward_from

    row = {"name": name, "distribution": entry.distribution, "version": entry.version, "target": entry.target}
    problem = problem_of(entry)
    if problem:
        return row | {"ok": False, "problem": problem}
    found = find_object(name)
    spec = reward_from(found, name, {}).spec
    facts = {"low": spec.low, "high": spec.high, "accept_at": spec.accept_at, "reads": list(spec.reads)}
    return row | facts | {"summary": summary(documented(found)), "ok": True, "problem": ""}


def _print(rows: list[dict[str, Any]]) -> None:
    from rich.table import Table

    from plaudit.cli.screen import number, output, plain

    table = Table(box=None, header_style="bold", pad_edge=False, padding=(0, 2, 0, 0))
    for heading in ("reward", "from", "range", "reads"):
        table.add_column(heading, no_wrap=True)
    table.add_column("", no_wrap=True)
    table.add_column("what it does")
    for row in rows:
        origin = plain(f"{row['distribution']} {row['version']}", "dim")
        if row["ok"]:
            span = f"{number(row['low'])} … {number(row['high'])}"
            reads = plain(", ".join(row["reads"]) or "–")
            table.add_row(plain(row["name"], "bold cyan"), origin, span, reads, "[green]ok[/]", plain(row["summary"]))
        else:
            table.add_row(plain(row["name"], "red"), origin, "", "", "[red]broken[/]", plain(row["problem"], "red"))
    screen = output()
    screen.print(table)
    if any(row["ok"] for row in rows):
        screen.print("\n[dim]plaudit show NAME tells its options.[/]")
