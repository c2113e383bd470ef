"""A comparison, laid out for a person."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from plaudit.cli.screen import number, output, plain

if TYPE_CHECKING:
    from rich.console import Console

    from plaudit.look.comparison import Comparison, Disagreement

SHOWN = 200
"""Characters of a prompt or completion that a disagreement shows; the end of a completion holds its answer."""


def print_comparison(found: Comparison, texts: Mapping[str, Mapping[str, Any]], a: str, b: str) -> None:
    """Print what agrees, the table of verdicts, and every telling disagreement."""
    screen = output()
    screen.print(plain("A ", "bold"), plain(a, "cyan"), plain("  B ", "bold"), plain(b, "magenta"), sep="")
    facts = Table.grid(padding=(0, 3, 0, 0))
    for name, value in _facts(found):
        facts.add_row(f"[bold]{name}[/]", plain(value))
    screen.print(facts)
    if found.verdicts:
        screen.print()
        screen.print(_confusion(found))
    if found.telling:
        more = "" if len(found.telling) < 2 else f" {len(found.telling)}"
        screen.print(f"\n[bold]The{more} most telling disagreement{'s' if more else ''}[/]")
    for each in found.telling:
        _print_disagreement(screen, found, each, texts)


def _facts(found: Comparison) -> Iterator[tuple[str, str]]:
    rows = found.rows
    only = "" if not any(found.only) else f"; {found.only[0]:,} only in A, {found.only[1]:,} only in B"
    yield "rows", f"{rows:,}{only}"
    yield "equal values", f"{found.equal:,} ({found.equal / rows:.1%})"
    if found.verdicts:
        kappa = "" if found.kappa is None else f", Cohen's kappa {found.kappa:.3f}"
        yield "equal verdicts", f"{found.agreement:.1%} of {found.verdicts:,}{kappa}"
    else:
        yield "equal verdicts", "unknown: say from which value A and B mean right (--accept-a, --accept-b)"
    yield "correlation", f"Pearson {_digits(found.pearson)}, Spearman {_digits(found.spearman)}"
    yield "mean", f"A {number(found.means[0])}, B {number(found.means[1])}"
    if any(found.abstained):
        yield "abstains", "A alone {:,}, B alone {:,}, both {:,}".format(*found.abstained)
    if found.groups:
        yield "advantage", f"changes its sign on {found.flipped:,} rows, is zero with one alone on {found.lost:,}"
        yield (
            "winners",
            f"others in {found.winners:,} of {found.groups:,} groups ({found.winners / found.groups:.1%})",
        )


def _confusion(found: Comparison) -> Table:
    table = Table(box=None, header_style="bold", pad_edge=False, padding=(0, 2, 0, 0))
    for heading in ("", "B right", "B wrong"):
        table.add_column(heading, justify="right" if heading else "left")
    for name, left in (("A right", True), ("A wrong", False)):
        cells = [found.confusion.get((left, right), 0) for right in (True, False)]
        styles = ["" if left == right else "bold red" for right in (True, False)]
        shown = [Text(f"{count:,}", style if count else "dim") for count, style in zip(cells, styles, strict=True)]
        table.add_row(f"[bold]{name}[/]", *shown)
    return table


def _print_disagreement(
    screen: Console, found: Comparison, each: Disagreement, texts: Mapping[str, Mapping[str, Any]]
) -> None:
    left, right = found.tables
    place = left.place(each.left)
    row = texts.get(place, {})
    body = Table.grid(padding=(0, 2, 0, 0))
    body.add_column(no_wrap=True)
    body.add_column()
    if row.get("prompt"):
        body.add_row("[dim]prompt[/]", plain(_ending(row["prompt"]), "dim"))
    body.add_row("[dim]completion[/]", plain(_ending(row.get("completion", ""))))
    if row.get("answer") is not None:
        body.add_row("[dim]gold[/]", plain(_ending(str(row["answer"]))))
    body.add_row(Text("A", "bold cyan"), _says(each, 0, left.reason(each.left)))
    body.add_row(Text("B", "bold magenta"), _says(each, 1, right.reason(each.right)))
    title = Text.assemble(
        (place, "bold"), (f"  and {each.alike:,} more with these reasons" if each.alike else "", "dim")
    )
    screen.print(Panel(body, title=plain(title.plain), title_align="left", border_style="dim"))


def _says(each: Disagreement, at: int, reason: str) -> Text:
    verdict = {True: " right", False: " wrong", None: ""}[each.verdicts[at]]
    felt = each.advantages[at]
    advantage = "" if felt is None else f" (advantage {felt:+.2f})"
    value = each.values[at]
    said = "abstains" if value is None else number(value)
    return Text.assemble((said, "bold"), verdict, (advantage, "dim"), "  ", plain(reason))


def _ending(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= SHOWN else f"[… {len(text) - SHOWN:,} characters …] {text[-SHOWN:]}"


def _digits(value: float | None) -> str:
    return "undefined" if value is None else f"{value:.3f}"
