"""How many units a worker gets at a time: as many as take a twentieth of a second, by measured cost."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from plaudit.engines.dispatch import Unit

CHUNK_SECONDS = 0.05
"""Long beside the cost of sending a chunk, short beside any deadline."""

FIRST_UNITS = 4
MAX_UNITS = 1024
MAX_BYTES = 4 * 1024**2
MEMORY = 0.8
"""How much of the old estimate is kept at each measurement."""


class Pace:
    """The measured cost of a unit, and the chunks that follow from it."""

    def __init__(self) -> None:
        self._seconds: float | None = None

    def learn(self, units: int, seconds: float) -> None:
        """Take one measurement."""
        if units:
            measured = seconds / units
            self._seconds = measured if self._seconds is None else MEMORY * self._seconds + (1 - MEMORY) * measured

    def cut(self, queue: deque[Unit], workers: int) -> deque[Unit]:
        """Take the next chunk off the queue; towards its end the chunks shrink, so that all end together.

        A unit on which a worker died goes alone. What nobody waits for any more is dropped.
        """
        limit = FIRST_UNITS if self._seconds is None else int(CHUNK_SECONDS / max(self._seconds, 1e-9))
        limit = min(max(limit, 1), MAX_UNITS, -(-len(queue) // (2 * workers)))
        chunk: deque[Unit] = deque()
        size = 0
        while queue and len(chunk) < limit and size < MAX_BYTES:
            if queue[0].deaths and chunk:
                break
            unit = queue.popleft()
            if unit.job.future.cancelled():
                continue
            chunk.append(unit)
            size += len(unit.payload)
            if unit.deaths:
                break
        return chunk
