"""The charts of a report: curves, distributions, and length against reward."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import fmean
from typing import Any

from plaudit.report.metrics import Series, smooth
from plaudit.report.svg import COLOURS, new_figure, to_svg

POINTS = 400
"""How many points a curve has at most; longer ones are averaged over neighbouring steps, and the caption says so."""

BINS = 24
DISTINCT = 16
"""Up to this many distinct values a distribution shows each one; beyond, it shows bins."""


@dataclass(frozen=True, slots=True)
class Chart:
    """One chart: its title, its caption, and its drawing as inline SVG."""

    title: str
    caption: str
    svg: str


def curve(
    key: str,
    title: str,
    series: Series,
    *,
    colour: str,
    spread: Series | None = None,
    limits: tuple[float, float] | None = None,
    caption: str = "",
) -> Chart:
    """Draw one value over the steps: every step thin, the moving average thick, and a band of ± the spread."""
    steps, values, per_point = _thinned(series)
    figure, (axes,) = new_figure(220)
    window = max(1, len(values) // 12) | 1
    smoothed = smooth(values, window)
    if spread:
        _draw_band(axes, series, spread, colour)
    if window > 1:
        axes.plot(steps, values, color=COLOURS[colour], alpha=0.4, linewidth=0.9)
    axes.plot(steps, smoothed, color=COLOURS[colour], linewidth=2, marker="o" if len(steps) == 1 else "")
    _style_steps(axes, steps, limits)
    ends = f"{_short(smoothed[0])} → {_short(smoothed[-1])}"
    notes = [ends, caption, f"{per_point} steps averaged per point" if per_point > 1 else ""]
    label = f"{title} over steps {steps[0]} to {steps[-1]}, from {_short(smoothed[0])} to {_short(smoothed[-1])}."
    return Chart(title, "; ".join(filter(None, notes)), to_svg(figure, key, label))


def _draw_band(axes: Any, series: Series, spread: Series, colour: str) -> None:
    width = dict(zip(spread.steps, spread.values, strict=True))
    both = [
        (step, value, width[step]) for step, value in zip(series.steps, series.values, strict=True) if step in width
    ]
    if not both:
        return
    steps, values, widths = zip(*both, strict=True)
    at, middle, _ = _thinned(Series("", steps, values))
    _, around, _ = _thinned(Series("", steps, widths))
    low = [value - half for value, half in zip(middle, around, strict=True)]
    high = [value + half for value, half in zip(middle, around, strict=True)]
    axes.fill_between(at, low, high, color=COLOURS[colour], alpha=0.14, linewidth=0)


def stacked(key: str, title: str, layers: Mapping[str, Series]) -> Chart:
    """Draw several durations of the same steps on top of each other, in seconds."""
    shared = sorted(set.intersection(*(set(series.steps) for series in layers.values())))
    figure, (axes,) = new_figure(220)
    steps: list[float] = []
    means: dict[str, float] = {}
    heights: list[list[float]] = []
    for name, series in layers.items():
        values = dict(zip(series.steps, series.values, strict=True))
        steps, thin, _ = _thinned(Series(name, tuple(shared), tuple(values[step] for step in shared)))
        heights.append(thin)
        means[name] = fmean(values[step] for step in shared)
    colours = [COLOURS[f"series-{index}"] for index in (3, 2, 6)]
    axes.stackplot(steps, heights, labels=list(layers), colors=colours[: len(layers)], alpha=0.75, linewidth=0)
    _style_steps(axes, steps, (0.0, 1.25 * max(map(sum, zip(*heights, strict=True)))))
    axes.legend(loc="upper right", frameon=False, fontsize=11, labelcolor=COLOURS["ink"], ncols=len(layers))
    said = ", ".join(f"{name} {_short(mean)} s" for name, mean in means.items())
    return Chart(title, f"mean per step: {said}", to_svg(figure, key, f"{title}: {said}."))


def distribution(key: str, title: str, groups: Mapping[str, Sequence[float]], names: Mapping[str, str]) -> Chart:
    """Draw how one value is distributed at each stage, one row per stage, all on the same scales."""
    centres, width = _bars([value for values in groups.values() for value in values])
    figure, rows = new_figure(48 + 66 * len(groups), len(groups))
    said = []
    shared = {stage: _shares(values, centres) for stage, values in groups.items()}
    highest = max(max(shares) for shares in shared.values())
    top = next(each for each in (10, 20, 50, 100) if highest <= each + 1e-9)
    for axes, (stage, values) in zip(rows, groups.items(), strict=True):
        shares = shared[stage]
        axes.bar(centres, shares, width=width, color=_stage_colour(stage), linewidth=0)
        mean = fmean(values)
        axes.plot([mean], [0], marker="^", markersize=6, color=COLOURS["ink"], clip_on=False, zorder=5)
        axes.set_title(names[stage], loc="left", fontsize=11, pad=3, color=COLOURS["muted"])
        axes.set_ylim(0, top)
        axes.set_yticks([0, top / 2, top], ["", f"{top // 2} %", f"{top} %"])
        said.append(f"{names[stage].removesuffix(' training')} {_short(mean)}")
    figure.subplots_adjust(top=1 - 20 / (48 + 66 * len(groups)), bottom=26 / (48 + 66 * len(groups)), hspace=0.5)
    return Chart(title, " → ".join(said), to_svg(figure, key, f"{title}, mean {', '.join(said)}."))


def _shares(values: Sequence[float], centres: Sequence[float]) -> list[float]:
    """What percentage of the values lies nearest to each centre."""
    shares = [0.0] * len(centres)
    for value, count in Counter(values).items():
        shares[min(range(len(centres)), key=lambda at: abs(centres[at] - value))] += 100 * count / len(values)
    return shares


def _bars(values: Sequence[float]) -> tuple[list[float], float]:
    """Where the bars stand, and how wide they are: each distinct value where there are few, bins otherwise."""
    distinct = sorted(set(values))
    if len(distinct) <= DISTINCT:
        reach = (distinct[-1] - distinct[0]) or 1.0
        gap = min((after - before for before, after in pairwise(distinct)), default=reach)
        return distinct, max(0.8 * min(gap, reach / 12), reach / 45)
    size = (distinct[-1] - distinct[0]) / BINS
    return [distinct[0] + size * (index + 0.5) for index in range(BINS)], 0.92 * size


def length_against_reward(key: str, stage: str, title: str, pairs: Sequence[tuple[int, float]]) -> Chart:
    """Draw completions as dots, length in characters against reward; a dot's size is how many share its place."""
    lengths, rewards = zip(*pairs, strict=True)
    wide, high = max(lengths) / 48 or 1.0, (max(rewards) - min(rewards)) / 32 or 1.0
    cells = Counter((round(length / wide) * wide, round(value / high) * high) for length, value in pairs)
    figure, (axes,) = new_figure(220)
    by_size: dict[int, list[tuple[float, float]]] = {}
    for place, count in cells.items():
        by_size.setdefault(min(5, count.bit_length()), []).append(place)
    for size, places in sorted(by_size.items()):
        across, up = zip(*places, strict=True)
        axes.plot(
            across, up, "o", color=_stage_colour(stage), alpha=0.7, markersize=1.6 * size + 1.5, markeredgewidth=0
        )
    axes.set_xlabel("characters")
    axes.xaxis.set_major_formatter("{x:,.0f}")
    axes.margins(x=0.04, y=0.08)
    related = correlation(lengths, rewards)
    said = f"{len(pairs):,} completions, " + ("no correlation defined" if related is None else f"r = {related:+.2f}")
    return Chart(title, said, to_svg(figure, key, f"Length against reward, {title}: {said}."))


