"""`plaudit watch`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import rich_click as click

from plaudit.cli.command import PlauditCommand

if TYPE_CHECKING:
    from plaudit.report.live import Live

EXAMPLES = ["plaudit watch runs/demo", "plaudit watch runs/demo --every 10", "plaudit watch runs/demo --once"]


@click.command(cls=PlauditCommand, examples=EXAMPLES)
@click.argument("run", type=click.Path(path_type=Path, file_okay=False), metavar="RUN")
@click.option(
    "--every",
    type=click.FloatRange(min=0, min_open=True),
    default=2.0,
    show_default=True,
    metavar="SECONDS",
    help="Look every so many seconds.",
)
@click.option("--once", is_flag=True, help="Show how it stands now, and end.")
def watch(run: Path, every: float, once: bool) -> None:
    """Follow a running training in the terminal: its curves, its pace, its latest completion.

    RUN need not be there yet. It ends when the run does, or with Ctrl-C. `plaudit report RUN --watch` does the same for
    the HTML page.
    """
    import time

    from plaudit.cli.screen import output
    from plaudit.report.live import Live, view

    live = Live(run)
    if once:
        live.update()
        output().print(view(live, steps_of(live)))
        return
    follow(live, lambda: time.sleep(every))


def follow(live: Live, wait: Callable[[], object]) -> None:
    """Show a run until it ends or somebody interrupts: live on a terminal, else one view whenever something is new."""
    from rich.live import Live as Screen

    from plaudit.cli.screen import output
    from plaudit.report.live import view

    console = output()
    try:
        if not console.is_terminal:
            while True:
                if live.update():
                    console.print(view(live, steps_of(live)))
                if live.ended:
                    return
                wait()
        with Screen(view(live), console=console, auto_refresh=False) as screen:
            while True:
                live.update()
                screen.update(view(live, steps_of(live)), refresh=True)
                if live.ended:
                    return
                wait()
    except KeyboardInterrupt:
        return  # the usual way to stop looking


def steps_of(live: Live) -> int | None:
    """How many steps the present stage takes, by the run's own recipe; None where that doesn't say."""
    from plaudit.errors import ConfigError
    from plaudit.recipe import read_data

    try:
        data: Any = read_data(live.run / "recipe.yaml")
    except ConfigError:
        return None
    for key in ("train", live.stage, "steps"):
        data = data.get(key) if isinstance(data, Mapping) else None
    return data if isinstance(data, int) and not isinstance(data, bool) else None
