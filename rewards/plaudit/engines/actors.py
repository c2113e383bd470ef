"""The actors of a Ray cluster: fed in chunks, replaced when they die."""

from __future__ import annotations

import socket
import threading
import time
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future
from contextlib import suppress
from typing import Any

import ray
from ray.exceptions import GetTimeoutError, RayActorError

from plaudit.engines.child import Outcome, Setup
from plaudit.engines.chunks import Pace
from plaudit.engines.dispatch import MAX_BAD_STARTS, MAX_DEATHS, START_SECONDS, Dispatcher, Job, Unit
from plaudit.engines.wire import to_wire
from plaudit.errors import ConfigError, PlauditError, RewardError
from plaudit.failures import FAILED
from plaudit.protocol import Score

REACH_SECONDS = 20.0
"""How long a cluster's head may take to answer a call."""

Units = Sequence[tuple[bytes, int]]


class Scorer:
    """What an actor does: hand units to a worker process on its node."""

    def __init__(self, setup: Setup) -> None:
        self._dispatcher = Dispatcher(setup, 1)

    def ready(self) -> bool:
        """Say that the actor has begun."""
        return True

    def score(self, units: Units) -> list[Outcome]:
        """Score units; a reward that can't be loaded here raises."""
        return self._dispatcher.submit(units).result()


class Actors:
    """Hands units to actors and outcomes to futures, with a thread for each actor.

    Args:
        setup: What each actor needs.
        size: How many actors; None for one per CPU of the cluster.
        address: The cluster.
    """

    def __init__(self, setup: Setup, size: int | None, address: str | None) -> None:
        self._ours = not ray.is_initialized()
        if self._ours:
            _connect(address)
        self._setup = setup
        self._size = size or max(1, int(ray.cluster_resources().get("CPU", 1)))
        self._kind: Any = ray.remote(num_cpus=1)(Scorer)
        self._queue: deque[Unit] = deque()
        self._changed = threading.Condition()
        self._pace = Pace()
        self._problem: PlauditError | None = None
        self._bad_starts = 0
        self._actors: set[Any] = set()
        self._threads = [threading.Thread(target=self._run, name="plaudit-ray", daemon=True) for _ in range(self._size)]
        for thread in self._threads:
            thread.start()

    def submit(self, units: Units) -> Future[list[Outcome]]:
        """Queue the units of one batch, each with its number of rows.

        Raises:
            PlauditError: The engine is closed, or has given up.
        """
        job = Job(outcomes=[None] * len(units), missing=len(units))
        if not units:
            job.future.set_result([])
        with self._changed:
            if self._problem is not None:
                raise self._problem
            self._queue.extend(Unit(payload, rows, job, place) for place, (payload, rows) in enumerate(units))
            self._changed.notify_all()
        return job.future

    def stop(self) -> None:
        """Kill every actor and end; a cluster that was started here ends too."""
        self._give_up(PlauditError("The engine is closed."))
        for thread in self._threads:
            thread.join()
        if self._ours:
            self._ours = False
            ray.shutdown()

    def _give_up(self, problem: PlauditError) -> None:
        with self._changed:
            self._problem = self._problem or problem
            left = list(self._queue)
            self._queue.clear()
            self._changed.notify_all()
            actors = list(self._actors)
        for actor in actors:
            _kill(actor)
        self._fail(left)

    def _fail(self, units: Sequence[Unit]) -> None:
        for future in {id(unit.job): unit.job.future for unit in units}.values():
            with self._changed:
                if not future.done() and future.set_running_or_notify_cancel():
                    future.set_exception(self._problem)

    def _run(self) -> None:
        actor = None
        while chunk := self._next():
            try:
                actor = actor or self._started()
                if actor is None:
                    self._put_back(chunk, blame=False)
                elif (outcomes := self._scored(actor, chunk)) is not None:
                    self._settle(chunk, outcomes)
                else:
                    self._drop(actor)
                    actor = None
                    self._put_back(chunk, blame=True)
            except PlauditError as error:
                self._give_up(error)
                self._fail(chunk)
        if actor is not None:
            self._drop(actor)

    def _next(self) -> list[Unit]:
        """Wait for a chunk; empty at the end."""
        with self._changed:
            while self._problem is None:
                chunk = self._pace.cut(self._queue, self._size)
                if chunk:
                    return list(chunk)
                self._changed.wait()
        return []

    def _started(self) -> Any:
        """Start an actor, and wait until it is there; None where it died of it."""
        actor = self._kind.remote(self._setup)
        with self._changed:
            self._actors.add(actor)
        try:
            ray.get(actor.ready.remote(), timeout=START_SECONDS)
        except GetTimeoutError:
            raise PlauditError(
                f"Ray found no room for an actor of one CPU within {START_SECONDS:g} s: ask `ray status` why."
            ) from None
        except RayActorError as error:
            self._drop(actor)
            self._count_bad_start(error)
            return None
        return actor

    def _count_bad_start(self, error: Exception) -> None:
        with self._changed:
            self._bad_starts += 1
            too_many = self._bad_starts >= MAX_BAD_STARTS
        if too_many:
            raise PlauditError(f"{MAX_BAD_STARTS} actors in a row ended before they could score: {error}") from error

    def _scored(self, actor: Any, chunk: Sequence[Unit]) -> list[Outcome] | None:
        """Score a chunk; None where the actor died."""
        begun = time.monotonic()
        try:
            outcomes: list[Outcome] = ray.get(actor.score.remote([(unit.payload, unit.rows) for unit in chunk]))
        except RayActorError:
            return None
        with self._changed:
            self._bad_starts = 0
            self._pace.learn(len(chunk), time.monotonic() - begun)
        return outcomes

    def _drop(self, actor: Any) -> None:
        _kill(actor)
        with self._changed:
            self._actors.discard(actor)

    def _settle(self, chunk: Sequence[Unit], outcomes: Sequence[Outcome]) -> None:
        with self._changed:
            for unit, outcome in zip(chunk, outcomes, strict=True):
                unit.job.settle(unit.position, outcome)

    def _put_back(self, chunk: Sequence[Unit], *, blame: bool) -> None:
        """Give the rows of a dead actor another try, each by itself; those that had one abstain."""
        if self._problem is not None:
            self._fail(chunk)
            return
        with self._changed:
            for unit in reversed(chunk):
                unit.deaths += blame
                if unit.deaths < MAX_DEATHS:
                    self._queue.appendleft(unit)
                else:
                    unit.job.settle(unit.position, _lost(unit, self._setup))
            self._changed.notify_all()


def _lost(unit: Unit, setup: Setup) -> Outcome:
    score = Score(None, f"{FAILED}its Ray actor died, and another on the second try")
    return RewardError(f"A row {score.reason}.") if setup.strict else [to_wire(score)] * unit.rows


def _kill(actor: Any) -> None:
    with suppress(Exception):  # it is dead already, or the cluster is gone
        ray.kill(actor)


def _connect(address: str | None) -> None:
    host, _, port = (address or "").rpartition("//")[2].rpartition(":")
    try:
        if port.isdecimal():  # ray.init would try for minutes, then end the process
            socket.create_connection((host, int(port)), timeout=REACH_SECONDS).close()
        ray.init(address=address, include_dashboard=False, log_to_driver=False)
    except (OSError, ValueError, RuntimeError) as error:
        raise ConfigError(f"No Ray cluster at {address or 'any known address'}: {error}") from error
