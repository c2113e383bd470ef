"""Tables for the terminal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from rich import box
from rich.table import Table
from rich.text import Text

from plaudit.report.changes import sentences
from plaudit.report.lines import finite
from plaudit.report.summary import EVALUATIONS, Row, evaluations, rows
from plaudit.report.visible import visible

LABEL = 28
"""Characters up to which even a narrow terminal shows all labels in one line: an interval takes two as well."""


def before_after_table(summary: Mapping[str, Any]) -> Table:
    """Return the before/after table of a run, from what `summary.json` holds; missing evaluations have no column.

    With all three there, the last column is what GRPO added to the supervised stage.

    >>> table = before_after_table({"before": {"sampled_reward": 4.0}, "after_grpo": {"sampled_reward": 11.0}})
    >>> [column.header for column in table.columns], table.row_count
    (['', 'before', 'after GRPO', 'change'], 1)
    """
    found = evaluations(summary)
    table = Table(box=box.SIMPLE_HEAD, title=_title(summary), title_justify="left", title_style="bold")
    labelled = [
        (row, Text(f"  {visible(row.label)}", "dim") if row.part else Text(visible(row.label))) for row in rows(summary)
    ]
    longest = max((len(label) for _, label in labelled), default=0)
    table.add_column("", no_wrap=longest <= LABEL, overflow="fold")
    for key in found:
        table.add_column(EVALUATIONS[key], justify="right")
    table.add_column("change", justify="right", no_wrap=True)
    by_grpo = list(found) == list(EVALUATIONS)
    if by_grpo:
        table.add_column("by GRPO", justify="right", no_wrap=True)
    for row, label in labelled:
        last = [_change(replace(row, cells=row.cells[-2:]))] if by_grpo else []
        table.add_row(label, *row.shown(), _change(row), *last)
        if any(row.shown_intervals()):
            table.add_row("  95 % interval", *row.shown_intervals(), style="dim")
    problems = [finite(each.get("problems")) for each in found.values()]
    if any(problems):
        counts = ["–" if count is None else f"{count:.0f}" for count in problems]
        table.add_row("problems", *counts, "", style="dim")
    table.caption = "\n".join(map(visible, sentences(summary))) if found else "No evaluation has finished yet."
    table.caption_justify = "left"
    return table


def _title(summary: Mapping[str, Any]) -> Text:
    facts = [str(summary["recipe"])] if summary.get("recipe") else []
    facts += [f"{key} {summary[key]}" for key in ("seed", "backend") if summary.get(key) not in (None, "")]
    return Text(visible(", ".join(facts)))


def _change(row: Row) -> Text:
    return Text(row.shown_delta(), style={"up": "bold blue", "down": "bold red", "same": ""}[row.direction()])
