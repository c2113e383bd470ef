"""The bounded queue: how many samples the server holds, and what it says when it is full or stopping."""

from __future__ import annotations

from plaudit.server.problems import Problem

RETRY_SECONDS = 1


class Admission:
    """Counts the samples that are waiting or running; event-loop code only, so it needs no lock.

    A request holds one place from its first byte, and one per sample once its body is read.

    >>> admission = Admission(2)
    >>> admission.take(2)
    >>> admission.take(1)
    Traceback (most recent call last):
        ...
    plaudit.server.problems.Problem: The queue of 2 samples is full: try again.
    """

    def __init__(self, capacity: int) -> None:
        self.capacity = capacity
        self.taken = 0

    def take(self, places: int) -> None:
        """Take places in the queue.

        Raises:
            Problem: 413 where that many can never fit, 429 where they don't fit now.
        """
        if places > self.capacity:
            raise Problem(413, "batch_too_large", f"A request may hold up to {self.capacity} samples.")
        if self.taken + places > self.capacity:
            raise Problem(429, "queue_full", f"The queue of {self.capacity} samples is full: try again.", RETRY_SECONDS)
        self.taken += places

    def give_back(self, places: int) -> None:
        """Free places."""
        self.taken -= places
