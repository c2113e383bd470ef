"""What a person sees while it runs: a bar with rate and time left and a live line; on no terminal, a line per stage."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

from rich.console import Console, Group
from rich.live import Live
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.text import Text

PATIENCE_SECONDS = 15.0

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class Pace:
    """How fast a stage goes, without its first step: that one compiles, and would spoil the rate for long.

    >>> pace = Pace()
    >>> [pace.rate(done, seconds) for done, seconds in [(0, 0.0), (1, 60.0), (1, 60.5), (2, 62.0), (4, 66.0)]]
    [0.0, 0.0, 0.0, 0.5, 0.5]
    """

    def __init__(self) -> None:
        self._begun: int | None = None
        self._since: tuple[int, float] | None = None

    def rate(self, done: int, now: float) -> float:
        """Return steps per second since the end of the first step; 0 where that can't be known yet."""
        if self._begun is None:
            self._begun = done
        if self._since is None:
            self._since = (done, now) if done > self._begun else None
            return 0.0
        steps, seconds = done - self._since[0], now - self._since[1]
        return steps / seconds if steps and seconds > 0 else 0.0


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
            TextColumn("{task.fields[left]}"),
        )
        self._task = self._progress.add_task(title, total=total, rate="", left="")
        self._total, self._pace = total, Pace()

    def renderable(self) -> Group:
        """Bar above, line below."""
        return Group(self._progress, self._line)

    def begin_at(self, done: int) -> None:
        """Start from what an earlier part of the run has done."""
        self._pace = Pace()
        self.show(done)

    def show(self, done: int, line: str | None = None) -> None:
        """Move the bar to `done`, and change the line under it."""
        rate = self._pace.rate(done, time.perf_counter())
        label = "" if not rate else f"{rate:.1f}/s" if rate >= 1 else f"{1 / rate:.1f} s each"
        left = f"ETA {timedelta(seconds=round((self._total - done) / rate))}" if rate else ""
        self._progress.update(self._task, completed=done, rate=label, left=left)
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
        self._notes: list[str] = []

    def say(self, text: str) -> None:
        """Print one line."""
        self.console.print(text, highlight=False)

    def warn(self, text: str) -> None:
        """Print one line that asks for attention."""
        self.say(f"[yellow]![/] {escape(text)}")

    def note(self, text: str) -> None:
        """Print one line that asks for attention, and keep it for the run's summary."""
        self.warn(text)
        self._notes.append(text)

    def take_notes(self) -> list[str]:
        """Return what was noted since the last call."""
        notes, self._notes = self._notes, []
        return notes

    @contextmanager
    def waiting(self, why: str, after_seconds: float = PATIENCE_SECONDS) -> Iterator[Callable[[], None]]:
        """Say why it takes long, once, if it does; call what is yielded when it is over before the block is.

        Args:
            why: The reason; nothing is said where it is empty.
            after_seconds: How long nobody wonders.
        """
        timer = threading.Timer(after_seconds, self.say, [f"[dim]{why}[/]"])
        timer.daemon = True
        if why:
            timer.start()
        try:
            yield timer.cancel
        finally:
            timer.cancel()

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
