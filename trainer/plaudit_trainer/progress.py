"""What a person sees while it runs: a bar with rate and time left and a live line; on no terminal, a line per stage."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console, Group
from rich.live import Live
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator


class Bar:
    """The progress of one stage."""

    def __init__(self, total: int, title: str, live: Live | None) -> None:
        self._live = live
        self._line = Text("", style="dim")
        self._progress = Progress(
            TextColumn("[bold]{task.description}"),
            BarColumn(bar_width=30),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rate]}"),
            TimeElapsedColumn(),
            TextColumn("ETA"),
            TimeRemainingColumn(),
        )
        self._task = self._progress.add_task(title, total=total, rate="")
        self._start, self._first = time.perf_counter(), 0

    def renderable(self) -> Group:
        """Bar above, line below."""
        return Group(self._progress, self._line)

    def begin_at(self, done: int) -> None:
        """Start from what an earlier part of the run has done."""
        self._first, self._start = done, time.perf_counter()
        self.show(done)

    def show(self, done: int, line: str | None = None) -> None:
        """Move the bar to `done`, and change the line under it."""
        elapsed = time.perf_counter() - self._start
        rate = (done - self._first) / elapsed if elapsed > 0 else 0.0
        label = "" if not rate else f"{rate:.1f}/s" if rate >= 1 else f"{1 / rate:.1f} s each"
        self._progress.update(self._task, completed=done, rate=label)
        if line is not None:
            self._line.plain = line
        if self._live is not None:
            self._live.refresh()


class Reporter:
    """Tells a person how the run is going, on the error stream.

    Args:
        console: Where to; quiet but for one line per stage where it is no terminal.
        silent: Say nothing at all (processes other than the first).
    """

    def __init__(self, console: Console | None = None, *, silent: bool = False) -> None:
        self.console = console or Console(stderr=True, quiet=silent)

    def say(self, text: str) -> None:
        """Print one line."""
        self.console.print(text, highlight=False)

    @contextmanager
    def stage(self, title: str, total: int) -> Iterator[Bar]:
        """Show the progress of a stage, and at its end how long it took."""
        start = time.perf_counter()
        if self.console.is_terminal:
            bar = Bar(total, title, None)
            with Live(bar.renderable(), console=self.console, refresh_per_second=4, transient=True) as live:
                bar._live = live
                yield bar
        else:
            yield Bar(total, title, None)
        self.say(f"[green]✓[/] {title}: {time.perf_counter() - start:.0f} s")
