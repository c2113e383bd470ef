"""One worker process, seen from the parent.

It is a fresh interpreter, as `multiprocessing` spawns them, but for two things: it does not run the script again that
the parent runs, unless the reward or a sample is defined there, and a daemonic parent may have one.
"""

from __future__ import annotations

import math
import mmap
import os
import pickle
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, MutableSequence, Sequence
from contextlib import suppress
from multiprocessing import Pipe, spawn
from pathlib import Path
from typing import Any, cast

from plaudit.engines import faults
from plaudit.engines.child import CLOCK_BYTES, DUE, IDLE, INDEX, Report, Setup, clock_over

_BEGIN = (
    "s = __import__('sys'); s.path[:] = s.argv[4:]; del s; __import__('plaudit.engines.child', fromlist=['x']).main()"
)
"""Leaves no name in the child's `__main__`, where a reward of the parent's script will be looked for."""

_SHARED = Path("/dev/shm")  # noqa: S108 - memory, where there is such a folder; the file has no name


class Process:
    """A worker process with its channel and its clock; used by one thread."""

    def __init__(self, setup: Setup) -> None:
        self.started = time.monotonic()
        self._channel, theirs = Pipe()
        self._clock_memory, self._clock, clock_file = _new_clock()
        watched, self._life = os.pipe()  # the child ends when this end of it is gone, with the parent
        given = (theirs.fileno(), clock_file, watched)
        facts = _facts_of_this_process()
        self._process = subprocess.Popen(  # noqa: S603 - nothing of it comes from a model
            [sys.executable, "-c", _BEGIN, *map(str, given), *facts["sys_path"]],
            stdin=subprocess.DEVNULL,
            pass_fds=given,
            start_new_session=True,  # so that what the reward starts can be killed with it, and Ctrl-C is not its own
        )
        theirs.close()
        os.close(clock_file)
        os.close(watched)
        with suppress(OSError):  # it is gone already, which the next look finds out
            self._channel.send((facts, setup))

    @property
    def channel(self) -> int:
        """The file descriptor to wait on."""
        return self._channel.fileno()

    @property
    def alive(self) -> bool:
        """The process runs; its channel may still be open when it doesn't, in the hands of a child of its own."""
        return self._process.poll() is None

    @property
    def exit_code(self) -> int | None:
        """How it ended; negative for a signal."""
        return self._process.returncode

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
        faults.kill_group(self._process.pid)
        self._process.kill()
        self._process.wait()

    def close(self) -> None:
        """Give back what it held here, once it is gone."""
        self._channel.close()
        os.close(self._life)
        cast("memoryview", self._clock).release()
        self._clock_memory.close()


def _new_clock() -> tuple[mmap.mmap, MutableSequence[float], int]:
    """Memory that both processes see, and the file behind it."""
    with tempfile.TemporaryFile(dir=_SHARED if _SHARED.is_dir() else None) as file:
        file.truncate(CLOCK_BYTES)
        descriptor = os.dup(file.fileno())
    memory, clock = clock_over(descriptor)
    clock[INDEX], clock[DUE] = IDLE, math.inf
    return memory, clock, descriptor


def _facts_of_this_process() -> dict[str, Any]:
    """What a child needs to find the same modules, and the script that runs here in case it must."""
    facts = spawn.get_preparation_data("plaudit-worker")
    return {name: fact for name, fact in facts.items() if name not in ("authkey", "start_method")}
