"""Failures counted across calls: trainers that hand over one completion at a time would never see that all fail."""

from __future__ import annotations

import logging
import threading
from collections.abc import Hashable, Sequence

from plaudit.errors import RewardError
from plaudit.failures import REAL_BATCH, has_failed
from plaudit.protocol import Sample, Score, Spec

logger = logging.getLogger("plaudit")


class Streak:
    """What one reward has been asked in this process, and its failures since it last gave a value."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._asked = self._abstained = self._failed = 0
        self._questions: set[Hashable] = set()
        self._told = False

    def take(self, spec: Spec, batch: Sequence[Sample], scores: Sequence[Score]) -> None:
        """Count a batch, and log the first failure with its traceback, and the 1st, 10th, 100th … abstention.

        Raises:
            RewardError: The last 8 completions or more, of more than one question, all failed: the reward is broken.
        """
        with self._lock:
            for sample, score in zip(batch, scores, strict=True):
                self._asked += 1
                if score.value is None:
                    self._count_abstention(spec.name)
                self._count_failure(spec, sample, score)
            if self._failed >= REAL_BATCH and len(self._questions) > 1:
                said = scores[-1].reason.partition("\n")[0]
                raise RewardError(
                    f"Reward {spec.name!r} failed on the last {self._failed} completions, so the reward is broken, not "
                    f"the data. The last one {said}"
                )

    def _count_abstention(self, name: str) -> None:
        """Trainers without a channel for flags show it nowhere else."""
        self._abstained += 1
        if str(self._abstained).strip("0") == "1":
            logger.warning("Reward %r has abstained on %d of %d completions.", name, self._abstained, self._asked)

    def _count_failure(self, spec: Spec, sample: Sample, score: Score) -> None:
        if score.value is not None or not has_failed(score):
            self._failed, self._questions = 0, set()
            return
        self._failed += 1
        self._questions.add(_question(sample, spec.reads))
        if not self._told:
            self._told = True
            logger.warning("Reward %r failed on a completion, so it abstains there. %s", spec.name, score.reason)


def _question(sample: Sample, reads: Sequence[str]) -> Hashable:
    return sample.prompt_text, repr([sample.columns.get(name) for name in reads])
