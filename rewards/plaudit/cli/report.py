"""`plaudit report`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import rich_click as click

from plaudit.cli.command import PlauditCommand

if TYPE_CHECKING:
    from plaudit.report.run import Run

EXAMPLES = ["plaudit report runs/demo", "plaudit report runs/demo --out demo.html --open"]


@click.command("report", cls=PlauditCommand, examples=EXAMPLES)
@click.argument("run", type=click.Path(path_type=Path), metavar="RUN")
@click.option("--out", type=click.Path(path_type=Path), metavar="FILE", help="Where the page goes; RUN/report.html.")
@click.option("--open/--no-open", "open_page", default=False, help="Show the page in the browser.")
@click.option("--json", "as_json", is_flag=True, help="Print where the page is, and what was missing or odd, as JSON.")
def report(run: Path, out: Path | None, open_page: bool, as_json: bool) -> None:
    """Write the HTML page of a run: curves, distributions, every completion with its score and why.

    RUN is the folder of a training run, finished or still going, or a file of scored completions (JSON Lines). The page
    is one file and needs no network. What the run lacks is said on the page and here.
    """
    from plaudit.report.page import write
    from plaudit.report.run import read_run

    read = read_run(run)
    page = write(read, out)
    if as_json:
        _print_json(read, page)
    else:
        _print(read, page)
    if open_page:
        click.launch(page.resolve().as_uri())


def _print(run: Run, page: Path) -> None:
    from plaudit.cli.screen import notes, output, plain
    from plaudit.report.tables import before_after_table

    if run.summary:
        output().print(before_after_table(run.summary))
    for notice in run.notices:
        notes().print(plain(f"note: {notice}", "yellow"))
    output().print(plain(str(page), "bold"), f"[dim]{page.stat().st_size / 1e6:.1f} MB[/]", soft_wrap=True)


def _print_json(run: Run, page: Path) -> None:
    from plaudit.cli.screen import print_json

    facts = {"report": str(page), "bytes": page.stat().st_size, "finished": run.finished}
    print_json(facts | {"completions": len(run.completions), "notices": run.notices})
