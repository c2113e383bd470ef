"""`plaudit check`: laws and attacks on rewards, for people, for CI, and for code scanners."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import rich_click as click

from plaudit.cli.command import PlauditCommand

if TYPE_CHECKING:
    from plaudit.testing.results import CheckReport

EXAMPLES = [
    "plaudit check answer-match",
    "plaudit check my_rewards:polite --profile thorough",
    "plaudit check answer-match --law permutation --law hedge",
    "plaudit check --explain hedge",
    "plaudit check answer-match format-exact --junit laws.xml --sarif laws.sarif",
]


def report_options(command: Any) -> Any:
    """Add the options that `check` and `audit` share."""
    for option in reversed(
        [
            click.option("--profile", type=click.Choice(["quick", "thorough"]), default="quick", show_default=True),
            click.option("--law", "laws", multiple=True, metavar="LAW", help="Only this law or attack; repeatable."),
            click.option("--seed", type=int, default=0, show_default=True, help="Draws other cases."),
            click.option("--json", "as_json", is_flag=True, help="Print the results as JSON."),
            click.option("--junit", type=click.Path(path_type=Path), metavar="FILE", help="Write JUnit XML."),
            click.option("--sarif", type=click.Path(path_type=Path), metavar="FILE", help="Write SARIF 2.1.0."),
            click.option("--all", "everything", is_flag=True, help="List what passed, too."),
        ]
    ):
        command = option(command)
    return command


@click.command("check", cls=PlauditCommand, examples=EXAMPLES)
@click.argument("names", nargs=-1, metavar="NAME|MODULE:OBJECT...")
@click.option("--explain", metavar="LAW", help="Say what a law or an attack is about, and end.")
@report_options
@click.pass_context
def check(context: click.RichContext, /, names: tuple[str, ...], explain: str | None, **options: Any) -> None:
    """Check rewards against every law and every attack.

    A law that a reward's own spec waives, or that lacks what it needs, is listed with the reason. The exit code is 1
    when a law is broken or an attack succeeds.
    """
    if explain is not None:
        print_explanation(explain)
        return
    if not names:
        raise click.UsageError("Name a reward, or ask --explain LAW. `plaudit list` shows the rewards.")
    from plaudit.targets import find_target
    from plaudit.testing.running import chosen

    chosen(options["laws"])
    reports = [checked(find_target(name), name, **_search(options)) for name in names]
    publish(context, reports, **options)


def _search(options: dict[str, Any]) -> dict[str, Any]:
    return {name: options[name] for name in ("profile", "laws", "seed")}


def checked(reward: Any, name: str, **options: Any) -> CheckReport:
    """Check one reward, with progress on a terminal."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    from plaudit.cli.screen import notes
    from plaudit.testing.running import check as run_checks
    from plaudit.testing.running import chosen

    console = notes()
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        bar = progress.add_task(name, total=len(chosen(options["laws"])))
        return run_checks(
            reward,
            name=name,
            progress=lambda result: progress.update(bar, advance=1, description=f"{name} {result.law}"),
            **options,
        )


def publish(context: click.RichContext, reports: list[CheckReport], **options: Any) -> None:
    """Show and write the results, and end with exit code 1 where a law is broken."""
    from plaudit.cli.screen import output
    from plaudit.recipe import write_atomically
    from plaudit.testing import rendering

    if options["junit"]:
        write_atomically(options["junit"], rendering.to_junit(reports))
    if options["sarif"]:
        write_atomically(options["sarif"], rendering.to_sarif(reports))
    if options["as_json"]:
        click.echo(rendering.to_json(reports))
    else:
        for report in reports:
            _show(output(), report, everything=options["everything"])
    context.exit(0 if all(report.ok for report in reports) else 1)


def _show(console: Any, report: CheckReport, *, everything: bool) -> None:
    from plaudit.cli.screen import plain
    from plaudit.testing import rendering

    if everything or len(report.failed) > 1 or report.count("waived"):
        console.print(rendering.table(report, everything=everything))
    for line in [] if everything else rendering.left_out(report):
        console.print(plain(line, "dim"))
    for result in report.failed[:1]:
        # the terminal may break lines, we must not: what is printed here is pasted
        console.print(plain("\n" + rendering.failure_text(result, report.reward)), soft_wrap=True)
    if len(report.failed) > 1:
        laws = ", ".join(result.law for result in report.failed[1:])
        console.print(plain(f"\nThe others the same way, each with its own --law: {laws}"))
    console.print(plain("\n" + rendering.summary(report), "bold red" if report.failed else "bold green"))


def print_explanation(slug: str) -> None:
    """Print what a law or an attack is about.

    Raises:
        UnknownNameError: No such law; the nearest one is named.
    """
    from plaudit.cli.screen import output, plain
    from plaudit.testing.running import chosen

    (item,) = chosen([slug])
    waived = getattr(item, "waived_by", ())
    kind = "Attack" if item.label.startswith("attack") else "Law"
    console = output()
    console.print(plain(f"{kind} {item.number}, {item.slug}", "bold"))
    console.print(plain(item.sentence), "")
    console.print(plain(" ".join(item.explain.split())), "")
    console.print(
        plain(f"Needs: {item.needs}." + (f" Waived by a spec with {', '.join(waived)}." if waived else ""), "dim")
    )
