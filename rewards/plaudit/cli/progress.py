"""Progress of reading and scoring files: on a terminal only, on standard error."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Protocol

from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from plaudit.cli.screen import notes
from plaudit.files import STANDARD_INPUT, path_of
from plaudit.storage.hub import PREFIX


class Advance(Protocol):
    """Says that so many rows, which take so many bytes of the files, are done."""

    def __call__(self, *, rows: int, size: int) -> None:
        """Move the bar."""


@contextmanager
def row_progress(sources: Sequence[str]) -> Iterator[Advance]:
    """Show rows done, rate and remaining time; the time is known only where the size of every source is."""
    screen = notes()
    known = not any(source == STANDARD_INPUT or source.startswith(PREFIX) for source in sources)
    total = sum(path_of(source).stat().st_size for source in sources) if known else None
    columns = (
        TextColumn("scoring"),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[rows]:,} rows · {task.fields[rate]}"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=screen, transient=True, disable=not screen.is_terminal) as progress:
        task = progress.add_task("", total=total, rows=0, rate="– rows/s")
        done = 0

        def advance(*, rows: int, size: int) -> None:
            nonlocal done
            done += rows
            elapsed = progress.tasks[0].elapsed or 0.0
            rate = f"{done / elapsed:,.0f} rows/s" if elapsed else "– rows/s"
            progress.update(task, advance=size, rows=done, rate=rate)

        yield advance
