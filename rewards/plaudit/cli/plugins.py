"""`plaudit plugins`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import rich_click as click

from plaudit.cli.command import PlauditCommand

if TYPE_CHECKING:
    from plaudit.plugins import State


@click.command(cls=PlauditCommand, examples=["plaudit plugins", "plaudit plugins --strict"])
@click.option("--strict", is_flag=True, help="Exit with 4 when any is broken.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def plugins(strict: bool, as_json: bool) -> None:
    """Show every installed reward and plugin, and what is broken.

    Rewards come from the entry-point group `plaudit.rewards`, plugins with hooks from `plaudit`. All are loaded.
    """
    from plaudit.errors import PluginError
    from plaudit.plugins import states

    found = states()
    if as_json:
        from plaudit.cli.screen import print_json

        print_json([_row(state) for state in found])
    else:
        _print(found)
    broken = [state.entry.name for state in found if not state.ok]
    if broken and strict:
        raise PluginError(f"Broken: {', '.join(broken)}. Reinstall or remove what offers them.")


def _row(state: State) -> dict[str, Any]:
    entry = state.entry
    return {
        "name": entry.name,
        "group": entry.group,
        "distribution": entry.distribution,
        "version": entry.version,
        "target": entry.target,
        "ok": state.ok,
        "problem": state.problem,
    }


def _print(found: list[State]) -> None:
    from rich.table import Table

    from plaudit.cli.screen import output, plain

    table = Table(box=None, header_style="bold", pad_edge=False, padding=(0, 2, 0, 0))
    for heading in ("name", "group", "from", "", "object"):
        table.add_column(heading, no_wrap=heading != "object", overflow="fold")
    for state in found:
        entry, style = state.entry, "" if state.ok else "red"
        said = plain(entry.target, "dim") if state.ok else plain(state.problem, "red")
        table.add_row(
            plain(entry.name, style or "bold cyan"),
            plain(entry.group, style),
            plain(f"{entry.distribution} {entry.version}", style or "dim"),
            "[green]ok[/]" if state.ok else "[red]broken[/]",
            said,
        )
    screen = output()
    screen.print(table)
    broken = sum(not state.ok for state in found)
    screen.print(f"\n{len(found)} installed, " + (f"[red]{broken} broken[/]" if broken else "none broken"))
