"""`plaudit explain`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import rich_click as click

from plaudit.cli.choose import chosen_reward, judge_options, pairs
from plaudit.cli.command import PlauditCommand

if TYPE_CHECKING:
    from plaudit.files import Row
    from plaudit.protocol import Reward, Sample, Score

EXAMPLES = [
    "plaudit explain completions.jsonl:7 --recipe unsloth",
    "plaudit explain dev.jsonl:12 --reward answer-match --map answer=gold",
    "plaudit explain runs/demo:1 --json",
]


@click.command(cls=PlauditCommand, examples=EXAMPLES)
@click.argument("place", metavar="FILE:ROW")
@judge_options
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def explain(
    place: str,
    recipe: str | None,
    reward: str | None,
    options: tuple[str, ...],
    renamed: tuple[str, ...],
    step: int | None,
    as_json: bool,
) -> None:
    """Explain the score of one completion.

    ROW is the number of its line, from 1. The answer as found is marked in the completion, the gold stands beside it,
    and each part says its value, its weight and why.
    """
    source, row = _split(place)
    judge = chosen_reward(recipe, reward, options, step, [source])
    found, sample, result = _scored(source, row, judge, pairs(renamed, "--map"))
    facts = _facts(found, sample, result, judge)
    if as_json:
        from plaudit.cli.screen import print_json

        print_json(facts)
    else:
        from plaudit.cli.explanation import print_explanation

        print_explanation(facts)


def _split(place: str) -> tuple[str, int]:
    source, colon, row = place.rpartition(":")
    if not (colon and row.isdecimal() and row.isascii() and int(row) > 0):
        raise click.UsageError(
            f"{place!r} isn't FILE:ROW: give the number of a line, from 1, as in completions.jsonl:7."
        )
    return source, int(row)


def _scored(source: str, line: int, judge: Reward, columns: dict[str, str]) -> tuple[Row, Sample, Score]:
    """Score one row; a coupled reward needs its whole group for that."""
    from plaudit.engines.inline import score
    from plaudit.errors import DataError
    from plaudit.files import batches, read_row, read_rows, to_sample

    if not judge.spec.coupled:
        row = read_row(source, line)
        sample = to_sample(row, judge.spec, columns)
        return row, sample, score(judge, [sample])[0]
    for batch in batches(read_rows(source), judge.spec, columns, size=1):
        for index, (row, sample) in enumerate(batch):
            if row.line == line:
                return row, sample, score(judge, [sample for _, sample in batch])[index]
    raise DataError(f"{source} has no row on line {line}.")


def _facts(row: Row, sample: Sample, result: Score, judge: Reward) -> dict[str, Any]:
    from plaudit.files import to_record

    return {
        "place": row.place,
        "reward": judge.spec.name,
        "prompt": sample.prompt_text,
        "completion": sample.text,
        "span": _span(sample, result, judge),
        "columns": {name: sample.columns[name] for name in judge.spec.reads},
        "low": judge.spec.low,
        "high": judge.spec.high,
        **to_record(result),
    }


def _span(sample: Sample, result: Score, judge: Reward) -> tuple[int, int] | None:
    """Where the extracted answer stands in the completion: by the format if there is one, else its last occurrence."""
    from plaudit.formats import Format

    if result.extracted is None:
        return None
    form, text = getattr(judge, "format", None), sample.text
    span = sample.parse(form).span if isinstance(form, Format) else None
    if span is not None and text[slice(*span)] == result.extracted:
        return span
    start = text.rfind(result.extracted)
    return None if start < 0 else (start, start + len(result.extracted))
