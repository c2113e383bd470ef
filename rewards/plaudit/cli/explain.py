"""`plaudit explain`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import rich_click as click

from plaudit.cli.choose import chosen_reward, judge_options, pairs
from plaudit.cli.command import PlauditCommand

if TYPE_CHECKING:
    from plaudit.files import Row
    from plaudit.formats import Format
    from plaudit.protocol import Reward, Sample, Score
    from plaudit.report.completion import PartScore

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

    ROW is the number of its line, from 1. The answer as found and the tags of the format are marked in the completion,
    the gold stands beside the answer, and each part says its value, its weight and why. Of a row that is scored
    already, the scores in the file are shown unless a reward is named.
    """
    source, row = _split(place)
    columns = pairs(renamed, "--map")
    facts = None if recipe or reward or options or step is not None else _recorded_facts(source, row, columns)
    if facts is None:
        judge = chosen_reward(recipe, reward, options, step, [source])
        found, sample, result = _scored(source, row, judge, columns)
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


def _recorded_facts(source: str, line: int, columns: dict[str, str]) -> dict[str, Any] | None:
    """The scores that the row itself holds; None where it holds none, or a recipe beside it can judge it anew."""
    from plaudit.cli.choose import BESIDE
    from plaudit.files import STANDARD_INPUT, path_of, read_row
    from plaudit.look.reading import recorded

    if source == STANDARD_INPUT or (path_of(source).parent / BESIDE).is_file():
        return None
    row = read_row(source, line)
    if "value" not in row.data:
        return None
    found = recorded(row, columns)
    extracted = found.extracted
    at = -1 if extracted is None else found.text.rfind(extracted)
    return {
        "place": row.place,
        "reward": "the scores in the file",
        "prompt": found.prompt,
        "completion": found.text,
        "span": None if at < 0 or extracted is None else (at, at + len(extracted)),
        "tags": [],
        "patterns": _patterns(found.text, found.prompt, extracted, found.answer, None),
        "columns": {"answer": found.answer} if found.answer else {},
        "low": None,
        "high": None,
        "value": found.value,
        "reason": found.reason,
        "extracted": extracted,
        "parts": [_part_facts(part) for part in found.parts],
    }


def _part_facts(part: PartScore) -> dict[str, Any]:
    facts = {"name": part.name, "weight": part.weight, "value": part.value, "reason": part.reason, "extracted": None}
    return facts | {"parts": [_part_facts(inner) for inner in part.parts]}


def _patterns(text: str, prompt: str, extracted: str | None, gold: str, form: Format | None) -> list[str]:
    from plaudit.look.patterns import names_of, patterns_in

    return list(names_of(patterns_in(text, prompt=prompt, extracted=extracted or "", gold=gold, form=form)))


def _facts(row: Row, sample: Sample, result: Score, judge: Reward) -> dict[str, Any]:
    from plaudit.files import to_record
    from plaudit.formats import format_of

    form = format_of(judge)
    gold = str(sample.columns.get("answer", ""))
    return {
        "place": row.place,
        "reward": judge.spec.name,
        "prompt": sample.prompt_text,
        "completion": sample.text,
        "span": _span(sample, result, form),
        "tags": _tags(sample.text, form),
        "patterns": _patterns(sample.text, sample.prompt_text, result.extracted, gold, form),
        "columns": {name: sample.columns[name] for name in judge.spec.reads},
        "low": judge.spec.low,
        "high": judge.spec.high,
        **to_record(result),
    }


def _span(sample: Sample, result: Score, form: Format | None) -> tuple[int, int] | None:
    """Where the extracted answer stands in the completion: by the format if there is one, else its last occurrence."""
    if result.extracted is None:
        return None
    text = sample.text
    span = sample.parse(form).span if form is not None else None
    if span is not None and text[slice(*span)] == result.extracted:
        return span
    start = text.rfind(result.extracted)
    return None if start < 0 else (start, start + len(result.extracted))


def _tags(text: str, form: Format | None) -> list[tuple[int, int]]:
    """Where the tags of the format stand in the completion, in order."""
    found = []
    for tag in {form.reasoning_open.strip(), *form.tags} - {""} if form is not None else ():
        at = text.find(tag)
        while at >= 0:
            found.append((at, at + len(tag)))
            at = text.find(tag, at + len(tag))
    return sorted(found)
