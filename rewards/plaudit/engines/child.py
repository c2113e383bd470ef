"""What runs in a worker process: units of samples in, scores out, and a clock that the parent reads.

A unit is one sample, or the group of a coupled reward. Finished units go back every few milliseconds, so that little is
done again where a worker must be killed.
"""

from __future__ import annotations

import math
import mmap
import os
import pickle
import sys
import threading
import time
from collections.abc import Mapping, MutableSequence, Sequence
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import spawn
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any, cast

from plaudit.engines import faults
from plaudit.engines.imports import watch_imports
from plaudit.engines.wire import Wire, to_wire
from plaudit.errors import ConfigError, PlauditError
from plaudit.failures import FAILED, score_reward, strictly
from plaudit.protocol import Reward, Sample

FLUSH_SECONDS = 0.02
"""How much finished work a worker holds back at most, and so loses when it is killed."""

INDEX, DUE = 0, 1
"""Where the clock holds which unit of the chunk is running, and when it will be overdue."""

IDLE = -1.0

CLOCK_BYTES = 16

IMPORT_SECONDS = 120.0
"""How long one import may take while a sample is scored; it is not counted against the sample."""

LOOK_SECONDS = 1.0
"""How often a worker looks whether its parent is still there."""

Outcome = list[Wire] | PlauditError
"""The scores of one unit, or the error that ends its batch."""


@dataclass(frozen=True)
class Setup:
    """All that a worker needs to begin; it travels once.

    Attributes:
        reward: The reward, pickled.
        deadline_seconds: How long one sample may take.
        first_seconds: What the first sample of a process may take beyond that.
        memory_bytes: How much address space it may take beyond what it has when the reward is loaded.
        strict: A reward that fails raises.
    """

    reward: bytes
    deadline_seconds: float | None
    first_seconds: float
    memory_bytes: int | None
    strict: bool


@dataclass(frozen=True, slots=True)
class Report:
    """What a worker says: that it is ready, why it can't be, or the outcomes of units in their order.

    Attributes:
        outcomes: Of the units since the last report.
        seconds: What they took.
        retiring: It ends after this, and wants to be replaced.
        problem: Why the reward can't be loaded; empty where it can.
    """

    outcomes: Sequence[Outcome] = ()
    seconds: float = 0.0
    retiring: bool = False
    problem: str = ""


def clock_over(descriptor: int) -> tuple[mmap.mmap, MutableSequence[float]]:
    """Return a file's memory, and the clock that it holds."""
    memory = mmap.mmap(descriptor, CLOCK_BYTES)
    return memory, cast("MutableSequence[float]", memoryview(memory).cast("d"))


def main() -> None:
    """Begin as `Process` starts it: with a channel, a clock and the parent's life, by their file descriptors."""
    channel, clock_file, life = map(int, sys.argv[1:4])
    for descriptor in (channel, clock_file, life):
        os.set_inheritable(descriptor, False)  # what the reward starts must not hold them
    threading.Thread(target=_end_with_the_parent, args=(life, os.getppid()), daemon=True).start()
    _leave_standard_output_to_the_parent()
    with suppress(EOFError, ConnectionError):
        own = Connection(os.dup(channel))  # the other one stays open until the process is gone, and its exit code known
        _run(own, clock_over(clock_file)[1])


def _run(channel: Connection[Any, Any], clock: MutableSequence[float]) -> None:
    """Load the reward, then score chunk after chunk until the parent ends."""
    facts, setup = channel.recv()
    reader = Reader(facts)
    try:
        reward = reader.read(setup.reward)
    except Exception as error:  # noqa: BLE001 - a stranger's module may raise anything; the parent says it
        channel.send(Report(problem=_problem(error, setup.reward)))
        return
    if setup.memory_bytes is not None:
        _cap_memory(setup.memory_bytes)
    channel.send(Report())
    with strictly(setup.strict):
        Worker(channel, clock, setup, reward, reader).work()


def _problem(error: Exception, payload: bytes) -> str:
    """Say why a reward can't be loaded."""
    said = f"{type(error).__name__}: {error}"
    missing = isinstance(error, (AttributeError, FileNotFoundError)) and b"__main__" in payload
    hint = "A reward from a notebook, a shell or a function isn't found in another process: move it to the top level"
    return f"{said}. {hint} of a module (a .py file) and import it." if missing else said


def refuse_in_a_script_run_again() -> None:
    """Refuse an engine that a parent's script would start while a worker runs it again to find the reward.

    Raises:
        ConfigError: It is run again now.
    """
    if Reader.running_script:
        raise ConfigError(
            "This script defines the reward, so each worker process runs it again, and it starts to score there: put "
            "its own work under `if __name__ == '__main__':`, or the reward into a module of its own."
        )


