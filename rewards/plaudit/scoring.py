"""Scoring the rows of files from beginning to end: batches through an engine, each row with its score, in order."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence

from plaudit.engines import Engine
from plaudit.failures import FAILED
from plaudit.files import Item
from plaudit.protocol import Sample, Score


def score_items(engine: Engine, batches: Iterable[Sequence[Item]]) -> Iterator[tuple[Sequence[Item], list[Score]]]:
    """Score batches of rows with an engine; a row without a sample abstains, and says why.

    Raises:
        PlauditError: Reading or scoring failed.

    >>> from plaudit import load
    >>> from plaudit.engines import open_engine
    >>> from plaudit.files import Row
    >>> batch = [Item(Row("run.jsonl", 1, {}, 0), None, "run.jsonl:1 isn't JSON")]
    >>> [scores[0].reason for _, scores in score_items(open_engine("inline", load("format-exact")), [batch])]
    ["failed: isn't JSON"]
    """
    waiting: deque[Sequence[Item]] = deque()
    for scores in engine.stream(_samples(batches, waiting)):
        batch = waiting.popleft()
        found = iter(scores)
        yield batch, [next(found) if item.sample is not None else _malformed(item) for item in batch]


def _samples(batches: Iterable[Sequence[Item]], waiting: deque[Sequence[Item]]) -> Iterator[list[Sample]]:
    for batch in batches:
        waiting.append(batch)
        yield [item.sample for item in batch if item.sample is not None]


def _malformed(item: Item) -> Score:
    return Score(None, FAILED + item.problem.removeprefix(f"{item.row.place} "))
