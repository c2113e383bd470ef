"""`plaudit score`."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from itertools import chain
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import rich_click as click

from plaudit.cli.choose import chosen_reward, judge_options, pairs
from plaudit.cli.command import PlauditCommand

if TYPE_CHECKING:
    from plaudit.files import Row
    from plaudit.protocol import Reward
    from plaudit.tally import Tally

EXAMPLES = [
    "plaudit score completions.jsonl --recipe unsloth --out scored.jsonl",
    "plaudit score dev.jsonl --reward answer-match -o near=0.05 --map answer=gold",
    "plaudit score - --recipe unsloth --json < completions.jsonl",
]


@click.command(cls=PlauditCommand, examples=EXAMPLES)
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@judge_options
@click.option("--strict", is_flag=True, help="Stop at the first row on which a reward fails.")
@click.option("--out", metavar="FILE", help="Write every row with its score as JSON Lines; `-` is standard output.")
@click.option("--json", "as_json", is_flag=True, help="Print the summary as JSON.")
def score(
    files: tuple[str, ...],
    recipe: str | None,
    reward: str | None,
    options: tuple[str, ...],
    renamed: tuple[str, ...],
    step: int | None,
    strict: bool,
    out: str | None,
    as_json: bool,
) -> None:
    """Score the completions in files.

    FILE holds one JSON object per line, with `completion`, perhaps `prompt`, and the columns that the reward reads.
    A run folder means its completions.jsonl, and `-` means standard input. Without --recipe or --reward, a recipe.yaml
    beside the file is taken.

    A row on which a reward fails abstains and is counted. --out adds `value`, `reason`, `extracted` and `parts` to each
    row; the file appears when all rows are scored.
    """
    if out == "-" and as_json:
        raise click.UsageError("--out - and --json both want standard output.")
    judge = chosen_reward(recipe, reward, options, step, files)
    columns = pairs(renamed, "--map")
    _check_first_rows(files, judge, columns)
    began = time.perf_counter()
    with _writer(out, files) as target:
        tally, replaced = _score_all(files, judge, columns, strict, target)
    summary = {"files": list(files), "reward": judge.spec.name, "out": out, "replaced": replaced, **tally.to_dict()}
    summary["seconds"] = round(time.perf_counter() - began, 3)
    _report(summary, as_json=as_json, to_notes=out == "-")


def _check_first_rows(files: tuple[str, ...], judge: Reward, columns: dict[str, str]) -> None:
    """Find an unreadable file or a missing column before anything is scored; a pipe can be read only once."""
    from plaudit.files import STANDARD_INPUT, read_rows, to_sample

    for source in files:
        if source != STANDARD_INPUT and not Path(source).is_fifo():
            to_sample(next(read_rows(source)), judge.spec, columns)


def _writer(out: str | None, files: tuple[str, ...]) -> AbstractContextManager[IO[bytes] | None]:
    from plaudit.files import atomic_writer

    if out is None:
        return nullcontext()
    return nullcontext(sys.stdout.buffer) if out == "-" else atomic_writer(Path(out), files)


def _score_all(
    files: tuple[str, ...], judge: Reward, columns: dict[str, str], strict: bool, target: IO[bytes] | None
) -> tuple[Tally, list[str]]:
    from plaudit.cli.progress import row_progress
    from plaudit.engines.inline import score as score_batch
    from plaudit.files import batches, read_rows, to_line, to_record
    from plaudit.tally import Tally

    tally, replaced = Tally.of(judge), set[str]()
    rows: Iterator[Row] = chain.from_iterable(map(read_rows, files))
    with row_progress(files) as advance:
        for batch in batches(rows, judge.spec, columns):
            scores = score_batch(judge, [sample for _, sample in batch], strict=strict or None)
            for (row, _), result in zip(batch, scores, strict=True):
                tally.add(result, row.place)
                if target is not None:
                    record = to_record(result)
                    replaced |= row.data.keys() & record.keys()
                    target.write(to_line(row.data | record))
            advance(rows=len(batch), size=sum(row.size for row, _ in batch))
    return tally, sorted(replaced)


def _report(summary: dict[str, Any], *, as_json: bool, to_notes: bool) -> None:
    from plaudit.cli.screen import notes, output, print_json

    if as_json:
        print_json(summary)
    else:
        from plaudit.cli.summary import print_summary

        print_summary(notes() if to_notes else output(), summary)
        if summary["replaced"]:
            columns = ", ".join(summary["replaced"])
            notes().print(f"Replaced in the rows written, since the input had columns of these names: {columns}.")