class Reader:
    """Reads what the parent pickled, and runs the parent's script only for what is defined in it.

    A training script need not guard its own work for us then, and what it imports is not imported again.
    """

    running_script = False
    """The parent's script is being run here."""

    def __init__(self, facts: Mapping[str, Any]) -> None:
        self._script = {name: fact for name, fact in facts.items() if name.startswith("init_main")}
        spawn.prepare({name: fact for name, fact in facts.items() if name not in self._script})

    def read(self, payload: bytes) -> Any:
        """Return what was pickled."""
        try:
            return pickle.loads(payload)  # noqa: S301 - from our own parent process
        except AttributeError:
            if not self._script:
                raise
        script, self._script = self._script, {}
        Reader.running_script = True
        spawn.prepare(script)
        Reader.running_script = False
        return pickle.loads(payload)  # noqa: S301 - the same


class Worker:
    """The loop of a worker process."""

    def __init__(
        self,
        channel: Connection[Any, Any],
        clock: MutableSequence[float],
        setup: Setup,
        reward: Reward,
        reader: Reader,
    ) -> None:
        self._channel, self._clock, self._reward, self._reader = channel, clock, reward, reader
        self._seconds = math.inf if setup.deadline_seconds is None else setup.deadline_seconds
        self._grace = setup.first_seconds
        self._process_id = os.getpid()
        self._due = math.inf
        self._import_began = 0.0
        watch_imports(self._stop_clock, self._start_clock)

    def work(self) -> None:
        """Score chunks until the channel closes, or until memory ran out once."""
        retiring = False
        while not retiring:
            chunk = pickle.loads(self._channel.recv_bytes())  # noqa: S301 - the same
            retiring = self._score_chunk(chunk)
            self._clock[INDEX] = IDLE

    def _score_chunk(self, chunk: Sequence[bytes]) -> bool:
        outcomes: list[Outcome] = []
        since = time.monotonic()
        for index, payload in enumerate(chunk):
            outcomes.append(self._timed(index, self._reader.read(payload)))
            now, retiring = time.monotonic(), _is_out_of_memory(outcomes[-1])
            if retiring or now - since >= FLUSH_SECONDS or index + 1 == len(chunk):
                self._channel.send(Report(outcomes, now - since, retiring))
                outcomes, since = [], time.monotonic()
            if retiring:
                return True
        return False

    def _timed(self, index: int, samples: Sequence[Sample]) -> Outcome:
        seconds = self._seconds * len(samples)
        begun = time.monotonic()
        self._clock[INDEX] = index  # before the time: what the parent reads must never pair this time with another unit
        self._clock[DUE] = self._due = begun + seconds + self._grace
        outcome = self._outcome(samples)
        if os.getpid() != self._process_id:  # this is a fork that the reward made: its scores would be taken for ours
            os._exit(1)
        due, self._due = self._due, math.inf
        self._clock[DUE] = math.inf  # the index stays until the outcome is sent: a death while sending is this unit's
        self._grace = 0.0
        if time.monotonic() > due:  # it ended by itself before the parent looked
            return [to_wire(faults.overdue(self._seconds, len(samples)))] * len(samples)
        return outcome

    def _stop_clock(self) -> None:
        """An import begins, which is not the sample's time; but none may last for ever."""
        self._import_began = time.monotonic()
        if self._due < math.inf:
            self._clock[DUE] = self._import_began + IMPORT_SECONDS

    def _start_clock(self) -> None:
        if self._due < math.inf:
            self._due += time.monotonic() - self._import_began
            self._clock[DUE] = self._due

    def _outcome(self, samples: Sequence[Sample]) -> Outcome:
        try:
            return [to_wire(score) for score in score_reward(self._reward, samples)]
        except PlauditError as error:
            return error


def _is_out_of_memory(outcome: Outcome) -> bool:
    """Whether memory ran out; what is left of it may be too little for the innocent, so the worker must go."""
    if isinstance(outcome, PlauditError):
        return False
    first_lines = [reason.partition("\n")[0] for _, reason, *_ in outcome]
    return any(line.startswith(FAILED) and "MemoryError" in line for line in first_lines)


def _leave_standard_output_to_the_parent() -> None:
    """Send what the reward prints to standard error, or nowhere if the parent has none."""
    try:
        os.dup2(2, 1)
    except OSError:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 1)


def _end_with_the_parent(life: int, parent: int) -> None:
    """End at once, with all that the reward started, when the parent is gone, however it went.

    The pipe tells at once; but a process that the parent forked holds its other end too, and may outlive it.
    """
    while not wait([life], LOOK_SECONDS) and os.getppid() == parent:
        pass
    faults.kill_group(os.getpid())
    os._exit(1)


def _cap_memory(more_bytes: int) -> None:
    """Cap the address space at what is taken now and so much more."""
    import resource

    taken = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    wanted = taken + more_bytes
    # the soft limit only: a child of the reward's, as the symbolic engine is, sets a limit of its own
    resource.setrlimit(resource.RLIMIT_AS, (wanted if hard == resource.RLIM_INFINITY else min(wanted, hard), hard))
