"""`plaudit diagnose`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import rich_click as click

from plaudit.cli.choose import chosen_reward, judge_options, pairs
from plaudit.cli.command import PlauditCommand

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plaudit.protocol import Reward

EXAMPLES = [
    "plaudit diagnose runs/demo",
    "plaudit diagnose completions.jsonl --recipe unsloth --group-size 8",
    "plaudit diagnose scored.jsonl --json",
    "plaudit diagnose scored.jsonl --strict",
]


@click.command(cls=PlauditCommand, examples=EXAMPLES)
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@judge_options
@click.option("--group-size", type=click.IntRange(min=2), metavar="G", help="G rows after each other form a group.")
@click.option("--strict", is_flag=True, help="Exit with 1 where something is bad.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def diagnose(
    context: click.RichContext,
    files: tuple[str, ...],
    recipe: str | None,
    reward: str | None,
    options: tuple[str, ...],
    renamed: tuple[str, ...],
    step: int | None,
    group_size: int | None,
    strict: bool,
    as_json: bool,
) -> None:
    """Say what GRPO would feel of scored completions, the worst first.

    Which groups carry no signal, which part decides the order, whether length pays, which parts fight, what is
    saturated, who abstains, which winners look suspicious; and what to do about it.

    FILE is what `plaudit score --out` or a trainer wrote, or a run folder; with --recipe or --reward every row is
    scored anew. Rows with an equal `group` column, else with equal prompts, form a group.
    """
    from plaudit.cli.progress import row_progress
    from plaudit.cli.screen import print_json
    from plaudit.look.diagnosis import diagnose as look
    from plaudit.look.findings import BAD, findings
    from plaudit.look.reading import expanded, read_table

    columns, judge = pairs(renamed, "--map"), asked_judge(recipe, reward, options, step, files)
    progress = row_progress(expanded(files))
    diagnosis = look(read_table(files, judge, renamed=columns, group_size=group_size, watched=progress))
    found = findings(diagnosis)
    if as_json:
        facts = {"files": list(files), "judge": diagnosis.table.judge}
        print_json(facts | {"findings": [finding.to_dict() for finding in found]} | diagnosis.to_dict())
    else:
        from plaudit.cli.diagnosis import print_diagnosis

        print_diagnosis(diagnosis, found)
    if strict and any(finding.severity == BAD for finding in found):
        context.exit(1)


def asked_judge(
    recipe: str | None, reward: str | None, options: Sequence[str], step: int | None, files: Sequence[str]
) -> Reward | None:
    """Return the reward that the user names; None where none is, since the file may hold its scores."""
    if recipe or reward:
        return chosen_reward(recipe, reward, options, step, files)
    if options or step is not None:
        raise click.UsageError("--option and --step belong to --recipe or --reward; without one the file is judged.")
    return None
