"""What goes to the terminal: results on standard output, notes and progress on standard error."""

from __future__ import annotations

import json
import os
import sys
from typing import IO, Any

from rich.console import Console
from rich.text import Text

PIPED_WIDTH = 160
"""Columns of a table that no terminal shows, unless COLUMNS says otherwise."""


def output() -> Console:
    """Return the console for results."""
    return _console(sys.stdout)


def notes() -> Console:
    """Return the console for notes, warnings, errors and progress."""
    return _console(sys.stderr)


def _console(stream: IO[str]) -> Console:
    width = None if stream.isatty() or "COLUMNS" in os.environ else PIPED_WIDTH
    return Console(file=stream, width=width, highlight=False, soft_wrap=False)


def print_json(data: Any) -> None:
    """Print a result for programs: one JSON document on standard output."""
    text = json.dumps(data, ensure_ascii=False, indent=2, default=str)
    sys.stdout.write(text.encode("utf-8", "backslashreplace").decode() + "\n")


def visible(text: str) -> str:
    r"""Show characters that would steer the terminal as pictures of themselves, one for one.

    What a model writes may hold escape sequences, and must not move the cursor or fake a line.

    >>> visible("a\x1b[2J\tb\ud83d")
    'a␛[2J\tb�'
    """
    return text.translate(_PICTURES)


def plain(text: Any, style: str = "") -> Text:
    """Wrap a text from outside so that neither its markup nor its control characters take effect."""
    return Text(visible(str(text)), style=style)


def number(value: float | None) -> str:
    """Write a number for a table; a dash where there is none.

    >>> number(3.0), number(-0.123456), number(None)
    ('3', '-0.1235', '–')
    """
    return "–" if value is None else f"{value or 0.0:.4g}"  # never -0


_PICTURES = (
    {code: 0x2400 + code for code in range(0x20) if chr(code) not in "\n\t"}
    | dict.fromkeys([0x7F, *range(0x80, 0xA0), *range(0x202A, 0x202F), *range(0x2066, 0x206A)], 0xFFFD)
    | dict.fromkeys(range(0xD800, 0xE000), 0xFFFD)
)
