"""The table at the end of `plaudit score`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.table import Table

from plaudit.cli.screen import number, plain

if TYPE_CHECKING:
    from rich.console import Console

HEADINGS = ("mean", "min", "max", "right", "abstained", "failed")


def print_summary(screen: Console, summary: dict[str, Any]) -> None:
    """Print mean, range and counts of the total and of every part, and what failed first."""
    table = Table(box=None, header_style="bold", pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column("reward", no_wrap=True)
    for heading in HEADINGS:
        table.add_column(heading, justify="right", no_wrap=True)
    for part in summary["parts"]:
        *outer, name = part["name"].split("/")
        table.add_row(plain("  " * len(outer) + name, "cyan"), *_cells(part))
    table.add_row(plain(summary["reward"], "bold"), *_cells(summary), style="bold" if summary["parts"] else "")
    screen.print(table)
    screen.print(plain(f"\n{_outcome(summary)}"))
    if summary["first_failure"]:
        screen.print(plain(f"The first failure is {summary['first_failure']}", "red"))


def _cells(part: dict[str, Any]) -> list[Any]:
    right = "" if part["accepted"] is None else f"{part['accepted'] / part['rows']:.1%}"
    counts = [plain(part["abstained"], "yellow" if part["abstained"] else "dim")]
    counts.append(plain(part["failed"], "red" if part["failed"] else "dim"))
    return [number(part["mean"]), number(part["min"]), number(part["max"]), right, *counts]


def _outcome(summary: dict[str, Any]) -> str:
    seconds = summary["seconds"]
    rate = f" ({(summary['rows'] - summary['resumed']) / seconds:,.0f} rows/s)" if seconds else ""
    more = f" {summary['resumed']:,} of them were scored before." if summary["resumed"] else ""
    more += f" {summary['bad_rows']:,} could not be read or lack a column." if summary["bad_rows"] else ""
    more += f" {summary['from_cache']:,} came from the cache." if summary.get("from_cache") else ""
    written = f", written to {summary['out']}" if summary["out"] not in (None, "-") else ""
    return (
        f"{summary['rows']:,} rows scored in {seconds:.1f} s{rate}{written}; "
        f"{summary['abstained']:,} abstained, {summary['failed']:,} failed.{more}"
    )
