"""The `workers` engine: scores in persistent processes, kills the one whose sample runs too long, and goes on."""

from __future__ import annotations

import math
import os
import pickle
import sys
import threading
from collections import deque
from collections.abc import Hashable, Iterable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from multiprocessing.util import Finalize
from typing import Self

from plaudit.engines.child import Outcome, Setup, refuse_in_a_script_run_again
from plaudit.engines.dispatch import Dispatcher
from plaudit.engines.hooks import after, before
from plaudit.engines.wire import from_wire
from plaudit.errors import ConfigError, DataError
from plaudit.failures import refuse_broken, require_columns
from plaudit.protocol import Reward, Sample, Score

MEMORY_BYTES = 2 * 1024**3
DEADLINE_SECONDS = 10.0

FIRST_SECONDS = 5.0
"""What the first sample of a process may take beyond its deadline, for what the reward prepares on first use; later
processes get five times what the first ones needed, if that is less. Imports are not counted at all."""

AHEAD_ROWS = 8192
AHEAD_BYTES = 32 * 1024**2
"""How much of a stream may be under way: beyond that it isn't read on until the oldest batch is done."""


class Workers:
    """Scores with one reward in worker processes; a context manager, safe in threads.

    The processes start at the first batch and stay. Each gets the reward once, so the reward must pickle. What a sample
    is given must not depend on its neighbours: samples run one at a time, those of a coupled reward group by group.

    Attributes of the run:
        A sample that runs longer than `deadline_seconds`, counted from when it starts, abstains: its process is killed
        and replaced, and the others of its chunk are finished elsewhere. Imports don't count, and the first sample of a
        process has up to five seconds more, for what the reward prepares. A process that dies costs one sample: the one
        it was at is tried once more by itself, and abstains if that fails too. Groups have the deadlines of their rows
        together.

    Args:
        reward: Any reward that pickles.
        workers: How many processes; by default one for each core that this process may use.
        deadline_seconds: How long one sample may take, more than 0; None for ever.
        memory_bytes: How much address space a process may take beyond what it has when the reward is loaded (Linux
            only); None for no limit.
        strict: Raise on the first failure of the reward, instead of letting its row abstain.

    Raises:
        ConfigError: The reward doesn't pickle, or a setting makes no sense.

    >>> from plaudit import Sample, load
    >>> with Workers(load("format-exact"), workers=1) as engine:
    ...     [score.value for score in engine.score([Sample("4")])]
    [0.0]
    """

    hooked = True
    """Plugins' hooks are called around each batch; not where a caller does that itself."""

    def __init__(
        self,
        reward: Reward,
        *,
        workers: int | None = None,
        deadline_seconds: float | None = DEADLINE_SECONDS,
        memory_bytes: int | None = MEMORY_BYTES if sys.platform == "linux" else None,
        strict: bool = False,
    ) -> None:
        self.reward = reward
        self.workers = cores() if workers is None else workers
        _check(self.workers, deadline_seconds, memory_bytes)
        self._setup = Setup(_pickled(reward), deadline_seconds, FIRST_SECONDS, memory_bytes, strict)
        self._lock = threading.Lock()
        self._dispatcher: Dispatcher | None = None
        self._process_id = 0
        self._closed = False

    def score(self, batch: Sequence[Sample], /) -> list[Score]:
        """Score a batch: one score per sample, in order.

        Raises:
            DataError: A column that the reward reads is missing, or a sample can't be pickled.
            RewardError: The reward failed on every row of 8 or more, or, when strict, on any.
            PlauditError: The engine is closed, or its processes can't start.
        """
        return next(self.stream([batch]))

    def submit(self, batch: Sequence[Sample], /) -> Future[list[Score]]:
        """Begin to score a batch; callbacks of the future run in the engine's thread, so they must be short.

        Raises:
            DataError: A column that the reward reads is missing, or a sample can't be pickled.
            PlauditError: The engine is closed, or its processes can't start.
        """
        pending = self._begin(batch)
        scores: Future[list[Score]] = Future()

        def finish(_: Future[list[Outcome]]) -> None:
            try:
                scores.set_result(self._finish(pending))
            except BaseException as error:  # noqa: BLE001 - whoever waits gets it
                scores.set_exception(error)

        pending.future.add_done_callback(finish)
        return scores

    def stream(self, batches: Iterable[Sequence[Sample]], /) -> Iterator[list[Score]]:
        """Score batches, reading ahead no further than 8,192 rows or 32 MiB; one list each, in order.

        Raises:
            PlauditError: As `score` does, when the batch that is to blame is reached.
        """
        ahead: deque[_Pending] = deque()
        try:
            for batch in batches:
                ahead.append(self._begin(batch))
                while ahead and (ahead[0].future.done() or _is_enough(ahead)):
                    yield self._finish(ahead[0])
                    ahead.popleft()
            while ahead:
                yield self._finish(ahead[0])
                ahead.popleft()
        finally:
            for pending in ahead:
                pending.future.cancel()

    def close(self) -> None:
        """Kill every process, and wait until all are gone; what is still waited for raises."""
        with self._lock:
            self._closed = True
            dispatcher, self._dispatcher = self._dispatcher, None
        if dispatcher is not None and self._process_id == os.getpid():
            dispatcher.stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def __reduce__(self) -> tuple[object, ...]:
        setup = self._setup
        return _again, (self.reward, self.workers, setup.deadline_seconds, setup.memory_bytes, setup.strict)

    def _begin(self, batch: Sequence[Sample]) -> _Pending:
        if batch and self.hooked:
            before(self.reward, batch)
        require_columns(self.reward.spec, batch)
        order = _units(self.reward, batch)
        units = [(_payload([batch[row] for row in rows]), len(rows)) for rows in order]
        size = sum(len(payload) for payload, _ in units)
        return _Pending(batch, order, self._running().submit(units), size)

    def _finish(self, pending: _Pending) -> list[Score]:
        found: dict[int, Score] = {}
        for rows, outcome in zip(pending.order, pending.future.result(), strict=True):
            if not isinstance(outcome, list):
                raise outcome
            found |= zip(rows, map(from_wire, outcome), strict=True)
        scores = [found[row] for row in range(len(found))]
        refuse_broken(self.reward, pending.batch, scores)
        if scores and self.hooked:
            after(self.reward, pending.batch, scores)
        return scores

    def _running(self) -> Dispatcher:
        refuse_in_a_script_run_again()
        with self._lock:
            if self._closed:
                raise ConfigError("The engine is closed: make another.")
            if self._dispatcher is None or self._process_id != os.getpid():  # a fork has no threads of its parent's
                self._dispatcher, self._process_id = Dispatcher(self._setup, self.workers), os.getpid()
                Finalize(self, self._dispatcher.stop, exitpriority=10)
            return self._dispatcher


