"""Figures from outcomes: who is right, who is fast, who survives."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from peers.rows import NEUTRAL_SOURCES, REAL_COMPLETIONS

EASY = re.compile(r"-?\$?(\d[\d,]*(\.\d+)?|\.\d+)%?|-?\d+\s*/\s*\d+|-?\\d?frac\{-?\d+\}\{-?\d+\}")


@dataclass(frozen=True)
class Judged:
    """One row with what a grader said of it."""

    row: dict[str, Any]
    mode: str
    outcome: dict[str, Any]

    @property
    def right(self) -> bool:
        """Whether the grader agrees with the label; undecided counts as a refusal."""
        return (self.outcome["verdict"] is True) == bool(self.row["label"])

    @property
    def settled(self) -> bool:
        """Whether the label is beyond dispute."""
        return not self.row.get("contested")


@dataclass(frozen=True)
class Accuracy:
    """Counts of right and wrong verdicts."""

    positives: int
    negatives: int
    refused: int
    accepted: int

    @classmethod
    def of(cls, judged: Iterable[Judged]) -> Accuracy:
        """Count the settled rows."""
        rows = [one for one in judged if one.settled]
        good = [one for one in rows if one.row["label"]]
        refused = sum(not one.right for one in good)
        accepted = sum(not one.right for one in rows if not one.row["label"])
        return cls(len(good), len(rows) - len(good), refused, accepted)

    @property
    def rows(self) -> int:
        """How many rows were counted."""
        return self.positives + self.negatives

    @property
    def percent(self) -> float:
        """Share of right verdicts."""
        return 100 * (1 - (self.refused + self.accepted) / self.rows) if self.rows else float("nan")

    @property
    def refused_percent(self) -> float:
        """Share of right answers refused."""
        return 100 * self.refused / self.positives if self.positives else 0.0

    @property
    def accepted_percent(self) -> float:
        """Share of wrong answers accepted."""
        return 100 * self.accepted / self.negatives if self.negatives else 0.0


@dataclass(frozen=True)
class Speed:
    """Processor time of a set of rows."""

    rows: int
    per_second: float
    median: float
    p99: float
    worst: float

    @classmethod
    def of(cls, judged: Iterable[Judged]) -> Speed:
        """Take the processor seconds of every row, contested or not."""
        seconds = sorted(one.outcome["seconds"] for one in judged)
        count = len(seconds)
        if not count:
            return cls(0, float("nan"), float("nan"), float("nan"), float("nan"))
        return cls(count, count / sum(seconds), seconds[count // 2], seconds[int(count * 0.99)], seconds[-1])


Chooser = Callable[[Judged], bool]


def end_to_end(one: Judged) -> bool:
    """Bare answers, and completions with the grader's own extraction."""
    return one.mode != "neutral"


def comparison(one: Judged) -> bool:
    """Bare answers, and what a neutral rule found in completions that end plainly."""
    return one.mode == "answer" or (one.mode == "neutral" and one.row["source"] in NEUTRAL_SOURCES)


def real_completion(one: Judged) -> bool:
    """Texts that a model wrote, whole."""
    return one.mode == "completion" and one.row["source"] in REAL_COMPLETIONS


def whole_completion(one: Judged) -> bool:
    """Whole completions of all sources, test suites included."""
    return one.mode == "completion"


def easy(one: Judged) -> bool:
    """Comparison with an integer, a decimal or a fraction."""
    return comparison(one) and EASY.fullmatch(one.row["gold"].strip().strip("$")) is not None


def symbolic(one: Judged) -> bool:
    """Comparison with anything else."""
    return comparison(one) and not easy(one)


@dataclass(frozen=True)
class Hostile:
    """What became of the hostile texts, and of the honest one behind each."""

    rows: int
    accepts: int
    refusals: int
    exceptions: int
    hangs: int
    deaths: int
    slow: int
    slowest: float
    growth_bytes: int
    code_ran: int
    honest_wrong: int
    honest_slow: int

    @classmethod
    def of(cls, rows: list[dict[str, Any]], outcomes: list[dict[str, Any]]) -> Hostile:
        """Outcomes alternate: a hostile text, an honest one."""
        judged = [Judged(row, "completion", outcome) for row, outcome in zip(rows, outcomes[::2], strict=True)]
        counted = Accuracy.of(judged)
        honest = outcomes[1::2]
        return cls(
            rows=len(rows),
            accepts=counted.accepted,
            refusals=counted.refused,
            exceptions=sum(one["exception"] is not None for one in outcomes),
            hangs=sum("hang" in one for one in outcomes),
            deaths=sum("died" in one for one in outcomes),
            slow=sum(one["wall"] > 1 for one in outcomes[::2]),
            slowest=max((one["wall"] for one in outcomes[::2]), default=0.0),
            growth_bytes=max((one["peak_bytes"] - one["base_bytes"] for one in outcomes), default=0),
            code_ran=sum("code_ran" in one for one in outcomes),
            honest_wrong=sum(one["verdict"] is not True for one in honest),
            honest_slow=sum(one["wall"] > 1 for one in honest),
        )
