"""The pictures of the page "A real model", drawn from its facts alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from road.pictures import BLUE, GREEN, GREY, INK, ORANGE, STYLE, new_figure

from plaudit.report.metrics import smooth

RUN_COLOURS = (BLUE, ORANGE, GREEN)
MEASURES = {
    "sampled": "sampled, one try",
    "pass": "right in any of 4 tries",
    "majority": "majority of 4 tries",
    "greedy": "greedy",
}


def draw_all(facts: dict[str, Any], folder: Path) -> list[Path]:
    """Draw every picture into a folder, and return the files."""
    import matplotlib as mpl

    drawn = []
    with mpl.rc_context(STYLE):
        for name, draw in (("reward", reward), ("accuracy", accuracy), ("seconds", seconds)):
            target = folder / f"real-model-{name}.svg"
            draw(facts).savefig(target, metadata={"Date": None})
            drawn.append(target)
    return drawn


def reward(facts: dict[str, Any]) -> Any:
    """The total, the answer's part and the length by step, a line for each training."""
    figure, rows = new_figure(5.2, 3)
    titles = {
        "reward": "mean reward of a step's completions (−10 to 13)",
        "answer": "of it, what answer-match pays (−2.5 to 5)",
        "tokens": "tokens of a completion",
    }
    for axes, (name, title) in zip(rows, titles.items(), strict=True):
        for (label, training), colour in zip(facts["trainings"].items(), RUN_COLOURS, strict=True):
            curves = training["curves"]
            steps = range(1, len(curves[name]) + 1)
            if colour == RUN_COLOURS[0]:  # the raw steps of all three hide each other
                axes.plot(steps, curves[name], color=colour, alpha=0.3, linewidth=0.8)
            axes.plot(steps, smooth(curves[name], 5), color=colour, linewidth=2, label=label)
        axes.set_title(title, pad=20 if name == "reward" else 6)
        axes.yaxis.set_major_formatter(lambda value, _: f"{value:g}".replace("-", "−"))
    rows[0].legend(loc="lower left", bbox_to_anchor=(-0.01, 0.94), ncols=3, frameon=False, fontsize=9, handlelength=1)
    rows[-1].set_xlabel("step of GRPO")
    return figure


def accuracy(facts: dict[str, Any]) -> Any:
    """Four ways to count what is right, before GRPO and after it, with their 95 % intervals."""
    figure, axes = new_figure(2.7)
    for at, name in enumerate(MEASURES):
        for stage, colour, shift in (("after_sft", GREY, -0.17), ("after_grpo", GREEN, 0.17)):
            value, low, high = (100 * share for share in measure(facts["summary"][stage], name))
            label = {"after_sft": "after SFT", "after_grpo": "after GRPO"}[stage] if not at else None
            axes.barh(at + shift, value, height=0.3, color=colour, linewidth=0, label=label)
            axes.plot([low, high], [at + shift] * 2, color=INK, linewidth=1.2)
            axes.text(high + 0.2, at + shift, f"{value:.1f}", va="center", fontsize=9)
    axes.set_yticks(range(len(MEASURES)), list(MEASURES.values()))
    axes.invert_yaxis()
    axes.grid(visible=False, axis="y")
    axes.locator_params(axis="x", nbins=5)
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:g} %")
    axes.set_title(f"of {facts['summary']['after_sft']['problems']:,} problems that were never trained on")
    axes.legend(loc="lower right", frameon=False, fontsize=9, handlelength=1)
    return figure


def measure(result: dict[str, Any], name: str) -> tuple[float, float, float]:
    """Return a value with the ends of its interval."""
    if name in ("pass", "majority"):
        found = result[f"{name}_at"]["4"]
        return found["value"], found["low"], found["high"]
    low, high = result["intervals"][f"{name}_accuracy"]
    return result[f"{name}_accuracy"], low, high


def seconds(facts: dict[str, Any]) -> Any:
    """Where a step's seconds go."""
    figure, axes = new_figure(1.2)
    left = 0.0
    for name, colour in (("generation", BLUE), ("update", GREEN), ("rewards", ORANGE)):
        value = next(iter(facts["trainings"].values()))["median"][name]
        shown = f"{value:.2f}" if value < 0.1 else f"{value:.1f}"
        axes.barh(0, value, left=left, color=colour, height=0.6, linewidth=0, label=f"{name} {shown} s")
        left += value
    axes.set_title("a step of GRPO (medians)", pad=20)
    axes.legend(
        loc="lower left", bbox_to_anchor=(-0.01, 0.92), ncols=3, frameon=False, fontsize=9, handlelength=1,
    )  # fmt: skip
    axes.set_yticks([])
    axes.set_xticks([])
    axes.grid(visible=False)
    axes.set_xlim(0, left)
    axes.spines["bottom"].set_visible(False)
    return figure