@dataclass(frozen=True, slots=True)
class _Pending:
    batch: Sequence[Sample]
    order: list[list[int]]
    future: Future[list[Outcome]]
    size: int


def _is_enough(ahead: Iterable[_Pending]) -> bool:
    rows = sum(len(pending.batch) for pending in ahead)
    return rows >= AHEAD_ROWS or sum(pending.size for pending in ahead) >= AHEAD_BYTES


def _units(reward: Reward, batch: Sequence[Sample]) -> list[list[int]]:
    """Say which rows of a batch must be scored together; the rows of a group need not be neighbours."""
    if not reward.spec.coupled:
        return [[row] for row in range(len(batch))]
    groups: dict[Hashable, list[int]] = {}
    for row, sample in enumerate(batch):
        groups.setdefault(sample.group, []).append(row)
    return list(groups.values())


def _payload(unit: Sequence[Sample]) -> bytes:
    try:
        return pickle.dumps(unit, pickle.HIGHEST_PROTOCOL)
    except Exception as error:
        raise DataError(
            f"A sample can't be sent to a worker process ({type(error).__name__}: {error}): give plain data."
        ) from error


def _pickled(reward: Reward) -> bytes:
    try:
        return pickle.dumps(reward, pickle.HIGHEST_PROTOCOL)
    except Exception as error:
        raise ConfigError(
            f"Reward {reward.spec.name!r} can't be sent to worker processes ({type(error).__name__}: {error}): "
            "define it at the top level of a module, or score inline."
        ) from error


def cores() -> int:
    """Count the cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _check(workers: int, deadline_seconds: float | None, memory_bytes: int | None) -> None:
    if workers < 1:
        raise ConfigError(f"workers={workers}: at least one is needed.")
    if deadline_seconds is not None and not 0 < deadline_seconds < math.inf:
        raise ConfigError(f"deadline_seconds={deadline_seconds} must be more than 0; None for no deadline.")
    if memory_bytes is not None and (memory_bytes < 1 or sys.platform != "linux"):
        raise ConfigError(f"memory_bytes={memory_bytes}: memory can be capped on Linux only, at more than 0.")


def _again(
    reward: Reward, workers: int, deadline_seconds: float | None, memory_bytes: int | None, strict: bool
) -> Workers:
    return Workers(reward, workers=workers, deadline_seconds=deadline_seconds, memory_bytes=memory_bytes, strict=strict)
