"""From samples to scores inside the server: admitted, scored by the engine, stripped of tracebacks."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from plaudit.errors import PlauditError, RewardError
from plaudit.failures import FAILED, failed_score, has_failed
from plaudit.protocol import Part, Reward, Sample, Score, Spec
from plaudit.server.admission import RETRY_SECONDS, Admission
from plaudit.server.guard import REQUEST_ID
from plaudit.server.problems import Problem

if TYPE_CHECKING:
    from concurrent.futures import Future

    from plaudit.server.metrics import Metrics
    from plaudit.server.settings import Settings

LOG = logging.getLogger("plaudit.server")


class Engine(Protocol):
    """What the server asks of an engine: to begin a batch without waiting for it, and to end."""

    def submit(self, batch: Sequence[Sample], /) -> Future[list[Score]]:
        """Begin to score a batch."""
        ...

    def close(self) -> None:
        """End every process and thread."""
        ...


class Judge:
    """Scores the samples of requests with one reward and one engine.

    Attributes:
        reward: The reward.
        settings: What the server was told.
        broken: The engine has given up; only a restart helps.
    """

    def __init__(
        self, reward: Reward, engine: Engine, settings: Settings, admission: Admission, metrics: Metrics
    ) -> None:
        self.reward = reward
        self.settings = settings
        self.broken = False
        self._engine = engine
        self._admission = admission
        self._metrics = metrics

    @property
    def spec(self) -> Spec:
        """The facts of the reward."""
        return self.reward.spec

    async def score(self, samples: Sequence[Sample]) -> list[Score]:
        """Score the samples of one request: one score each, in order.

        Raises:
            Problem: A column is missing, the queue is full, or the time is up.
        """
        if not samples:
            return []
        samples = [self._renamed(sample) for sample in samples]
        self._check(samples)
        self._admission.take(len(samples))
        work = asyncio.ensure_future(self._scored(samples))
        work.add_done_callback(lambda _: self._admission.give_back(len(samples)))
        seconds = self.settings.timeout_seconds
        done, _ = await asyncio.wait([work], timeout=seconds)  # the work goes on, and keeps its place
        if not done:
            raise Problem(503, "timeout", f"Not scored within {seconds:g} s.", RETRY_SECONDS)
        return [self._published(score) for score in work.result()]

    def close(self) -> None:
        """Stop the engine."""
        self._engine.close()

    def _renamed(self, sample: Sample) -> Sample:
        there = {name: column for name, column in self.settings.renamed.items() if column in sample.columns}
        if not there:
            return sample
        taken = {name: sample.columns[column] for name, column in there.items()}
        return replace(sample, columns={**sample.columns, **taken})

    def _check(self, samples: Sequence[Sample]) -> None:
        for row, sample in enumerate(samples):
            if missing := [column for column in self.spec.reads if column not in sample.columns]:
                raise Problem(422, "missing_column", self._missing(row, sample, missing[0]))
        if self.spec.coupled and any(sample.group is None for sample in samples):
            message = f"{self.spec.name!r} compares the completions of a prompt: send them with `group` to /v1/score."
            raise Problem(422, "needs_group", message)

    def _missing(self, row: int, sample: Sample, column: str) -> str:
        there = ", ".join(map(repr, sample.columns)) or "none"
        return (
            f"{self.spec.name!r} reads the column {column!r}, which sample {row} lacks; its columns: {there}. "
            f"Send it, or serve with --map {column}=COLUMN."
        )

    async def _scored(self, samples: Sequence[Sample]) -> list[Score]:
        try:
            return await asyncio.wrap_future(self._engine.submit(samples))
        except RewardError as error:  # it failed on every row; each row says so, as rows of other requests go on
            return [failed_score(error)] * len(samples)
        except PlauditError as error:
            self.broken = True
            LOG.exception("the engine gave up")
            raise Problem(503, "engine_down", "The engine can't score; the server's log says why.") from error

    def _published(self, score: Score) -> Score:
        self._metrics.count(score)
        if not has_failed(score):
            return score
        LOG.warning("request %s: %s", REQUEST_ID.get(), score.reason)
        return _without_traceback(score)


def _without_traceback(score: Score) -> Score:
    parts = tuple(Part(part.name, part.weight, _without_traceback(part.score)) for part in score.parts)
    head, failed, rest = score.reason.partition(FAILED)
    if not failed or "Traceback (most recent call last)" not in rest:
        return replace(score, parts=parts)
    return replace(score, reason=f"{head}{failed}the server's log says why, request {REQUEST_ID.get()}", parts=parts)
