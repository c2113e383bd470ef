"""The pictures of the page "One run, step by step": SVG on a light ground of their own, for light and dark pages."""

from __future__ import annotations

from pathlib import Path
from statistics import fmean
from typing import Any

from benchmarks.demo_seeds import STRATEGIES, strategy

from plaudit import Recipe
from plaudit.registry import load
from plaudit.report.metrics import Series, smooth
from plaudit.report.run import Run

INK, MUTED, GRID = "#22262e", "#5d6573", "#e3e6eb"
BLUE, ORANGE, GREEN, GREY = "#2f6db3", "#c8641b", "#3a8a5f", "#9aa3b0"
COLOURS = {"careful": GREEN, "guess": ORANGE, "sloppy": GREY}
WIDTH_INCHES = 5.6  # 538 CSS pixels: the text is still readable where a phone shrinks it
BIN_STEPS = 5
STYLE = {
    "font.size": 10,
    "axes.edgecolor": GRID,
    "axes.labelcolor": MUTED,
    "axes.titlesize": 10,
    "axes.titlelocation": "left",
    "axes.titlecolor": INK,
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.spines.left": False,
    "grid.color": GRID,
    "text.color": INK,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.major.size": 0,
    "ytick.major.size": 0,
    "figure.constrained_layout.use": True,
    "figure.constrained_layout.w_pad": 0.12,
    "figure.constrained_layout.h_pad": 0.1,
    "svg.fonttype": "none",
    "svg.hashsalt": "plaudit",
}


def draw_all(run: Run, facts: dict[str, Any], folder: Path) -> list[Path]:
    """Draw every picture into a folder, and return the files."""
    import matplotlib as mpl

    drawn = []
    with mpl.rc_context(STYLE):
        figures = {
            "group": group(facts),
            "reward": reward(run),
            "parts": parts(run),
            "strategies": strategies(run),
            "seconds": seconds(facts),
        }
        for name, figure in figures.items():
            target = folder / f"road-{name}.svg"
            figure.savefig(target, metadata={"Date": None})
            drawn.append(target)
    return drawn


def group(facts: dict[str, Any]) -> Any:
    """The rewards of one group around their mean, and what each deviation becomes."""
    rows, mean = facts["group"]["rows"], facts["group"]["mean"]
    figure, axes = new_figure(2.9)
    for at, row in enumerate(rows, 1):
        colour = BLUE if row["value"] > mean else ORANGE
        axes.barh(at, row["value"] - mean, left=mean, color=colour, height=0.62, linewidth=0)
        side = 1 if row["value"] > mean else -1
        axes.text(row["value"] + 0.2 * side, at, f"{row['advantage']:+.2f}".replace("-", "−"), va="center",
                  ha="left" if side > 0 else "right", color=colour, fontsize=9)  # fmt: skip
    axes.axvline(mean, color=INK, linewidth=1.2)
    axes.set_title(f"from the mean ({mean:.2f}) to each reward; beside it, the advantage")
    axes.set_yticks(range(1, len(rows) + 1), [f"{at} {row['strategy']}" for at, row in enumerate(rows, 1)])
    axes.invert_yaxis()
    axes.grid(visible=False, axis="y")
    low, high = (choose(row["value"] for row in rows) for choose in (min, max))
    axes.set_xlim(low - 2, high + 2)
    axes.set_xlabel("reward")
    return figure


def reward(run: Run) -> Any:
    """The total by step, above the share of groups without signal."""
    figure, (above, below) = new_figure(3.9, 2)
    _curve(above, run.metrics.series("grpo", "reward"), BLUE)
    above.set_title("mean reward of a step's completions")
    _curve(below, run.metrics.series("grpo", "frac_reward_zero_std"), ORANGE)
    below.set_title("share of groups without signal (all completions earn the same)")
    below.set_ylim(0, 1)
    below.yaxis.set_major_formatter(lambda value, _: f"{100 * value:.0f} %")
    below.set_xlabel("step of GRPO")
    return figure


