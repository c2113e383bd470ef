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
    """The failures of one reward in this process since it last gave a value."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._rows = 0
        self._questions: set[Hashable] = set()
        self._told = False

    def take(self, spec: Spec, batch: Sequence[Sample], scores: Sequence[Score]) -> None:
        """Count a batch; the first failure is written to the log with its traceback.

        Raises:
            RewardError: The last 8 completions or more, of more than one question, all failed: the reward is broken.
        """
        with self._lock:
            for sample, score in zip(batch, scores, strict=True):
                if score.value is not None or not has_failed(score):
                    self._rows, self._questions = 0, set()
                    continue
                self._rows += 1
                self._questions.add(_question(sample, spec.reads))
                if not self._told:
                    self._told = True
                    logger.warning("Reward %r abstains on a completion. %s", spec.name, score.reason)
            if self._rows >= REAL_BATCH and len(self._questions) > 1:
                said = scores[-1].reason.partition("\n")[0]
                raise RewardError(
                    f"Reward {spec.name!r} failed on the last {self._rows} completions, so the reward is broken, not "
                    f"the data. The last one {said}"
                )


def _question(sample: Sample, reads: Sequence[str]) -> Hashable:
    return sample.prompt_text, repr([sample.columns.get(name) for name in reads])
