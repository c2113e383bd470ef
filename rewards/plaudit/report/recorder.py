"""A plugin that watches scoring, in any trainer: keeps completions with their scores, and the seconds spent."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from plaudit import plugins
from plaudit.composite import total
from plaudit.hookspecs import hookimpl
from plaudit.protocol import Part
from plaudit.report.records import Accuracy, completion_row, verdict_of

if TYPE_CHECKING:
    from plaudit.protocol import Reward, Sample, Score


class Recorder:
    """Sees every batch that is scored, through the same hooks that strangers' plugins use.

    A trainer with several reward functions calls them one after another on the same batch; their scores are joined
    into one row, the total weighted as the trainer weighs them.

    Args:
        accuracy: What counts as right; unless given, the first reward that can say so does.
        weights: The weight of each reward by its name, where a trainer has several and all their names are known.
        keep: How many completions of each step are kept; the others are counted in `left_out`.

    Attributes:
        stage: What the next rows belong to: `grpo`, `evaluation` …
        step: The training step that the next rows belong to.
        seconds: Seconds spent in rewards since the last `take_seconds`.
        left_out: How many completions were not kept.
        differ: In this step, some group's completions were worth different rewards: there is something to learn.
    """

    def __init__(
        self, accuracy: Accuracy | None = None, *, weights: Mapping[str, float] | None = None, keep: int | None = None
    ) -> None:
        self.stage, self.step, self.seconds, self.left_out = "grpo", 0, 0.0, 0
        self.differ = False
        self._accuracy, self._keep, self._weights = accuracy, keep, dict(weights or {})
        self._pending: dict[str, Sequence[Score]] = {}
        self._batch: Sequence[Sample] = ()
        self._judges: dict[str, Accuracy | None] = {}
        self._rows: list[dict[str, Any]] = []
        self._kept = (0, 0)
        self._abstained: Mapping[str, float] = {}
        self._begun = 0.0

    @hookimpl
    def plaudit_before_score(self, reward: Reward, batch: Sequence[Sample]) -> None:  # noqa: ARG002
        """Start the clock."""
        self._begun = time.perf_counter()

    @hookimpl
    def plaudit_after_score(self, reward: Reward, batch: Sequence[Sample], scores: Sequence[Score]) -> None:
        """Stop the clock and keep the scores until every reward has judged the batch."""
        self.seconds += time.perf_counter() - self._begun
        name = reward.spec.name
        if name not in self._judges:
            self._judges[name] = verdict_of(reward)
        self.add(name, batch, scores)

    def add(self, name: str, batch: Sequence[Sample], scores: Sequence[Score]) -> None:
        """Take the scores that one reward gave to a batch; for functions that aren't rewards of ours."""
        if name in self._pending or not _same(self._batch, batch):
            self._flush()
        self._batch, self._pending[name] = batch, scores
        if set(self._pending) == set(self._weights):
            self._flush()

    def begin(self, stage: str, step: int) -> None:
        """Say what the next rows belong to."""
        self._flush()
        self.stage, self.step, self.differ = stage, step, False

    def take_seconds(self) -> float:
        """Return the seconds so far, and start again from 0."""
        seconds, self.seconds = self.seconds, 0.0
        return seconds

    def take_rows(self) -> list[dict[str, Any]]:
        """Return the rows for `completions.jsonl` so far, and start again from none."""
        self._flush()
        rows, self._rows = self._rows, []
        return rows

    def abstained(self) -> Mapping[str, float]:
        """The share of abstaining rows of each part in the last batch (a trainer that splits logs none)."""
        self._flush()
        return self._abstained

    def _flush(self) -> None:
        """Turn the scores of one batch into rows."""
        if not self._pending:
            return
        batch, scores = self._batch, self._joined()
        self._batch, self._pending = (), {}
        counts: dict[str, list[bool]] = defaultdict(list)
        for score in scores:
            for part in score.parts:
                counts[part.name].append(part.value is None)
        self._abstained = {name: sum(missing) / len(missing) for name, missing in counts.items()}
        self.differ |= _differ_within_a_group(batch, scores)
        place = {"stage": self.stage, "step": self.step, "mode": "sampled"}
        room = self._room(len(batch))
        accuracy = self._accuracy or self._found_accuracy()
        for sample, score in list(zip(batch, scores, strict=True))[:room]:
            self._rows.append(completion_row(place, sample, score, accuracy))

    def _room(self, wanted: int) -> int:
        step, kept = self._kept if self._kept[0] == self.step else (self.step, 0)
        room = wanted if self._keep is None else max(0, min(wanted, self._keep - kept))
        self._kept = step, kept + room
        self.left_out += wanted - room
        return room

    def _joined(self) -> Sequence[Score]:
        if len(self._pending) == 1 and not self._weights:
            return next(iter(self._pending.values()))
        names = [name for name in self._weights if name in self._pending] or list(self._pending)
        columns = [self._pending[name] for name in names]
        weights = [self._weights.get(name, 1.0) for name in names]
        return [
            total(Part(name, weight, score) for name, weight, score in zip(names, weights, row, strict=True))
            for row in zip(*columns, strict=True)
        ]

    def _found_accuracy(self) -> Accuracy | None:
        """What says "right": of several rewards, the first that can; it is then a part of the joined total."""
        for name, accuracy in self._judges.items():
            if accuracy is not None:
                single = len(self._judges) == 1 and not self._weights
                return accuracy if single or accuracy.part else Accuracy(name, accuracy.accept_at)
        return None


def _differ_within_a_group(batch: Sequence[Sample], scores: Sequence[Score]) -> bool:
    """Whether two completions of one prompt got different scores; one that abstained has none."""
    groups: dict[str, set[float]] = defaultdict(set)
    for sample, score in zip(batch, scores, strict=True):
        if score.value is not None:
            groups[repr(sample.prompt)].add(score.value)
    return any(len(values) > 1 for values in groups.values())


def _same(one: Sequence[Sample], other: Sequence[Sample]) -> bool:
    """Whether two batches hold the same completions; a trainer builds them anew for each of its rewards."""
    return len(one) == len(other) and all(a.completion == b.completion for a, b in zip(one, other, strict=True))


@contextmanager
def watching(recorder: Recorder) -> Iterator[None]:
    """Register a recorder with Plaudit's plugins within this block."""
    manager = plugins.manager()
    manager.register(recorder)
    try:
        yield
    finally:
        manager.unregister(recorder)
