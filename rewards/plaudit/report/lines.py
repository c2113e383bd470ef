"""JSON lines that may be damaged: everything readable is kept, everything else is counted and named."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from plaudit.errors import DataError

NAMED = 5
"""How many damaged lines a notice lists by number; the rest are counted."""


@dataclass(slots=True)
class Lines:
    """The objects of one JSONL file with their line numbers (from 1), and what could not be read.

    Attributes:
        path: The file.
        found: Whether the file is there at all.
        records: Line number and object.
        broken: Line number and why it could not be read.
        half_written: The line number of a last line that breaks off, as while a run still writes; None if none does.
    """

    path: Path
    found: bool = True
    records: list[tuple[int, Mapping[str, Any]]] = field(default_factory=list)
    broken: list[tuple[int, str]] = field(default_factory=list)
    half_written: int | None = None

    def notices(self) -> list[str]:
        """Return a sentence for each thing that is wrong with the file."""
        name = self.path.name
        if not self.found:
            return [f"{name} isn't there (yet)."]
        said = [] if self.records or self.broken or self.half_written else [f"{name} is empty."]
        if self.half_written:
            said.append(f"{name}: the last line ({self.half_written}) is half-written, so it was left out.")
        if self.broken:
            listed = "; ".join(f"line {number}: {why}" for number, why in self.broken[:NAMED])
            more = f"; and {len(self.broken) - NAMED} more" if len(self.broken) > NAMED else ""
            said.append(f"{name}: left out {len(self.broken)} damaged line(s): {listed}{more}.")
        return said


def read_lines(path: Path) -> Lines:
    """Read a JSONL file, keeping every line that holds an object.

    Raises:
        DataError: The file is there but can't be opened.
    """
    lines = Lines(path)
    try:
        with path.open("rb") as file:
            for number, raw in enumerate(file, start=1):
                _read_line(lines, number, raw)
    except FileNotFoundError:
        lines.found = False
    except OSError as error:
        raise DataError(f"{path} can't be read: {error}") from error
    return lines


def _read_line(lines: Lines, number: int, raw: bytes) -> None:
    if not raw.strip():
        return
    try:
        record = json.loads(raw)
    except (ValueError, RecursionError) as error:
        if raw.endswith(b"\n"):
            lines.broken.append((number, f"not JSON ({type(error).__name__})"))
        else:
            lines.half_written = number
        return
    if isinstance(record, Mapping):
        lines.records.append((number, record))
    else:
        lines.broken.append((number, f"{type(record).__name__}, not an object"))


def finite(value: Any) -> float | None:
    """Return a finite number as a float, and None for everything else.

    >>> finite(3), finite(float("nan")), finite("3"), finite(True), finite(10**400)
    (3.0, None, None, None, None)
    """
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None