def correlation(left: Sequence[float], right: Sequence[float]) -> float | None:
    """Return Pearson's r; None where one side doesn't vary or there are fewer than three points.

    >>> correlation([1, 2, 3], [2, 4, 6]), correlation([1, 2, 3], [1, 1, 1])
    (1.0, None)
    """
    if len(left) < 3 or len(set(left)) < 2 or len(set(right)) < 2:
        return None
    mean_left, mean_right = fmean(left), fmean(right)
    across = math.fsum((x - mean_left) ** 2 for x in left)
    up = math.fsum((y - mean_right) ** 2 for y in right)
    both = math.fsum((x - mean_left) * (y - mean_right) for x, y in zip(left, right, strict=True))
    return both / math.sqrt(across * up) if across * up > 0 else None


def _thinned(series: Series) -> tuple[list[float], list[float], int]:
    """Average neighbouring points so that at most `POINTS` remain; returns how many went into each."""
    size = -(-len(series.steps) // POINTS)
    starts = range(0, len(series.steps), size)
    steps = [fmean(series.steps[at : at + size]) for at in starts]
    return steps, [fmean(series.values[at : at + size]) for at in starts], size


def _style_steps(axes: Any, steps: Sequence[float], limits: tuple[float, float] | None) -> None:
    axes.set_xlabel("step")
    axes.xaxis.get_major_locator().set_params(integer=True, nbins=6)
    axes.yaxis.get_major_locator().set_params(nbins=5)
    if len(steps) > 1:
        axes.set_xlim(steps[0], steps[-1])
    if limits:
        axes.set_ylim(*limits)


def _stage_colour(stage: str) -> str:
    return COLOURS[stage or "grpo"]


def _short(number: float) -> str:
    text = f"{number:,.0f}" if abs(number) >= 1000 else f"{number:.2g}" if abs(number) < 0.1 else f"{number:.2f}"
    return text.replace("-", "−")
