"""One worker process, seen from the parent."""

from __future__ import annotations

import ctypes
import math
import pickle
import time
from collections.abc import Iterator, Sequence
from multiprocessing import get_context

from plaudit.engines import child, faults
from plaudit.engines.child import DUE, IDLE, INDEX, Report, Setup

_SPAWN = get_context("spawn")
"""Always a fresh interpreter: a forked one would inherit other threads' locks, and CUDA doesn't survive it."""


class Process:
    """A worker process with its channel and its clock; used by one thread."""

    def __init__(self, setup: Setup) -> None:
        self.started = time.monotonic()
        self._channel, theirs = _SPAWN.Pipe()
        self._clock = _SPAWN.RawArray(ctypes.c_double, [IDLE, math.inf])
        self._process = _SPAWN.Process(target=child.run, args=(theirs, self._clock, setup), name="plaudit-worker")
        self._process.start()
        theirs.close()

    @property
    def channel(self) -> int:
        """The file descriptor to wait on."""
        return self._channel.fileno()

    @property
    def alive(self) -> bool:
        """The process runs; its channel may still be open when it doesn't, in the hands of a child of its own."""
        return self._process.is_alive()

    @property
    def exit_code(self) -> int | None:
        """How it ended; negative for a signal."""
        return self._process.exitcode

    @property
    def running(self) -> int | None:
        """Which unit of its chunk it is at."""
        index = int(self._clock[INDEX])
        return None if index < 0 else index

    def due(self) -> float:
        """When the unit that it is at will be overdue; infinity between units."""
        index, due = self._clock[INDEX], self._clock[DUE]
        return due if index == self._clock[INDEX] else math.inf

    def send(self, chunk: Sequence[bytes]) -> None:
        """Hand over a chunk; only to one that waits for it, so that this can't block for long.

        Raises:
            OSError: It is gone.
        """
        self._clock[INDEX] = IDLE  # it may have reported its last chunk and not yet said so itself
        self._channel.send_bytes(pickle.dumps(chunk))

    def reports(self) -> Iterator[Report]:
        """Give what it has said so far.

        Raises:
            EOFError, OSError: It is gone, and there is no more.
        """
        while self._channel.poll():
            yield self._channel.recv()

    def kill(self) -> None:
        """Kill it and all that it started, and wait until it is gone."""
        if self._process.pid:
            faults.kill_group(self._process.pid)
        self._process.kill()
        self._process.join()

    def close(self) -> None:
        """Give back what it held here, once it is gone."""
        self._channel.close()
        self._process.close()
