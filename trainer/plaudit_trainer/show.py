"""What `plaudit train` prints: the plan of a dry run, and the before/after table of a finished one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.syntax import Syntax
from rich.table import Table
from rich.text import Text

from plaudit.report.summary import rows
from plaudit.report.tables import before_after_table
from plaudit.yaml_text import to_yaml

if TYPE_CHECKING:
    from collections.abc import Mapping

    from plaudit_trainer.launch import Outcome
    from plaudit_trainer.preflight import Plan


def show_plan(plan: Plan) -> None:
    """Print the resolved run and its scored sample batch."""
    console = Console()
    text = to_yaml(plan.recipe.to_dict())
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


def show_measured(facts: Mapping[str, Any]) -> None:
    """Print the table of one evaluation: each measure with its 95 % interval."""
    table = Table(title=f"{facts['model']}, {facts['problems']} problems", title_justify="left")
    for heading in ("", "value", "95 % interval"):
        table.add_column(heading, justify="left" if not heading else "right")
    for row in rows({"after_grpo": facts}):
        label = f"  {row.label}" if row.part else row.label
        table.add_row(Text(label), *row.shown(), *(row.shown_intervals() or ("",)))
    Console().print(table)


def show_outcome(outcome: Outcome) -> None:
    """Print the before/after table and where everything lies."""
    console = Console()
    console.print(before_after_table(outcome.summary))
    console.print(f"run folder: {outcome.folder}", highlight=False, soft_wrap=True)
    if outcome.report:
        console.print(f"report:     {outcome.report}", highlight=False, soft_wrap=True)
