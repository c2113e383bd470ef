"""The `ray` engine: the workers engine on every node of a Ray cluster, with the rows shared out among them.

Written against Ray 2.60. Each actor keeps one worker process of its own, so that a deadline kills and replaces as it
does on one machine; Ray itself can stop an actor only, with all that it was given.
"""

from __future__ import annotations

import os
import sys
from multiprocessing.util import Finalize
from typing import Any

from plaudit.engines.actors import Actors
from plaudit.engines.workers import DEADLINE_SECONDS, MEMORY_BYTES, Workers
from plaudit.errors import ConfigError
from plaudit.protocol import Reward


class Ray(Workers):
    """Scores with one reward on a Ray cluster; a context manager, safe in threads.

    It joins the cluster that this process is connected to, or the one at `address`, or the one that Ray finds by itself
    (`RAY_ADDRESS`, `ray start`), or else starts one on this machine. The reward's package and Plaudit must be installed
    on every node. An actor that dies is replaced; each row that it had is tried once more by itself, and abstains if
    that actor dies too. Deadlines, memory and failures are as in `Workers`.

    Args:
        reward: Any reward that pickles.
        workers: How many actors, of one CPU each; by default one for each CPU of the cluster.
        deadline_seconds: How long one sample may take, more than 0; None for ever.
        memory_bytes: How much address space a worker process may take beyond what it has when the reward is loaded
            (Linux only); None for no limit.
        address: The cluster, as `ray.init` takes it.
        strict: Raise on the first failure of the reward, instead of letting its row abstain.

    Raises:
        ConfigError: The reward doesn't pickle, a setting makes no sense, or there is no cluster at the address.
    """

    def __init__(
        self,
        reward: Reward,
        *,
        workers: int | None = None,
        deadline_seconds: float | None = DEADLINE_SECONDS,
        memory_bytes: int | None = MEMORY_BYTES if sys.platform == "linux" else None,
        address: str | None = None,
        strict: bool = False,
    ) -> None:
        super().__init__(
            reward,
            workers=1 if workers is None else workers,
            deadline_seconds=deadline_seconds,
            memory_bytes=memory_bytes,
            strict=strict,
        )
        self.address = address
        self._wanted = workers

    def __reduce__(self) -> tuple[object, ...]:
        setup = self._setup
        settings = (self._wanted, setup.deadline_seconds, setup.memory_bytes, self.address, setup.strict)
        return _again, (self.reward, *settings)

    def _running(self) -> Any:
        with self._lock:
            if self._closed:
                raise ConfigError("The engine is closed: make another.")
            if self._dispatcher is None or self._process_id != os.getpid():
                dispatcher: Any = Actors(self._setup, self._wanted, self.address)
                self._dispatcher, self._process_id = dispatcher, os.getpid()
                Finalize(self, dispatcher.stop, exitpriority=10)
            return self._dispatcher


def _again(
    reward: Reward,
    workers: int | None,
    deadline_seconds: float | None,
    memory_bytes: int | None,
    address: str | None,
    strict: bool,
) -> Ray:
    return Ray(
        reward,
        workers=workers,
        deadline_seconds=deadline_seconds,
        memory_bytes=memory_bytes,
        address=address,
        strict=strict,
    )
