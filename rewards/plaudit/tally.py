"""Counting what a reward gave, row by row, in constant memory."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

from plaudit.failures import FAILED, has_failed
from plaudit.protocol import Reward, Score
from plaudit.tree import tree_of


@dataclass
class Statistics:
    """What one reward, or one part, gave so far.

    Attributes:
        rows: On how many rows it was asked.
        abstained: On how many it gave no value; failures are among them.
        failed: On how many it, or a part of it, raised.
        accepted: On how many it gave what means "right"; None for shaping rewards.
        total: The sum of its values.
        low: The least value given.
        high: The greatest value given.
    """

    accept_at: float | None = None
    rows: int = 0
    abstained: int = 0
    failed: int = 0
    accepted: int | None = None
    total: float = 0.0
    low: float = math.inf
    high: float = -math.inf

    @property
    def mean(self) -> float | None:
        """The mean of the values given; None where none was."""
        spoken = self.rows - self.abstained
        return self.total / spoken if spoken else None

    def add(self, score: Score) -> None:
        """Count one score."""
        self.rows += 1
        self.failed += has_failed(score)
        if score.value is None:
            self.abstained += 1
            return
        self.total += score.value
        self.low, self.high = min(self.low, score.value), max(self.high, score.value)
        if self.accept_at is not None:
            self.accepted = (self.accepted or 0) + (score.value >= self.accept_at)

    def to_dict(self) -> dict[str, Any]:
        """Write the counts as plain data; `min` and `max` are null where no value was given."""
        spoken = self.rows > self.abstained
        return {
            "rows": self.rows,
            "mean": self.mean,
            "min": self.low if spoken else None,
            "max": self.high if spoken else None,
            "accepted": self.accepted,
            "abstained": self.abstained,
            "failed": self.failed,
        }


@dataclass
class Tally:
    """Statistics of a reward and of all its parts, by path.

    >>> from plaudit import Sample, recipe
    >>> tally = Tally.of(recipe("unsloth"))
    >>> for score in recipe("unsloth").score([Sample("4", columns={"answer": "4"})]):
    ...     tally.add(score, "run.jsonl:1")
    >>> tally.total.mean, tally.parts["answer-match"].mean
    (-7.5, -2.0)
    """

    total: Statistics
    parts: dict[str, Statistics] = field(default_factory=dict)
    first_failure: str = ""

    @classmethod
    def of(cls, reward: Reward) -> Tally:
        """Begin to count for a reward, with its parts in their order."""
        parts = {path: Statistics(branch.spec.accept_at) for path, branch in tree_of(reward).walk()}
        return cls(Statistics(reward.spec.accept_at), parts)

    def add(self, score: Score, place: str) -> None:
        """Count the score of the row at a place."""
        self.total.add(score)
        self._add_parts(score, "")
        if not self.first_failure and has_failed(score):
            self.first_failure = f"{place}: {failure_of(score)}"

    def _add_parts(self, score: Score, prefix: str) -> None:
        for part in score.parts:
            path = prefix + part.name
            self.parts.setdefault(path, Statistics()).add(part.score)
            self._add_parts(part.score, f"{path}/")

    def to_dict(self) -> dict[str, Any]:
        """Write all counts as plain data."""
        parts = [{"name": path, **statistics.to_dict()} for path, statistics in self.parts.items()]
        return {**self.total.to_dict(), "parts": parts, "first_failure": self.first_failure or None}


def failure_of(score: Score) -> str:
    """Return the first line of what went wrong in a score or in one of its parts."""
    reasons = [score.reason, *(part.score.reason for part in score.walk())]
    failed = next((reason for reason in reasons if reason.startswith(FAILED)), "")
    return failed.removeprefix(FAILED).partition("\n")[0]
