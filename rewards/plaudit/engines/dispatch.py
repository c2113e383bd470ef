"""The thread that feeds the worker processes, watches their clocks, and replaces those that die."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections import deque
from collections.abc import Iterable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field, replace
from multiprocessing.connection import wait

from plaudit.engines import faults
from plaudit.engines.child import Outcome, Setup
from plaudit.engines.chunks import Pace
from plaudit.engines.process import Process
from plaudit.engines.wire import to_wire
from plaudit.errors import PlauditError, RewardError
from plaudit.protocol import Score

START_SECONDS = 120.0
"""How long a worker may take to load the reward."""

MAX_BAD_STARTS = 3
"""How many workers in a row may die before they are ready, or between units, until the engine gives up."""

LOOK_SECONDS = 1.0
"""How long a death can stay unnoticed whose channel a child of the dead keeps open."""

FIRST_TIMES, FIRST_LEAST_SECONDS = 5.0, 1.0
"""How much of what first units have taken so far a later first unit may take beyond its deadline, and at least."""

MAX_DEATHS = 2
"""A row on which so many workers died abstains: the first may have been killed by mistake."""


@dataclass(slots=True)
class Unit:
    """What runs under one deadline: a sample, or the group of a coupled reward, pickled."""

    payload: bytes
    rows: int
    job: Job
    position: int
    deaths: int = 0


@dataclass(slots=True)
class Job:
    """A batch on its way: its outcomes come in any order, its future gets them in theirs."""

    future: Future[list[Outcome]] = field(default_factory=Future)
    outcomes: list[Outcome | None] = field(default_factory=list)
    missing: int = 0

    def settle(self, position: int, outcome: Outcome) -> None:
        """Take the outcome of one unit."""
        self.outcomes[position] = outcome
        self.missing -= 1
        if not self.missing and self.future.set_running_or_notify_cancel():
            self.future.set_result([found for found in self.outcomes if found is not None])


@dataclass(slots=True)
class Seat:
    """One place in the pool: the process that holds it, and what that process has been given."""

    process: Process
    ready: bool = False
    proven: bool = False
    chunk: deque[Unit] = field(default_factory=deque)
    reported: int = 0


class Dispatcher:
    """Hands units to processes and outcomes to futures, in a thread of its own.

    Args:
        setup: What each process needs.
        size: How many processes there are.
    """

    def __init__(self, setup: Setup, size: int) -> None:
        self._setup, self._size = setup, size
        self._queue: deque[Unit] = deque()
        self._lock = threading.Lock()
        self._problem: PlauditError | None = None
        self._stopping = False
        self._seats: list[Seat] = []
        self._bad_starts = 0
        self._first_seconds = 0.0
        self._pace = Pace()
        self._wake_end, self._wake = os.pipe()
        os.set_blocking(self._wake, False)
        self._thread = threading.Thread(target=self._run, name="plaudit-workers", daemon=True)
        self._thread.start()

    def submit(self, units: Sequence[tuple[bytes, int]]) -> Future[list[Outcome]]:
        """Queue the units of one batch, each with its number of rows.

        Raises:
            PlauditError: The engine is closed, or has given up.
        """
        job = Job(outcomes=[None] * len(units), missing=len(units))
        if not units:
            job.future.set_result([])
        with self._lock:
            if self._problem is not None:
                raise self._problem
            self._queue.extend(Unit(payload, rows, job, place) for place, (payload, rows) in enumerate(units))
            self._call()
        return job.future

    def stop(self) -> None:
        """Kill every process and end; what is still waited for raises."""
        with self._lock:
            if self._stopping:
                return
            self._stopping = True
            self._call()
        if threading.current_thread() is not self._thread:
            self._thread.join()

    def _call(self) -> None:
        with suppress(BlockingIOError):  # it is full of calls already
            os.write(self._wake, b"!")

    def _run(self) -> None:
        if hasattr(signal, "pthread_sigmask"):  # children inherit it: Ctrl-C is for the parent, which ends them
            signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        problem = PlauditError("The engine is closed.")
        try:
            while not self._stopping:
                self._turn()
        except PlauditError as error:
            problem = error
        except BaseException as error:
            problem = PlauditError(f"The engine broke: {type(error).__name__}: {error}. Please report this.")
            raise
        finally:
            self._end(problem)

    def _turn(self) -> None:
        """Do what can be done now, then sleep until something happens or may be overdue."""
        self._fill_seats()
        for seat in self._seats:
            self._feed(seat)
        ready = wait([self._wake_end, *(seat.process.channel for seat in self._seats)], self._nap())
        if self._wake_end in ready:
            os.read(self._wake_end, 4096)
        for seat in list(self._seats):
            self._hear(seat)

    def _fill_seats(self) -> None:
        wanted = min(self._size, len(self._queue) + sum(bool(seat.chunk) for seat in self._seats))
        while len(self._seats) < wanted:
            self._seats.append(Seat(Process(self._next_setup())))

    def _next_setup(self) -> Setup:
        """Allow a new process for its first unit what the others needed, once that is known."""
        if not self._first_seconds:
            return self._setup
        known = max(FIRST_LEAST_SECONDS, FIRST_TIMES * self._first_seconds)
        return replace(self._setup, first_seconds=min(self._setup.first_seconds, known))

    def _nap(self) -> float | None:
        busy = [seat for seat in self._seats if seat.chunk or not seat.ready]
        if not busy:
            return None
        earliest = min(seat.process.due() for seat in busy)
        least = min(self._setup.deadline_seconds or LOOK_SECONDS, LOOK_SECONDS)  # a unit may begin as we lie down
        return max(0.0, min(earliest - time.monotonic(), least))

    def _feed(self, seat: Seat) -> None:
        if seat.chunk or not seat.ready:
            return
        with self._lock:
            seat.chunk = self._pace.cut(self._queue, self._size)
        seat.reported = 0
        if seat.chunk:
            with suppress(OSError):  # it is gone, which the next look finds out
                seat.process.send([unit.payload for unit in seat.chunk])

    def _hear(self, seat: Seat) -> None:
        alive = seat.process.alive  # before its last words are read
        overdue = time.monotonic() > self._limit(seat)
        if not self._listen(seat) or not alive:
            self._replace(seat)
        elif overdue and time.monotonic() > self._limit(seat):  # what it has just said may have changed that
            self._replace(seat, overdue=True)

    def _limit(self, seat: Seat) -> float:
        return seat.process.due() if seat.ready else seat.process.started + START_SECONDS

    def _listen(self, seat: Seat) -> bool:
        """Take what a process has said; False when it is gone or about to go."""
        try:
            for report in seat.process.reports():
                if report.problem:
                    raise RewardError(f"The reward can't be loaded in a worker process: {report.problem}")
                seat.ready = True
                if report.outcomes and not seat.proven:
                    seat.proven = True
                    self._first_seconds = max(self._first_seconds, report.seconds)
                self._pace.learn(len(report.outcomes), report.seconds)
                for outcome in report.outcomes:
                    unit = seat.chunk.popleft()
                    unit.job.settle(unit.position, outcome)
                    seat.reported += 1
                    self._bad_starts = 0
                if report.retiring:
                    return False
        except (EOFError, OSError):
            return False
        return True

    def _replace(self, seat: Seat, *, overdue: bool = False) -> None:
        """Settle the unit that a process dies of, and give the others of its chunk back."""
        seat.process.kill()
        self._listen(seat)
        running, exit_code = seat.process.running, seat.process.exit_code
        seat.process.close()
        self._seats.remove(seat)
        if running is None or running < seat.reported or not seat.chunk:
            self._count_bad_start(seat, exit_code)
        else:
            guilty = seat.chunk[running - seat.reported]
            del seat.chunk[running - seat.reported]
            self._blame(guilty, overdue=overdue, exit_code=exit_code)
        with self._lock:
            self._queue.extendleft(reversed(seat.chunk))

    def _blame(self, unit: Unit, *, overdue: bool, exit_code: int | None) -> None:
        unit.deaths += 1
        if overdue:
            self._give_up_on(unit, faults.overdue(self._setup.deadline_seconds or 0.0, unit.rows))
        elif unit.deaths >= MAX_DEATHS:
            self._give_up_on(unit, faults.died(exit_code, unit.rows))
        else:
            with self._lock:
                self._queue.appendleft(unit)

    def _give_up_on(self, unit: Unit, score: Score) -> None:
        outcome: Outcome = RewardError(f"A row {score.reason}.") if self._setup.strict else [to_wire(score)] * unit.rows
        unit.job.settle(unit.position, outcome)

    def _count_bad_start(self, seat: Seat, exit_code: int | None) -> None:
        if seat.ready and not seat.chunk:
            return  # it retired, or was killed while it had nothing to do
        self._bad_starts += 1
        if self._bad_starts >= MAX_BAD_STARTS:
            raise PlauditError(
                f"{MAX_BAD_STARTS} worker processes in a row ended before they could score "
                f"({faults.cause_of(exit_code)}). What they wrote is above. To load a reward that a script defines "
                "the script is run again, so it must do its own work under `if __name__ == '__main__':`."
            )

    def _end(self, problem: PlauditError) -> None:
        for seat in self._seats:
            seat.process.kill()
            seat.process.close()
        with self._lock:
            self._problem, self._stopping = problem, True
            left: Iterable[Unit] = [*self._queue, *(unit for seat in self._seats for unit in seat.chunk)]
            self._queue.clear()
            self._seats.clear()
        for future in {id(unit.job): unit.job.future for unit in left}.values():
            if future.set_running_or_notify_cancel():
                future.set_exception(problem)
        os.close(self._wake)
        os.close(self._wake_end)
