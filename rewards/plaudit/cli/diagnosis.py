"""A diagnosis, laid out for a person: the findings first, the numbers behind them after."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from plaudit.cli.screen import number, output, plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plaudit.look.diagnosis import Diagnosis, PartFacts
    from plaudit.look.findings import Finding

MARKS = {"bad": ("✗", "bold red"), "warning": ("!", "bold yellow"), "note": ("·", "dim")}


def print_diagnosis(diagnosis: Diagnosis, found: Sequence[Finding]) -> None:
    """Print what is wrong and what to do, then what every part does to the advantage."""
    screen = output()
    for finding in found:
        screen.print(_finding(finding))
    if not found:
        screen.print("[bold green]✓[/] Nothing odd: the groups carry signal, and no part runs away with it.")
    screen.print(plain(f"\n{_rows(diagnosis)}", "dim"))
    for notice in diagnosis.table.notices:
        screen.print(plain(notice, "yellow"))
    if diagnosis.groups and diagnosis.parts:
        screen.print()
        screen.print(_parts(diagnosis))


def _finding(finding: Finding) -> Table:
    mark, style = MARKS[finding.severity]
    line = Table.grid(padding=(0, 1, 0, 0))
    line.add_column(no_wrap=True, width=1)
    line.add_column()
    line.add_row(Text(mark, style), plain(finding.what, "" if finding.severity == "note" else "bold"))
    line.add_row("", plain(f"→ {finding.advice}", "dim"))
    return line


def _rows(diagnosis: Diagnosis) -> str:
    pieces = [f"{diagnosis.rows:,} rows, judged by {diagnosis.table.judge}", _groups(diagnosis)]
    pieces.append(f"{diagnosis.abstained:,} abstained, {diagnosis.failed:,} failed")
    pieces += [f"left out: {count:,} {why}" for why, count in diagnosis.table.left_out.items()]
    return "; ".join(pieces) + "."


def _groups(diagnosis: Diagnosis) -> str:
    if not diagnosis.groups:
        return "no group"
    sizes = f"{diagnosis.smallest}" + (f" to {diagnosis.largest}" if diagnosis.largest > diagnosis.smallest else "")
    return f"{diagnosis.groups:,} groups of {sizes}, {diagnosis.signal:,} with signal"


def _parts(diagnosis: Diagnosis) -> Table:
    table = Table(box=None, header_style="bold", pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column("part", no_wrap=True)
    for heading in (
        "share of advantage",
        "signal in",
        "decides",
        "mean",
        "at top",
        "at bottom",
        "length r",
        "abstains",
    ):
        table.add_column(heading, justify="right")
    for name, part in diagnosis.parts.items():
        table.add_row(plain(name, "cyan"), *_cells(part, diagnosis))
    total = [_share(1, 1) if diagnosis.signal else "–", _share(diagnosis.signal, diagnosis.groups)]
    length = _signed(diagnosis.length.mean)
    table.add_row("total", *total, "", "", "", "", length, _share(diagnosis.abstained, diagnosis.rows), style="bold")
    return table


def _cells(part: PartFacts, diagnosis: Diagnosis) -> list[str]:
    spoken = part.rows - part.abstained
    return [
        f"{part.share:.0%}" if diagnosis.signal else "–",
        _share(part.signal, diagnosis.groups),
        _share(part.decides, diagnosis.signal),
        number(part.mean),
        _share(part.at_high, spoken),
        _share(part.at_low, spoken),
        _signed(part.length.mean),
        _share(part.abstained, part.rows),
    ]


def _share(count: int, whole: int) -> str:
    return f"{count / whole:.0%}" if whole else "–"


def _signed(value: float | None) -> str:
    return "–" if value is None else f"{value:+.2f}"
