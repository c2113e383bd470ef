"""How hard the problems are for the model as it is now, and which of them can still teach it anything.

GRPO learns from differences within a group. A problem that is always solved, or never, has none: its completions cost a
step's time and move nothing.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from plaudit.errors import DataError
from plaudit_trainer.runs import append_rows, keep_rows, read_rows

if TYPE_CHECKING:
    from plaudit_trainer.config import DropSolved
    from plaudit_trainer.evaluate import Evaluation, Generator
    from plaudit_trainer.progress import Bar
    from plaudit_trainer.rows import Row

NAME = "difficulty.jsonl"


def candidates(rows: Sequence[Row], settings: DropSolved, seed: int) -> list[Row]:
    """Return the problems to measure: each question once, and at most `limit` of them, drawn by the seed."""
    different = list({row.question: row for row in rows}.values())
    if settings.limit is None or settings.limit >= len(different):
        return different
    chosen = sorted(random.Random(seed).sample(range(len(different)), settings.limit))  # noqa: S311 - no secrets
    return [different[index] for index in chosen]


def measure(
    rows: Sequence[Row], samples: int, evaluation: Evaluation, generator: Generator, path: Path | None, bar: Bar
) -> dict[str, int]:
    """Try each problem `samples` times, and return how often it was right.

    What was measured lies in a file, batch by batch, and is not measured again.

    Args:
        rows: The problems, each question once.
        samples: Completions of each.
        evaluation: Scores them.
        generator: Makes them.
        path: The file; None to leave no trace (processes other than the first).
        bar: Shows how far it is.
    """
    right = {}
    if path is not None:
        keep_rows(path, lambda row: row["samples"] == samples)
        right = {row["question"]: int(row["right"]) for row in read_rows(path)}
    size = evaluation.config.evaluate.batch
    for start in range(0, len(rows), size):
        piece = rows[start : start + size]
        if not all(row.question in right for row in piece):
            scored = evaluation.attempt(piece, "sampled", samples, start, generator)
            counts = {row.question: 0 for row in piece}
            for index, one in enumerate(scored):
                counts[piece[index // samples].question] += evaluation.accuracy.correct(one.score)
            right |= counts
            if path is not None:
                append_rows(
                    path, ({"question": question, "right": n, "samples": samples} for question, n in counts.items())
                )
        done = min(start + size, len(rows))
        rate = sum(right[row.question] for row in rows[:done]) / (done * samples)
        bar.show(done, f"right {100 * rate:.1f} % of the time")
    return {row.question: right[row.question] for row in rows}


def choose(rows: Sequence[Row], right: Mapping[str, int], settings: DropSolved) -> list[Row]:
    """Return the rows that are neither always nor never right, in their own order or the easiest first."""
    kept = [
        row
        for row in rows
        if row.question in right and settings.below < right[row.question] / settings.samples < settings.above
    ]
    return sorted(kept, key=lambda row: -right[row.question]) if settings.order == "easy_first" else kept


def facts(rows: Sequence[Row], right: Mapping[str, int], settings: DropSolved, needed: int) -> dict[str, Any]:
    """Return what the summary says of the measurement.

    Raises:
        DataError: Fewer problems are left than one step needs.
    """
    counts = list(right.values())
    solved = sum(count / settings.samples >= settings.above for count in counts)
    hopeless = sum(count / settings.samples <= settings.below for count in counts)
    kept = len(counts) - solved - hopeless
    if len({row.question for row in choose(rows, right, settings)}) < needed:
        raise DataError(
            f"Of {len(counts)} training problems {solved} are solved (right in a share of {settings.above:g} or more) "
            f"and {hopeless} hopeless ({settings.below:g} or less): {kept} are left, and a step needs {needed}. Take "
            "more or other problems, a longer supervised stage, wider bounds under data.drop_solved, or none."
        )
    return {
        "problems": len({row.question for row in rows}),
        "measured": len(counts),
        "samples": settings.samples,
        "solved": solved,
        "hopeless": hopeless,
        "kept": kept,
        "rate": sum(counts) / (len(counts) * settings.samples),
        "by_right": [counts.count(number) for number in range(settings.samples + 1)],
    }
