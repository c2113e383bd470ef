"""A plugin that watches the scoring during GRPO: keeps completions with their scores, and the seconds spent."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from plaudit import hookimpl, plugins
from plaudit.composite import total
from plaudit.protocol import Part
from plaudit.report.records import completion_row

if TYPE_CHECKING:
    from plaudit.protocol import Reward, Sample, Score
    from plaudit.recipe import Recipe
    from plaudit.report.records import Accuracy


class Recorder:
    """Sees every batch that is scored, through the same hooks that strangers' plugins use.

    Attributes:
        seconds: Seconds spent in rewards since the last `take_seconds`.
        step: The training step that the next rows belong to; the trainer's callback sets it.
    """

    def __init__(self, recipe: Recipe, accuracy: Accuracy, *, split: bool, keep: int) -> None:
        self.step = 0
        self.seconds = 0.0
        self._accuracy, self._keep = accuracy, keep
        self._weights = dict(_split_weights(recipe)) if split else {}
        self._pending: dict[str, Sequence[Score]] = {}
        self._rows: list[dict[str, Any]] = []
        self._begun = 0.0

    @hookimpl
    def plaudit_before_score(self, reward: Reward, batch: Sequence[Sample]) -> None:  # noqa: ARG002
        """Start the clock."""
        self._begun = time.perf_counter()

    @hookimpl
    def plaudit_after_score(self, reward: Reward, batch: Sequence[Sample], scores: Sequence[Score]) -> None:
        """Stop the clock and keep the first completions of the step."""
        self.seconds += time.perf_counter() - self._begun
        if not self._weights:
            self._remember(batch, scores)
            return
        self._pending[reward.spec.name] = scores
        if set(self._pending) >= set(self._weights):
            self._remember(batch, self._joined())
            self._pending = {}

    def take_seconds(self) -> float:
        """Return the seconds so far, and start again from 0."""
        seconds, self.seconds = self.seconds, 0.0
        return seconds

    def take_rows(self) -> list[dict[str, Any]]:
        """Return the rows for `completions.jsonl` so far, and start again from none."""
        rows, self._rows = self._rows, []
        return rows

    def abstained(self) -> Mapping[str, float]:
        """The share of abstaining rows of each part in the last batch (a trainer that splits logs none)."""
        return self._abstained

    _abstained: Mapping[str, float] = {}

    def _remember(self, batch: Sequence[Sample], scores: Sequence[Score]) -> None:
        counts: dict[str, list[bool]] = defaultdict(list)
        for score in scores:
            for part in score.parts:
                counts[part.name].append(part.value is None)
        self._abstained = {name: sum(missing) / len(missing) for name, missing in counts.items()}
        room = self._keep - len(self._rows)
        for sample, score in list(zip(batch, scores, strict=True))[: max(0, room)]:
            place = {"stage": "grpo", "step": self.step, "mode": "sampled"}
            self._rows.append(completion_row(place, sample, score, self._accuracy))

    def _joined(self) -> list[Score]:
        columns = [self._pending[name] for name in self._weights]
        return [
            total(Part(name, weight, score) for (name, weight), score in zip(self._weights.items(), row, strict=True))
            for row in zip(*columns, strict=True)
        ]


@contextmanager
def watching(recorder: Recorder) -> Iterator[None]:
    """Register the recorder with Plaudit's plugins within this block."""
    manager = plugins.manager()
    manager.register(recorder, name="plaudit-trainer-recorder")
    try:
        yield
    finally:
        manager.unregister(recorder)


def _split_weights(recipe: Recipe) -> Iterator[tuple[str, float]]:
    functions, weights = recipe.split()
    for function, weight in zip(functions, weights, strict=True):
        yield function.__name__, weight
