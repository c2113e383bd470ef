"""How the pages that follow a run are filled with its facts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

CHINESE = {
    "reward, sampled": "奖励，采样",
    "reward, greedy": "奖励，贪心",
    "accuracy, sampled": "正确率，采样",
    "accuracy, greedy": "正确率，贪心",
    "format right, sampled": "形式正确，采样",
    "format right, greedy": "形式正确，贪心",
    "pass@4, sampled": "四次中任一次对，采样",
    "majority@4, sampled": "四次多数表决，采样",
}
"""What a table's rows are called in Chinese."""


def fill(template: Path, facts: Mapping[str, Any], filters: Mapping[str, Callable[..., Any]]) -> str:
    """Return a page: its template (`en.md.j2` or `zh.md.j2`) with facts in it; a fact that is missing is an error."""
    # Markdown, not HTML: nothing is to be escaped.
    surroundings = Environment(
        loader=FileSystemLoader(template.parent, encoding="utf-8"),
        undefined=StrictUndefined,
        trim_blocks=True,
        keep_trailing_newline=True,
    )
    # A space before the sign is the habit of these pages in English, and none in Chinese.
    sign = "%" if template.name.startswith("zh") else " %"
    surroundings.filters |= {
        "number": number,
        "points": points,
        "unbroken": unbroken,
        "percent": partial(percent, sign=sign),
        **filters,
    }
    return surroundings.get_template(template.name).render(facts)


def write_all(pictures: Iterable[Path], pages: Mapping[str, Path], rendered: Callable[[str], str]) -> None:
    """Write the pages, each from its template, and say what is there now, the pictures too."""
    for picture in pictures:
        print(f"{picture.name}: {picture.stat().st_size / 1000:.0f} kB")
    for template, page in pages.items():
        page.write_text(rendered(template), encoding="utf-8")
        print(page)


def number(value: float | None, digits: int = 2) -> str:
    """Write a number with a real minus; `–` where there is none."""
    return "–" if value is None else f"{value:,.{digits}f}".replace("-", "−")


def points(share: float) -> str:
    """Write a difference of shares in percentage points, with its sign."""
    return f"{100 * share:+.1f}".replace("-", "−")


def percent(value: float | None, digits: int = 0, *, sign: str = " %") -> str:
    """Write a share as percent."""
    return "–" if value is None else f"{100 * value:.{digits}f}{sign}"


def unbroken(text: str) -> str:
    """Keep a cell on one line; a phone scrolls a wide table."""
    return text.replace(" ", "&nbsp;")
