"""One score, laid out for a person."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from plaudit.cli.screen import number, output, plain
from plaudit.report.visible import visible as spelt

MARK = "bold black on green"
TAG = "bold cyan"


def print_explanation(facts: dict[str, Any]) -> None:
    """Print prompt, completion, answer beside gold, and every part with its reason."""
    screen = output()
    screen.print(plain(facts["place"], "bold"), plain(f"judged by {facts['reward']}", "dim"))
    if facts["prompt"]:
        screen.print(
            Panel(plain(facts["prompt"]), title="prompt", title_align="left", border_style="dim", expand=False)
        )
    screen.print(Panel(_marked(facts), title="completion", title_align="left", border_style="dim", expand=False))
    screen.print(_answers(facts))
    if facts["patterns"]:
        screen.print(plain(f"looks suspicious: {', '.join(facts['patterns'])}", "yellow"))
    screen.print()
    screen.print(_parts(facts))
    for name, reason in _failures(facts):
        screen.print(plain(f"\n{name} {reason}", "red"))


def _marked(facts: dict[str, Any]) -> Text:
    """The completion with its answer and the format's tags in colour; what hides or reorders text is spelt out."""
    completion = facts["completion"]
    if not completion:
        return Text("(empty)", "dim")
    styles = [(span, TAG) for span in facts["tags"]]
    if facts["span"]:
        styles.append((facts["span"], MARK))
    edges = sorted({0, len(completion), *(edge for span, _ in styles for edge in span)})
    text = Text()
    for start, end in pairwise(edges):
        style = [style for span, style in styles if span[0] <= start and end <= span[1]]
        text.append(spelt(completion[start:end]), style[-1] if style else "")
    return text


def _answers(facts: dict[str, Any]) -> Table:
    grid = Table.grid(padding=(0, 3, 0, 0))
    found = facts["extracted"]
    grid.add_row("[bold]answer found[/]", plain("none", "dim") if found is None else Text(spelt(found), MARK))
    for name, value in facts["columns"].items():
        grid.add_row(plain("gold" if name == "answer" else name, "bold"), Text(spelt(str(value))))
    return grid


def _parts(facts: dict[str, Any]) -> Table:
    table = Table(box=None, header_style="bold", pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column("part", no_wrap=True)
    for heading in ("value", "weight", "adds"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("why")
    for depth, part in _walk(facts["parts"], 0):
        adds = None if part["value"] is None else part["weight"] * part["value"]
        style = "dim" if part["weight"] == 0 else _colour(adds)
        name = plain("  " * depth + part["name"], "cyan")
        cells = (number(part["value"]), f"× {part['weight']:g}", plain(number(adds), style))
        table.add_row(name, *cells, plain(_first_line(part["reason"])))
    verdict = "abstains" if facts["value"] is None else number(facts["value"])
    span = "" if facts["low"] is None else f"of {number(facts['low'])} … {number(facts['high'])}"
    why = _first_line(facts["reason"]) if not facts["parts"] or facts["value"] is None else ""
    total = plain(verdict, f"bold {_colour(facts['value'])}")
    table.add_row(plain(facts["reward"], "bold"), "", "", total, plain(f"{span}  {why}".strip(), "dim"))
    return table


def _walk(parts: list[dict[str, Any]], depth: int) -> Iterator[tuple[int, dict[str, Any]]]:
    for part in parts:
        yield depth, part
        yield from _walk(part["parts"], depth + 1)


def _failures(facts: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """The tracebacks, which the table has no room for."""
    rows = [facts | {"name": facts["reward"]}, *(part for _, part in _walk(facts["parts"], 0))]
    return ((row["name"], row["reason"]) for row in rows if "\n" in row["reason"])


def _first_line(reason: str) -> str:
    return reason.partition("\n")[0]


def _colour(value: float | None) -> str:
    return "yellow" if value is None else "green" if value > 0 else "red" if value < 0 else ""
