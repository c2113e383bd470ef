"""The rows of each stage: read, mapped, checked, kept apart; whatever is dropped is counted and said."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from plaudit.answers import extract, number
from plaudit.errors import DataError, nearest
from plaudit_trainer import sources
from plaudit_trainer.rows import Row

if TYPE_CHECKING:
    from plaudit.formats import Format
    from plaudit_trainer.config import Source, TrainConfig

USUAL = {
    "question": ("question", "problem", "prompt"),
    "answer": ("answer", "expected_answer", "solution", "gold"),
    "reasoning": ("reasoning", "generated_solution", "answer_cot"),
}


@dataclass
class Problems:
    """What the stages work on, and what was left out on the way.

    Attributes:
        sft: Rows to imitate.
        grpo: Rows to try.
        evaluate: Rows to measure on; none of their questions is in the other two.
        notes: A sentence for every drop.
    """

    sft: list[Row]
    grpo: list[Row]
    evaluate: list[Row]
    notes: list[str] = field(default_factory=list)


def load_problems(config: TrainConfig, form: Format) -> Problems:
    """Read every source and keep the problems of the evaluation out of the training.

    Raises:
        ConfigError: A source that doesn't exist.
        DataError: An unreadable or empty source, or one without a needed column.
    """
    notes: list[str] = []
    grpo = load_rows(config.data.grpo, form, f"grpo-{config.seed}", config.seed, notes)
    evaluate = evaluation_rows(config, form, notes, grpo)
    if config.data.evaluate is None:
        grpo = grpo[: -config.evaluate.problems]
    sft = load_rows(config.data.sft, form, f"sft-{config.seed}", config.seed, notes) if config.data.sft else []
    if sft and not any(row.reasoning or row.demonstration for row in sft):
        notes.append("sft: no row has any reasoning, so the model is taught to answer without working anything out.")
    asked = {row.question for row in evaluate}
    kept = [_without(rows, asked, stage, notes) for stage, rows in (("sft", sft), ("grpo", grpo))]
    if config.grpo.steps and not kept[1]:
        raise DataError("No problem is left to train on: the evaluation holds all of them. Lower evaluate.problems.")
    return Problems(kept[0], kept[1], evaluate, notes)


def evaluation_rows(config: TrainConfig, form: Format, notes: list[str], grpo: list[Row] | None = None) -> list[Row]:
    """Return the problems to measure on, each question once.

    Args:
        config: The settings.
        form: The format, for generated demonstrations.
        notes: Takes a sentence for what was left out.
        grpo: The rows of `data.grpo` where they have been read already.

    Raises:
        ConfigError: A source that doesn't exist.
        DataError: An unreadable or empty source, or one without a needed column.
    """
    needed, source = config.evaluate.problems, config.data.evaluate
    if source is None:
        all_rows = grpo or load_rows(config.data.grpo, form, f"grpo-{config.seed}", config.seed, notes)
        held = all_rows[-needed:]
        notes.append(
            f"evaluation: the last {len(held)} problems of {config.data.grpo.source} are held out of training."
        )
    else:
        held = load_rows(source, form, "evaluate", 1_000_003, notes)
    different = list({row.question: row for row in held}.values())[:needed]
    if len(different) < needed:
        notes.append(f"evaluation: {len(different)} problems are there, {needed} were asked for.")
    return different


def load_rows(source: Source, form: Format, label: str, seed: int, notes: list[str]) -> list[Row]:
    """Read one source as rows.

    Raises:
        ConfigError: A source that doesn't exist.
        DataError: An unreadable or empty source, or one without a needed column.
    """
    if source.source in sources.GENERATED:
        return sources.generated_rows(source, form, label)
    return map_rows(sources.records(source, seed), source, notes)


def map_rows(records: Iterable[Mapping[str, Any]], source: Source, notes: list[str]) -> list[Row]:
    """Map a source's columns to question, answer and reasoning; rows without the first two are dropped and counted.

    Raises:
        DataError: A needed column is missing, or every row was dropped.

    >>> from plaudit_trainer.config import Source
    >>> gsm8k = Source(source="x.jsonl", answer_after="####", remove=("<<…>>",))
    >>> map_rows([{"question": "1 + 1?", "answer": "1+1=<<1+1=2>>2 #### 2"}], gsm8k, [])[0].reasoning
    '1+1=2'
    """
    records = list(records)
    if not records:
        raise DataError(f"{sources.describe(source)} holds no rows.")
    names = _columns(source, records[0])
    rows = [_row(record, names, source) for record in records]
    if source.columns.answer is None and names["answer"] == "solution" and any("\\boxed" in row.answer for row in rows):
        notes.append(
            f"{sources.describe(source)}: the answer is the last \\boxed{{}} of `solution`, the rest reasoning."
        )
        rows = [_unboxed(row) for row in rows]
    kept = [row for row in rows if row.question.strip() and row.answer.strip()]
    _note(notes, source, len(rows) - len(kept), "have no question or no answer")
    if source.numeric_answers:
        numeric = [row for row in kept if number(row.answer) is not None]
        _note(notes, source, len(kept) - len(numeric), "have an answer that is not a number")
        kept = numeric
    if not kept:
        raise DataError(f"{sources.describe(source)}: not one of {len(rows)} rows has a usable question and answer.")
    return kept


def drop_long(
    rows: list[Row], length: Callable[[Row], int], quantile: float | None, limit: int
) -> tuple[list[Row], int, int]:
    """Drop the rows whose prompt is longer than a quantile of all prompts, or than `limit` tokens.

    Returns:
        The rows kept, how many were dropped, and the greatest length allowed (tokens).

    >>> drop_long([Row("a" * n, "1") for n in range(1, 11)], lambda row: len(row.question), 0.9, 100)[1:]
    (1, 9)
    """
    if not rows:
        return [], 0, limit
    lengths = [length(row) for row in rows]
    longest = limit
    if quantile is not None:
        ordered = sorted(lengths)
        longest = min(limit, ordered[max(0, round(quantile * len(ordered)) - 1)])
    kept = [row for row, size in zip(rows, lengths, strict=True) if size <= longest]
    return kept, len(rows) - len(kept), longest


def _columns(source: Source, record: Mapping[str, Any]) -> dict[str, str | None]:
    chosen = source.columns.model_dump()
    for purpose, usual in USUAL.items():
        name = chosen[purpose]
        if name is None:
            chosen[purpose] = next((column for column in usual if column in record), None)
        elif name not in record:
            raise DataError(
                f"{sources.describe(source)} has no column {name!r} for the {purpose}. "
                f"{nearest(name, map(str, record))}"
            )
        if chosen[purpose] is None and purpose != "reasoning":
            raise DataError(
                f"{sources.describe(source)} has no column for the {purpose}: it has {', '.join(map(str, record))}. "
                f"Say which one: --set data.….columns.{purpose}=NAME"
            )
    return chosen


def _row(record: Mapping[str, Any], names: Mapping[str, str | None], source: Source) -> Row:
    texts = {purpose: _text(record.get(name)) if name else "" for purpose, name in names.items()}
    row = Row(**texts, columns={str(key): value for key, value in record.items()})
    if source.answer_after and source.answer_after in row.answer:
        before, _, after = row.answer.rpartition(source.answer_after)
        row = replace(row, reasoning=row.reasoning or before.strip(), answer=after.strip().replace(",", ""))
    return replace(row, reasoning=_clean(row.reasoning, source.remove))


def _unboxed(row: Row) -> Row:
    """Part a worked solution, as the MATH data set has it, into reasoning and answer; no box means no answer."""
    return replace(row, reasoning=row.reasoning or row.answer, answer=extract(row.answer, format="boxed").text or "")


def _clean(text: str, remove: Sequence[str]) -> str:
    for mark in remove:
        opening, span, closing = mark.partition("…")
        text = _without_spans(text, opening, closing) if span else text.replace(mark, "")
    return text.strip()


def _without_spans(text: str, opening: str, closing: str) -> str:
    head, *pieces = text.split(opening)
    return head + "".join(piece.partition(closing)[2] if closing in piece else opening + piece for piece in pieces)


def _text(value: Any) -> str:
    return "" if value is None else value if isinstance(value, str) else str(value)


def _without(rows: list[Row], asked: set[str], stage: str, notes: list[str]) -> list[Row]:
    kept = [row for row in rows if row.question not in asked]
    if len(kept) < len(rows):
        notes.append(f"{stage}: {len(rows) - len(kept)} of {len(rows)} problems are also in the evaluation: left out.")
    return kept


def _note(notes: list[str], source: Source, count: int, why: str) -> None:
    if count:
        notes.append(f"{sources.describe(source)}: {count} rows {why}: left out.")