def parts(run: Run) -> Any:
    """Each judge's mean by step, between the least and the most that it pays."""
    figure, cells = new_figure(4.0, 2, 2)
    for name, axes in zip(run.part_names(), cells.flat, strict=True):
        spec = load(name).spec
        _curve(axes, run.metrics.series("grpo", f"rewards/{name}/mean"), BLUE)
        margin = 0.04 * (spec.high - spec.low)
        axes.set_ylim(spec.low - margin, spec.high + margin)
        axes.set_yticks([spec.low, 0, spec.high] if spec.low else [0, spec.high / 2, spec.high])
        axes.yaxis.set_major_formatter(lambda value, _: f"{value:g}".replace("-", "−"))
        axes.set_title(f"{name}, {spec.low:g} to {spec.high:g}".replace("-", "−").replace("−", "-", name.count("-")))
    for axes in cells[1]:
        axes.set_xlabel("step of GRPO")
    return figure


def strategies(run: Run) -> Any:
    """What the completions of GRPO are made of, and how many of the careful ones are right."""
    form = Recipe.load(run.path / "recipe.yaml").format
    kept = [row for row in run.completions if row.stage == "grpo"]
    bins: dict[int, list[tuple[str, bool]]] = {}
    for row in kept:
        bins.setdefault((row.step - 1) // BIN_STEPS, []).append((strategy(form, row.text), bool(row.correct)))
    figure, (above, below) = new_figure(3.9, 2)
    middles = [BIN_STEPS * (at + 0.5) + 0.5 for at in bins]
    floor = [0.0] * len(bins)
    for kind in STRATEGIES:
        shares = [sum(found == kind for found, _ in some) / len(some) for some in bins.values()]
        above.bar(middles, shares, bottom=floor, width=0.86 * BIN_STEPS, color=COLOURS[kind], label=kind, linewidth=0)
        floor = [low + more for low, more in zip(floor, shares, strict=True)]
    above.set_title(f"what the completions are, {BIN_STEPS} steps a bar", pad=20)
    _legend_over(above, 0.98)
    careful = [fmean(right for kind, right in some if kind == "careful") for some in bins.values()]
    below.plot(middles, careful, color=GREEN, linewidth=2, marker="o", markersize=4)
    below.set_title("of the careful ones, the share that is right")
    below.set_xlabel("step of GRPO")
    for axes in (above, below):
        axes.set_xlim(0, BIN_STEPS * len(bins) + 1)
        axes.set_ylim(0, 1)
        axes.yaxis.set_major_formatter(lambda value, _: f"{100 * value:.0f} %")
    return figure


def seconds(facts: dict[str, Any]) -> Any:
    """Where the seconds went: in the run, and in a step of GRPO."""
    spent, step = facts["summary"]["seconds"], facts["summary"]["step_seconds"]
    measured = sum(spent.get(stage, 0.0) for stage in ("before", "after_sft", "after_grpo"))
    run_bar = {"supervised stage": spent["sft"], "GRPO": spent["grpo"], "three evaluations": measured}
    step_bar = {name: step[name] * step["step"] for name in ("generation", "rewards", "update")}
    figure, rows = new_figure(2.0, 2)
    for axes, title, bar in zip(
        rows, ("the run's stages", "a step of GRPO (the median)"), (run_bar, step_bar), strict=True
    ):
        left = 0.0
        for (name, value), colour in zip(bar.items(), (BLUE, ORANGE, GREEN), strict=True):
            axes.barh(0, value, left=left, color=colour, height=0.6, linewidth=0, label=f"{name} {value:.2g} s")
            left += value
        axes.set_title(f"{title}: {left:.2g} s", pad=20)
        axes.set_yticks([])
        axes.grid(visible=False)
        axes.set_xlim(0, left)
        axes.set_xticks([])
        axes.spines["bottom"].set_visible(False)
        _legend_over(axes, 0.92)
    return figure


def new_figure(height: float, rows: int = 1, columns: int = 1) -> tuple[Any, Any]:
    """Return a figure as wide as a page's column, `height` inches high, and its axes."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(WIDTH_INCHES, height))
    return figure, figure.subplots(rows, columns, sharex=rows > 1 and columns == 1 and height > 3)


def _legend_over(axes: Any, height: float) -> None:
    """Put the legend in one line between title and plot."""
    place = {"loc": "lower left", "bbox_to_anchor": (-0.01, height), "ncols": 3}
    axes.legend(**place, frameon=False, fontsize=9, handlelength=1, borderpad=0.2)


def _curve(axes: Any, series: Series, colour: str) -> None:
    axes.plot(series.steps, series.values, color=colour, alpha=0.35, linewidth=0.9)
    axes.plot(series.steps, smooth(series.values, 7), color=colour, linewidth=2)
    axes.set_xlim(0, series.steps[-1])
