"""`plaudit score`."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

import rich_click as click

from plaudit.cli.choose import chosen_reward, judge_options, pairs
from plaudit.cli.command import PlauditCommand
from plaudit.cli.engines import engine_options, opened, settings_of

if TYPE_CHECKING:
    from plaudit.cli.progress import Advance
    from plaudit.engines import Engine
    from plaudit.files import BadRows, Item
    from plaudit.protocol import Reward, Score
    from plaudit.storage.partial import Partial

EXAMPLES = [
    "plaudit score completions.jsonl --recipe unsloth --out scored.jsonl",
    "plaudit score run.jsonl.gz more.parquet --recipe math --workers 8 --deadline 5 --out scored.parquet",
    "plaudit score dev.jsonl --reward answer-match -o near=0.05 --map answer=gold",
    "plaudit score - --recipe unsloth --json < completions.jsonl",
]


@click.command(cls=PlauditCommand, examples=EXAMPLES)
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@judge_options
@engine_options
@click.option("--strict", is_flag=True, help="Stop at the first row on which a reward fails.")
@click.option(
    "--bad-rows",
    type=click.Choice(["stop", "abstain"]),
    default="stop",
    show_default=True,
    help="What to do about a row that can't be read or lacks a column.",
)
@click.option(
    "--out",
    metavar="FILE",
    help="Write every row with its score: .jsonl(.gz|.zst) or .parquet; `-` is standard output.",
)
@click.option("--fresh", is_flag=True, help="Forget what an unfinished run left beside --out.")
@click.option("--json", "as_json", is_flag=True, help="Print the summary as JSON.")
def score(files: tuple[str, ...], renamed: tuple[str, ...], as_json: bool, out: str | None, **options: Any) -> None:
    """Score the completions in files.

    FILE holds one JSON object per line, with `completion`, perhaps `prompt`, and the columns that the reward reads; it
    may be compressed (.gz, .zst), or a Parquet or Arrow table. A run folder of ours or TRL's, or of verl's dumps, means
    the completions in it; hub:OWNER/NAME a dataset on the Hub; `-` standard input. Without --recipe or --reward, a
    recipe.yaml beside the file is taken.

    A row on which a reward fails abstains and is counted. --out adds `value`, `reason`, `extracted` and `parts` to each
    row. The file appears when all rows are scored; a run that was killed goes on where it was when started again.
    """
    if out == "-" and as_json:
        raise click.UsageError("--out - and --json both want standard output.")
    from plaudit.storage.sources import expand

    sources = expand(files)
    judge = chosen_reward(options["recipe"], options["reward"], options["options"], options["step"], files)
    run = Run(sources, judge, pairs(renamed, "--map"), options["bad_rows"], out)
    run.check_first_rows()
    began = time.perf_counter()
    settings = settings_of(options["workers"], options["deadline"], options["memory_per_worker"])
    with ExitStack() as stack:
        engine = opened(options["engine"], judge, settings, options["strict"], options["cache"])
        stack.enter_context(engine)
        terms = {"settings": settings, "strict": options["strict"]}
        run.go(engine, stack.enter_context(run.partial(terms, fresh=options["fresh"])) if run.writes_file else None)
    seconds = round(time.perf_counter() - began, 3)
    kept = {"from_cache": engine.hits} if options["cache"] is not None else {}  # type: ignore[attr-defined]
    _report({"files": list(files), **run.summary(), **kept, "seconds": seconds}, as_json=as_json, to_notes=out == "-")


class Run:
    """One pass over the rows: what is counted, and where it is written."""

    def __init__(
        self, sources: list[str], judge: Reward, columns: dict[str, str], bad: BadRows, out: str | None
    ) -> None:
        from plaudit.tally import Tally

        self.sources, self.judge, self.columns, self.out = sources, judge, columns, out
        self.bad: BadRows = bad
        self.tally = Tally.of(judge)
        self.replaced: set[str] = set()
        self.bad_rows = self.resumed = 0

    @property
    def writes_file(self) -> bool:
        """Rows go to a file, not to standard output and not nowhere."""
        return self.out not in (None, "-")

    def check_first_rows(self) -> None:
        """Find an unreadable file or a missing column before anything is scored; a pipe can be read only once."""
        from plaudit.files import STANDARD_INPUT, read_rows, to_sample
        from plaudit.storage.finish import check_ending

        if self.writes_file:
            check_ending(Path(str(self.out)))
        for source in self.sources:
            if source != STANDARD_INPUT and not Path(source).is_fifo():
                row = next(read_rows(source, self.bad))
                if self.bad == "stop":
                    to_sample(row, self.judge.spec, self.columns)

    def partial(self, terms: dict[str, Any], *, fresh: bool) -> Partial:
        """Open the unfinished output."""
        from plaudit.storage.partial import Partial
        from plaudit.version import reward_version

        terms |= {"map": self.columns, "bad_rows": self.bad, "reward": reward_version(self.judge)}
        return Partial(Path(str(self.out)), terms, self.sources, fresh=fresh)

    def go(self, engine: Engine, partial: Partial | None) -> None:
        """Score every row that isn't done."""
        from plaudit.cli.progress import row_progress
        from plaudit.scoring import score_items

        with row_progress(self.sources) as advance:
            batches = self._batches(partial, advance)
            for batch, scores in score_items(engine, batches):
                self._write(batch, scores, partial)
                self._count(batch, scores)
                advance(rows=len(batch), size=sum(item.row.size for item in batch))
        if partial is not None:
            from plaudit.storage.finish import write_output

            partial.finish(write_output)

    def _batches(self, partial: Partial | None, advance: Advance) -> Iterator[Sequence[Item]]:
        from plaudit.files import items, read_rows

        rows = chain.from_iterable(read_rows(source, self.bad) for source in self.sources)
        batches = items(rows, self.judge.spec, self.columns, bad=self.bad)
        if partial is None:
            return batches

        def done(batch: Sequence[Item], scores: Sequence[Score]) -> None:
            self._count(batch, scores)
            self.resumed += len(batch)
            advance(rows=0, size=sum(item.row.size for item in batch))

        return partial.remaining(batches, done)

    def _write(self, batch: Sequence[Item], scores: Sequence[Score], partial: Partial | None) -> None:
        if self.out is None:
            return
        from plaudit.files import to_line, to_record

        rows = [item.row.data | to_record(score) for item, score in zip(batch, scores, strict=True)]
        if partial is None:
            sys.stdout.buffer.write(b"".join(map(to_line, rows)))
        else:
            partial.append(rows)

    def _count(self, batch: Sequence[Item], scores: Sequence[Score]) -> None:
        from plaudit.arrow import SCORE_COLUMNS

        for item, score in zip(batch, scores, strict=True):
            self.tally.add(score, item.row.place)
            self.bad_rows += item.sample is None
            if self.out is not None:
                self.replaced |= item.row.data.keys() & set(SCORE_COLUMNS)

    def summary(self) -> dict[str, Any]:
        """Write what was counted as plain data."""
        counts = {"replaced": sorted(self.replaced), "bad_rows": self.bad_rows, "resumed": self.resumed}
        return {"reward": self.judge.spec.name, "out": self.out, **counts, **self.tally.to_dict()}


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
