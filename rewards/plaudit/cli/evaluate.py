"""`plaudit evaluate`: measure a model as a training run does, without training it."""

from __future__ import annotations

from pathlib import Path

import rich_click as click

from plaudit.cli.command import PlauditCommand
from plaudit.cli.screen import print_json
from plaudit.errors import ConfigError

EXAMPLES = [
    "plaudit evaluate runs/demo-seed0",
    "plaudit evaluate my-model --recipe smollm2-arithmetic --limit 100 --samples 8",
    "plaudit evaluate my-model --recipe unsloth --data problems.jsonl --out scored.jsonl",
    "plaudit evaluate runs/demo-seed0/adapter --recipe demo --no-greedy --json",
]


@click.command("evaluate", cls=PlauditCommand, examples=EXAMPLES)
@click.argument("model")
@click.option("--recipe", default="", help="Name or file of the recipe; a run folder has its own.")
@click.option("--data", metavar="SOURCE", help="Problems from elsewhere: a file, a Hub name, reasoning-gym:FAMILY.")
@click.option("--samples", type=click.IntRange(min=0), help="Sampled completions of each problem; the recipe's number.")
@click.option("--greedy/--no-greedy", default=True, help="Complete each problem once without chance.")
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="At most N problems; the recipe's number.")
@click.option("assignments", "--set", multiple=True, metavar="KEY=VALUE", help="Change a setting or a reward's option.")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="Keep every completion.")
@click.option("as_json", "--json", is_flag=True, help="Print the outcome as JSON.")
def evaluate(
    model: str,
    recipe: str,
    data: str | None,
    samples: int | None,
    greedy: bool,
    limit: int | None,
    assignments: tuple[str, ...],
    out: Path | None,
    as_json: bool,
) -> None:
    """Measure MODEL on problems: accuracy, pass@k, majority@k, format, each part, with 95 % intervals.

    MODEL is a folder with weights, with an adapter, or of a training run, or a name on the Hub. vLLM completes the
    problems where it is installed beside a CUDA device, transformers elsewhere. --out writes every completion with its
    score and its reasons, for `plaudit report` and `plaudit explain`.
    """
    try:
        from plaudit_trainer import evaluation
        from plaudit_trainer.progress import Reporter
        from plaudit_trainer.show import show_measured
    except ImportError as error:
        raise ConfigError(f"`plaudit evaluate` needs the trainer ({error}): pip install 'plaudit[trainer]'") from error
    reporter = Reporter(silent=as_json)
    request = evaluation.Request(model, recipe, data, samples, greedy, limit, assignments, out)
    measured = evaluation.evaluate(request, reporter)
    for note in measured.notes:
        reporter.say(f"[yellow]![/] {note}")
    if as_json:
        print_json(measured.facts | {"notes": measured.notes})
    else:
        show_measured(measured.facts)
