"""`plaudit report`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import rich_click as click

from plaudit.cli.choose import judge_options, pairs
from plaudit.cli.command import PlauditCommand

if TYPE_CHECKING:
    from plaudit.report.run import Run

EXAMPLES = [
    "plaudit report runs/demo",
    "plaudit report runs/demo --out demo.html --open",
    "plaudit report runs/demo --watch 10",
    "plaudit report scored.jsonl",
    "plaudit report completions.jsonl --recipe unsloth",
]


@click.command("report", cls=PlauditCommand, examples=EXAMPLES)
@click.argument("run", type=click.Path(path_type=Path), metavar="RUN|FILE")
@judge_options
@click.option("--out", type=click.Path(path_type=Path), metavar="FILE", help="Where the page goes; RUN/report.html.")
@click.option("--open/--no-open", "open_page", default=False, help="Show the page in the browser.")
@click.option(
    "--watch",
    type=click.FloatRange(min=0, min_open=True),
    metavar="SECONDS",
    help="Look every so many seconds, and write the page again whenever the run has gone on, until it ends.",
)
@click.option("--json", "as_json", is_flag=True, help="Print where the page is, and what was missing or odd, as JSON.")
def report(
    run: Path,
    recipe: str | None,
    reward: str | None,
    options: tuple[str, ...],
    renamed: tuple[str, ...],
    step: int | None,
    out: Path | None,
    open_page: bool,
    watch: float | None,
    as_json: bool,
) -> None:
    """Write the HTML page of a run: curves, distributions, every completion with its score and why.

    RUN is the folder of a training run, finished or still going. FILE holds scored completions, or others and a
    --recipe or --reward to judge them by. The page is one file and needs no network. What the run lacks is said on the
    page and here.
    """
    from plaudit.cli.diagnose import asked_judge
    from plaudit.cli.progress import row_progress
    from plaudit.report.page import write
    from plaudit.report.run import judged_run, read_run

    judge = asked_judge(recipe, reward, options, step, [str(run)])
    if watch is not None:
        if judge is not None or as_json or run.is_file():
            raise click.UsageError("--watch follows the folder of a run: it takes no reward, no file and no --json.")
        _watch(run, out, watch, open_page=open_page)
        return
    read = read_run(run) if judge is None else judged_run(run, judge, pairs(renamed, "--map"), row_progress)
    page = write(read, out)
    if as_json:
        _print_json(read, page)
    else:
        _print(read, page)
    if open_page:
        click.launch(page.resolve().as_uri())


def _watch(run: Path, out: Path | None, seconds: float, *, open_page: bool) -> None:
    """Write the page again and again; an interrupt ends it, with the last page in place."""
    from plaudit.cli.screen import notes, plain
    from plaudit.report.follow import changes
    from plaudit.report.page import write
    from plaudit.report.run import read_run

    screen, page = notes(), None
    screen.print(plain(f"Watching {run}; Ctrl-C ends it.", "dim"))
    try:
        for ended in changes(run, seconds):
            read = read_run(run)
            first, page = page is None, write(read, out, None if ended else max(1.0, seconds))
            if first and open_page:
                click.launch(page.resolve().as_uri())
            step = read.metrics.last_step("grpo") or read.metrics.last_step("sft") or 0
            screen.print(plain(f"step {step}, {len(read.completions):,} completions → {page}"), soft_wrap=True)
    except KeyboardInterrupt:
        if page is not None:
            write(read_run(run), out)  # a page that nobody writes any more must not go on loading itself
    else:
        screen.print(plain("The run has ended.", "bold"))


def _print(run: Run, page: Path) -> None:
    from plaudit.cli.screen import notes, output, plain
    from plaudit.report.tables import before_after_table

    if run.finished or "before" in run.summary:
        output().print(before_after_table(run.summary))
    for notice in run.notices:
        notes().print(plain(f"note: {notice}", "yellow"))
    output().print(plain(str(page), "bold"), f"[dim]{page.stat().st_size / 1e6:.1f} MB[/]", soft_wrap=True)


def _print_json(run: Run, page: Path) -> None:
    from plaudit.cli.screen import print_json

    facts = {"report": str(page), "bytes": page.stat().st_size, "finished": run.finished}
    print_json(facts | {"completions": len(run.completions), "notices": run.notices})
