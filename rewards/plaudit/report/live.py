"""A running training in the terminal: where it stands, its curves as sparklines, the latest completion."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Group
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from plaudit.report.follow import Tail, has_ended
from plaudit.report.lines import finite
from plaudit.report.visible import visible

BARS = "▁▂▃▄▅▆▇█"
WIDTH = 40
"""Characters of a sparkline."""

SHOWN = 300
"""Characters of the latest completion, from its end."""

_FIRST = {
    "loss": "loss",
    "reward": "reward",
    "reward_std": "reward, spread",
    "frac_reward_zero_std": "groups without signal",
    "completions/mean_length": "completion length",
}
_FAULTS = {
    "gradient/zero": "without a gradient although rewards differed within a group",
    "gradient/not_finite": "with a gradient that was not finite",
}
_SECONDS = {f"seconds/{name}": f"seconds, {name}" for name in ("generation", "rewards", "update")}


@dataclass(slots=True)
class Live:
    """What is known of a run so far; `update` reads what has been added.

    Attributes:
        run: The run folder; it need not be there yet.
        stage: The stage of the last logged step.
        step: The last logged step.
        curves: The values of each metric of that stage, in order.
        latest: The last completion that was written.
        completions: How many were written.
    """

    run: Path
    stage: str = ""
    step: int = 0
    begun: float | None = None
    last: float | None = None
    first_step: int = 0
    curves: dict[str, list[float]] = field(default_factory=dict)
    latest: Mapping[str, Any] = field(default_factory=dict)
    completions: int = 0
    ended: bool = False
    _metrics: Tail | None = None
    _completions: Tail | None = None

    def update(self) -> bool:
        """Read what has been added; tell whether there was anything."""
        self._metrics = self._metrics or Tail(self.run / "metrics.jsonl")
        self._completions = self._completions or Tail(self.run / "completions.jsonl")
        ended, restarts = has_ended(self.run), (self._metrics.restarts, self._completions.restarts)
        records = self._metrics.read()
        rows = self._completions.read()
        if self._metrics.restarts != restarts[0]:
            self.stage = ""
        if self._completions.restarts != restarts[1]:
            self.completions = 0
        for record in records:
            self._take(record)
        self.completions += len(rows)
        self.latest = rows[-1] if rows else self.latest
        changed = bool(records or rows or ended != self.ended)
        self.ended = ended
        return changed

    def _take(self, record: Mapping[str, Any]) -> None:
        step, stage, now = finite(record.get("step")), str(record.get("stage") or ""), finite(record.get("time"))
        if step is None:
            return
        if stage != self.stage:
            self.stage, self.begun, self.first_step = stage, now, int(step)
            self.curves.clear()
        self.step, self.last = int(step), now or self.last
        for key, value in record.items():
            number = finite(value)
            if number is not None and key not in ("step", "time"):
                self.curves.setdefault(key, []).append(number)

    @property
    def seconds_per_step(self) -> float | None:
        """How long a step of this stage takes; None before the second."""
        done = self.step - self.first_step
        return (self.last - self.begun) / done if self.begun and self.last and done > 0 else None


def view(live: Live, steps: int | None = None) -> Group:
    """Lay out what is known; `steps` is how many the stage will take, where that is known."""
    if not live.stage:
        waiting = "has not logged a step yet" if live.run.exists() else "isn't there yet"
        return Group(Text.assemble((visible(str(live.run)), "bold"), f" {waiting}."))
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    for name, values in _rows(live):
        ends = Text(f"{_short(values[0])} → {_short(values[-1])}")
        table.add_row(Text(visible(name), "cyan"), Text(spark(values), "bold"), ends)
    parts: list[Any] = [_head(live, steps), table]
    counted = [(len(live.curves[key]), what) for key, what in _FAULTS.items() if key in live.curves]
    parts += [Text(f"! {count} step{'s' if count > 1 else ''} {what}", "yellow") for count, what in counted]
    if live.latest:
        parts.append(_completion(live.latest))
    return Group(*parts)


def _head(live: Live, steps: int | None) -> Text:
    of = f" of {steps}" if steps else ""
    pieces = [f"{live.stage.upper()} step {live.step}{of}"]
    pace = live.seconds_per_step
    if pace:
        pieces.append(f"{pace:.2g} s a step")
        if steps and steps > live.step and not live.ended:
            pieces.append(f"about {_duration(pace * (steps - live.step))} left")
    pieces.append(f"{live.completions:,} completions")
    pieces.append("ended" if live.ended else "running")
    return Text.assemble((visible(live.run.name), "bold"), "  ", (" · ".join(pieces), "dim"))


def _rows(live: Live) -> Iterator[tuple[str, list[float]]]:
    parts = {
        key: key.removeprefix("rewards/").removesuffix("/mean")
        for key in live.curves
        if key.startswith("rewards/") and key.endswith("/mean") and live.curves[key] != live.curves.get("reward")
    }
    for key, name in {**_FIRST, **parts, **_SECONDS}.items():
        if live.curves.get(key):
            yield name, live.curves[key]


def _completion(row: Mapping[str, Any]) -> Panel:
    text = visible(str(row.get("completion") or ""))
    shown = text if len(text) <= SHOWN else f"[… {len(text) - SHOWN:,} characters …] {text[-SHOWN:]}"
    value = finite(row.get("value"))
    title = f"latest completion: {'abstains' if value is None else _short(value)}, gold {row.get('answer') or '–'}"
    return Panel(Text(shown), title=Text(visible(title)), title_align="left", border_style="dim")


def spark(values: list[float], width: int = WIDTH) -> str:
    """Draw values as a line of bars, neighbours averaged where there are more than fit.

    >>> spark([0.0, 1.0, 2.0, 3.0])
    '▁▃▆█'
    """
    size = -(-len(values) // width)
    means = [sum(values[at : at + size]) / len(values[at : at + size]) for at in range(0, len(values), size)]
    low, reach = min(means), max(means) - min(means)
    return "".join(BARS[round((mean - low) / reach * 7)] if reach else BARS[0] for mean in means)


def _short(number: float) -> str:
    return f"{number:.3g}" if abs(number) < 1000 else f"{number:,.0f}"


def _duration(seconds: float) -> str:
    minutes = round(seconds / 60)
    return f"{round(seconds)} s" if seconds < 90 else f"{minutes} min" if minutes < 90 else f"{seconds / 3600:.1f} h"
