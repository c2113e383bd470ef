"""What `plaudit train` prints: the plan of a dry run, and the before/after table of a finished one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml
from rich.console import Console
from rich.syntax import Syntax
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from plaudit_trainer.launch import Outcome
    from plaudit_trainer.preflight import Plan

STAGES = {"before": "before", "after_sft": "after SFT", "after_grpo": "after GRPO"}
ROWS = {
    "sampled_reward": "mean reward, sampled",
    "sampled_accuracy": "accuracy, sampled",
    "sampled_format": "exact format, sampled",
    "greedy_reward": "mean reward, greedy",
    "greedy_accuracy": "accuracy, greedy",
    "greedy_format": "exact format, greedy",
}


def show_plan(plan: Plan) -> None:
    """Print the resolved run and its scored sample batch."""
    console = Console()
    text = yaml.safe_dump(plan.recipe.to_dict(), sort_keys=False, allow_unicode=True)
    console.print(Syntax(text, "yaml", background_color="default"))
    table = Table(title="The reward on a sample batch", title_justify="left")
    for heading in ("completion", "score", "why"):
        table.add_column(heading, overflow="fold", justify="right" if heading == "score" else "left")
    for kind, sample, score in plan.scored:
        value = "abstains" if score.value is None else f"{score.value:g}"
        table.add_row(Text(f"{kind}: {sample.text[:120]}"), value, Text(score.reason))
    console.print(table)
    low, high = plan.recipe.spec.low, plan.recipe.spec.high
    right = f"{plan.accuracy.part or plan.recipe.name} ≥ {plan.accuracy.accept_at:g}"
    console.print(f"reward from {low:g} to {high:g}; right means {right}", highlight=False)
    if plan.problems:
        counts = plan.problems
        console.print(
            f"{len(counts.sft)} problems to imitate, {len(counts.grpo)} to try, {len(counts.evaluate)} to measure on",
            highlight=False,
        )
    for warning in plan.warnings:
        console.print(Text("! ", style="yellow") + Text(warning))


def show_outcome(outcome: Outcome) -> None:
    """Print the before/after table and where everything lies."""
    console = Console()
    console.print(outcome_table(outcome.summary))
    console.print(f"run folder: {outcome.folder}", highlight=False, soft_wrap=True)
    if outcome.report:
        console.print(f"report:     {outcome.report}", highlight=False, soft_wrap=True)


def outcome_table(summary: dict[str, Any]) -> Table:
    """The stages side by side, with the gain of the last over the one before it."""
    stages = [stage for stage in STAGES if stage in summary]
    problems = summary[stages[-1]]["problems"] if stages else 0
    table = Table(
        title=f"{summary['recipe']}, seed {summary['seed']}, {problems} unseen problems", title_justify="left"
    )
    table.add_column("")
    for stage in stages:
        table.add_column(STAGES[stage], justify="right")
    if len(stages) > 1:
        table.add_column("gain of GRPO" if stages[-1] == "after_grpo" else "gain", justify="right")
    for key, label in ROWS.items():
        values = [summary[stage].get(key) for stage in stages]
        cells = ["–" if value is None else f"{value:.2f}" for value in values]
        if len(values) > 1 and None not in values[-2:]:
            cells.append(f"{values[-1] - values[-2]:+.2f}")
        table.add_row(label, *cells)
    return table
