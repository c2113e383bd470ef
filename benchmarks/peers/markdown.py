"""Small pieces of Markdown: tables and figures in words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def table(head: Sequence[str], rows: Iterable[Sequence[object]], texts: int = 1) -> str:
    """Make a table; the first columns (`texts` of them) are text, the others are figures."""
    lines = [_line(head), _line(["---"] * texts + ["---:"] * (len(head) - texts))]
    return "\n".join([*lines, *(_line(row) for row in rows)]) + "\n"


def _line(cells: Iterable[object]) -> str:
    return "| " + " | ".join(str(cell) for cell in cells) + " |"


def code(text: str, longest: int = 70) -> str:
    """Show a text of a row as code, on one line, its end if it is long."""
    flat = " ".join(text.split())
    flat = flat if len(flat) <= longest else "…" + flat[-longest:]
    fence = "``" if "`" in flat else "`"
    return f"{fence} {flat} {fence}".replace("|", "\\|") if flat else "(empty)"


def percent(value: float) -> str:
    """A percentage with two decimals."""
    return f"{value:.2f}"


def milliseconds(seconds: float) -> str:
    """Seconds as milliseconds, three figures."""
    return f"{seconds * 1e3:.3g}"


def per_second(value: float) -> str:
    """A rate: whole numbers, thousands apart."""
    return f"{value:,.0f}"


def times(ours: float, theirs: float) -> str:
    """How many times as fast."""
    ratio = ours / theirs
    return f"{ratio:,.0f}x" if ratio >= 10 else f"{ratio:.2g}x"
