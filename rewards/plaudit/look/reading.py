"""From files of completions to columns: scores that are in the file, or new ones by a reward."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from plaudit.errors import DataError
from plaudit.files import SAME, Row, batches, names_in, read_rows, to_record
from plaudit.formats import format_of
from plaudit.look.patterns import patterns_in
from plaudit.look.table import Judged, Table
from plaudit.report.completion import Completion, PartScore, read_completion
from plaudit.storage.sources import expand

if TYPE_CHECKING:
    from plaudit.formats import Format
    from plaudit.protocol import Reward

GREEDY = "greedy completions (they form no group)"
BOUND = "bound"
"""What `plaudit.clip` calls the part that stands for its bound."""

REASON = 160
"""Characters of a reason that are kept."""


class Advance(Protocol):
    """Says that so many rows, which take so many bytes of the files, are done."""

    def __call__(self, *, rows: int, size: int) -> None:
        """Move the bar."""


def read_table(
    sources: Sequence[str],
    judge: Reward | None = None,
    *,
    renamed: Mapping[str, str] = SAME,
    group_size: int | None = None,
    watched: AbstractContextManager[Advance] | None = None,
    grouped: bool = True,
) -> Table:
    """Read scored completions into columns.

    Args:
        sources: What `plaudit.files.read_rows` reads, and run folders.
        judge: Scores every row anew; without one, the rows hold their scores as `plaudit score` writes them.
        renamed: Which column of the file stands for `completion`, `prompt`, `answer`, `value` …
        group_size: So many rows after each other form a group; unless given, rows with an equal `group` column, or with
            equal prompts, do (and of one stage and step, where the rows have these).
        watched: A progress bar.
        grouped: Refuse rows of which nothing says to what group they belong; otherwise each is a group of its own.

    Raises:
        DataError: A file can't be read, a row isn't scored, or nothing says which rows belong together.
    """
    files = expanded(sources)
    table = Table(sources=files, judge="the scores in the file" if judge is None else judge.spec.name)
    with watched or nullcontext(_ignore) as advance:
        for number, source in enumerate(files):
            for row, completion in judged_rows(source, judge, renamed):
                advance(rows=1, size=row.size)
                if grouped and group_size is None and not (completion.group or completion.prompt):
                    raise DataError(
                        f"{row.place} has neither `group` nor `prompt`, so nothing says which rows belong together: "
                        "give --group-size, the number of completions for each prompt."
                    )
                append(table, completion, number, group_size, format_of(judge))
    _check_prompts(table, group_size)
    return table


def table_of(completions: Iterable[Completion], source: str, form: Format | None = None) -> Table:
    """Return the columns of completions that have been read already."""
    table = Table(sources=[source])
    for completion in completions:
        append(table, completion, 0, None, form)
    return table


def expanded(sources: Sequence[str]) -> list[str]:
    """Replace each run folder by the files of completions in it: one, or one for each process of the trainer.

    Raises:
        DataError: A folder holds none.
    """
    found: list[str] = []
    for source in sources:
        path = Path(source)
        inside = sorted(map(str, path.glob("completions*.jsonl"))) if path.is_dir() else []
        found += inside or expand([source])
    return found


def judged_rows(source: str, judge: Reward | None, renamed: Mapping[str, str]) -> Iterator[tuple[Row, Completion]]:
    """Go through a file: each row with its completion and score."""
    if judge is None:
        for row in read_rows(source):
            yield row, recorded(row, renamed)
        return
    from plaudit.engines.inline import score
    from plaudit.report.records import verdict_of

    verdict = verdict_of(judge)
    for batch in batches(read_rows(source), judge.spec, renamed):
        scores = score(judge, [sample for _, sample in batch])
        for (row, sample), result in zip(batch, scores, strict=True):
            fields = {"prompt": sample.prompt, "completion": sample.completion, "answer": sample.columns.get("answer")}
            right = {} if verdict is None else {"correct": verdict.correct(result)}
            yield row, _completion(row, {**row.data, **fields, **to_record(result), **right})


def recorded(row: Row, renamed: Mapping[str, str]) -> Completion:
    """Return the completion of a row with the scores that the row holds.

    Raises:
        DataError: It holds none, or not as `plaudit score` writes them.
    """
    fields = {name: row.data[column] for name, column in names_in(row, renamed).items() if column in row.data}
    record = {**row.data, **fields}
    if "value" not in record:
        raise DataError(
            f"{row.place} holds no `value`, so it isn't scored: say what to judge with (--recipe, --reward), or "
            "score the file first (plaudit score --out)."
        )
    return _completion(row, record)


def _completion(row: Row, record: Mapping[str, Any]) -> Completion:
    try:
        return read_completion(row.line, record)
    except ValueError as error:
        raise DataError(f"{row.place}: {error}.") from error


def append(table: Table, row: Completion, source: int, group_size: int | None, form: Format | None) -> None:
    """Append one completion to the columns."""
    if row.mode == "greedy" and group_size is None:
        table.leave_out(GREEDY)
        return
    patterns = patterns_in(row.text, prompt=row.prompt, extracted=row.extracted or "", gold=row.answer, form=form)
    judged = Judged(
        place=(source, row.line),
        key=_key(row, len(table), group_size),
        value=row.value,
        parts=list(_flat(row.parts)),
        length=len(row.text),
        text=_number(row.text),
        prompt=_number(row.prompt),
        patterns=patterns,
        right=row.correct,
        failed=row.failed,
        reason=row.reason.partition("\n")[0][:REASON],
    )
    table.add(judged)


def _key(row: Completion, number: int, group_size: int | None) -> bytes:
    if group_size is not None or not (row.group or row.prompt):
        return b"%d" % (number // (group_size or 1))
    belongs = (row.stage, row.step, row.mode, row.group, "" if row.group else row.prompt)
    return blake2b(repr(belongs).encode(), digest_size=12).digest()


def _number(text: str) -> int:
    return int.from_bytes(blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")


def _flat(parts: Sequence[PartScore], prefix: str = "") -> Iterator[tuple[str, float | None, float | None]]:
    """The parts that tell something: inside a single wrapper (a clip, a named sum) its own parts."""
    inside = [part for part in parts if part.name != BOUND]  # a clip lists its bound on the rows that pass it only
    if len(inside) == 1 and inside[0].parts:
        yield from _flat(inside[0].parts, f"{prefix}{inside[0].name}/")
        return
    for part in parts:
        yield prefix + part.name, part.value, part.contribution


def _check_prompts(table: Table, group_size: int | None) -> None:
    if group_size is None or len(set(table.prompts)) < 2:
        return
    mixed = sum(len({table.prompts[row] for row in rows}) > 1 for rows in table.grouped())
    if mixed:
        table.notices.append(
            f"{mixed:,} group(s) of {group_size} rows hold different prompts: is --group-size {group_size} right?"
        )


def _ignore(*, rows: int, size: int) -> None:
    """Nobody watches."""
