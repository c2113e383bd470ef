"""The curves of a run: one value per key and step, whatever the trainer logged."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from plaudit.report.lines import Lines, finite


@dataclass(frozen=True, slots=True)
class Series:
    """One curve: steps in rising order, and a finite value at each."""

    name: str
    steps: tuple[int, ...]
    values: tuple[float, ...]

    def __bool__(self) -> bool:
        return bool(self.steps)


@dataclass(slots=True)
class Metrics:
    """All logged numbers, by stage, key and step.

    >>> from pathlib import Path
    >>> lines = Lines(Path("metrics.jsonl"), records=[(1, {"stage": "grpo", "step": 1, "reward": 4.0})])
    >>> read_metrics(lines).series("grpo", "reward").values
    (4.0,)
    """

    numbers: dict[tuple[str, str], dict[int, float]] = field(default_factory=dict)
    odd: list[str] = field(default_factory=list)
    first_time: float | None = None
    last_time: float | None = None

    def series(self, stage: str, key: str) -> Series:
        """Return one curve; an empty one where nothing was logged."""
        points = sorted(self.numbers.get((stage, key), {}).items())
        return Series(key, tuple(step for step, _ in points), tuple(value for _, value in points))

    def parts(self) -> list[str]:
        """Return the names of the parts that have a curve in GRPO, in the order they were first logged."""
        keys = [key for stage, key in self.numbers if stage == "grpo"]
        return [
            key.removeprefix("rewards/").removesuffix("/mean")
            for key in keys
            if key.startswith("rewards/") and key.endswith("/mean")
        ]

    def last_step(self, stage: str) -> int | None:
        """Return the last step of a stage that was logged; None where none was."""
        steps = [step for (kind, _), points in self.numbers.items() if kind == stage for step in points]
        return max(steps, default=None)


def read_metrics(lines: Lines) -> Metrics:
    """Collect the numbers of `metrics.jsonl`; where a resumed run logged a step twice, the later value counts."""
    metrics = Metrics()
    replaced: Counter[str] = Counter()
    not_finite: Counter[str] = Counter()
    for number, record in lines.records:
        step = record.get("step")
        if isinstance(step, bool) or not isinstance(step, int):
            lines.broken.append((number, "`step` isn't a whole number"))
            continue
        _note_time(metrics, record)
        _collect(metrics, str(record.get("stage")), step, record, replaced, not_finite)
    steps_again = max(replaced.values(), default=0)
    if steps_again:
        metrics.odd.append(f"{steps_again} step(s) were logged twice (a resumed run): the later value is shown.")
    if not_finite:
        named = ", ".join(f"{key} ({count})" for key, count in not_finite.most_common())
        metrics.odd.append(f"{lines.path.name}: NaN or infinite values, left as gaps in the curves: {named}.")
    return metrics


def _collect(
    metrics: Metrics,
    stage: str,
    step: int,
    record: Mapping[str, Any],
    replaced: Counter[str],
    not_finite: Counter[str],
) -> None:
    for key, value in record.items():
        if key in ("stage", "step", "time") or isinstance(value, bool) or not isinstance(value, (int, float)):
            continue
        number = finite(value)
        points = metrics.numbers.setdefault((stage, key), {})
        if step in points:
            replaced[f"{stage} {key}"] += 1
        if number is None:
            not_finite[f"{stage} {key}"] += 1
            points.pop(step, None)
        else:
            points[step] = number


def _note_time(metrics: Metrics, record: Mapping[str, Any]) -> None:
    time = finite(record.get("time"))
    if time is not None:
        metrics.first_time = time if metrics.first_time is None else min(metrics.first_time, time)
        metrics.last_time = time if metrics.last_time is None else max(metrics.last_time, time)


def smooth(values: Sequence[float], window: int) -> list[float]:
    """Return the centred moving average; the window shrinks towards the ends, so nothing is shifted.

    >>> smooth([0.0, 3.0, 6.0, 3.0], 3)
    [1.5, 3.0, 4.0, 4.5]
    """
    half = window // 2
    sums = [0.0]
    for value in values:
        sums.append(sums[-1] + value)
    bounds = [(max(0, at - half), min(len(values), at + half + 1)) for at in range(len(values))]
    return [(sums[end] - sums[start]) / (end - start) for start, end in bounds]
