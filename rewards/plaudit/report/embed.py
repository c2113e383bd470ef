"""The completions as data for the page's table: compact, complete where it can be, and unable to leave its element."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from markupsafe import Markup

from plaudit.report.completion import STAGES, Completion, PartScore
from plaudit.report.visible import visible

MAX_ROWS = 20_000
"""How many completions the table holds; of more, every n-th, and the page says so."""

TEXT_BUDGET = 32_000_000
"""How many characters of completions the table holds; beyond, the longest lose their middle, and say so."""


@dataclass(slots=True)
class Table:
    """What the page's script reads, and what had to be left out of it."""

    data: Markup
    notices: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Strings:
    """Texts that repeat (prompts, reasons, answers) are stored once and referred to by number."""

    numbers: dict[str, int] = field(default_factory=dict)

    def add(self, text: str) -> int:
        return self.numbers.setdefault(visible(text), len(self.numbers))


def embed(completions: Sequence[Completion], part_names: Sequence[str]) -> Table:
    """Encode completions as JSON for a script element that holds data; what doesn't fit is counted in the notices."""
    every = -(-len(completions) // MAX_ROWS) or 1
    kept = completions[::every]
    notices = []
    if every > 1:
        notices.append(f"The table shows one in {every} of {len(completions):,} completions; charts count them all.")
    limit = _text_limit([len(completion.text) for completion in kept])
    cut = sum(len(completion.text) > limit for completion in kept)
    if cut:
        notices.append(f"{cut:,} completion(s) over {limit:,} characters are shown without their middle.")
    strings = _Strings()
    rows = [_row(completion, part_names, strings, limit) for completion in kept]
    data = {
        "parts": [visible(name) for name in part_names],
        "stages": {stage: name for stage, name in STAGES.items() if stage},
        "strings": list(strings.numbers),
        "rows": rows,
    }
    return Table(safe_json(data), notices)


def safe_json(data: Any) -> Markup:
    r"""Return JSON that can't end the element it stands in, nor open a comment there.

    >>> print(safe_json("</script><!--"))
    "\u003c/script\u003e\u003c!--"
    """
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return Markup(text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026"))  # noqa: S704 - escaped


def _row(completion: Completion, part_names: Sequence[str], strings: _Strings, limit: int) -> list[Any]:
    parts = {part.name: part for part in completion.parts}
    return [
        completion.line,
        completion.stage,
        completion.step,
        completion.mode,
        strings.add(completion.prompt),
        visible(shortened(completion.text, limit, completion.line)),
        strings.add(completion.answer),
        None if completion.extracted is None else strings.add(completion.extracted),
        completion.value,
        strings.add(completion.reason),
        completion.correct,
        int(completion.failed),
        [_part(parts.get(name), strings) for name in part_names],
    ]


def _part(part: PartScore | None, strings: _Strings) -> list[Any] | None:
    return None if part is None else [part.value, part.weight, strings.add(part.reason)]


def shortened(text: str, limit: int, line: int) -> str:
    r"""Cut the middle out of a long text, and say how much and where it is.

    >>> shortened("abcdefghij", 6, 7)
    'ab\n[… 4 characters left out, line 7 of the file has them …]\nghij'
    """
    if len(text) <= limit:
        return text
    head = limit // 3
    tail = limit - head
    gone = len(text) - limit
    return f"{text[:head]}\n[… {gone:,} characters left out, line {line} of the file has them …]\n{text[-tail:]}"


def _text_limit(lengths: Sequence[int]) -> int:
    """The greatest length per text with which all of them fit the budget."""
    low, high = 200, max(lengths, default=0)
    if sum(lengths) <= TEXT_BUDGET:
        return high
    while low < high:
        middle = (low + high + 1) // 2
        fits = sum(min(length, middle) for length in lengths) <= TEXT_BUDGET
        low, high = (middle, high) if fits else (low, middle - 1)
    return low
