"""How hard to look for counterexamples."""

from __future__ import annotations

import time
from dataclasses import dataclass


@dataclass(frozen=True)
class Profile:
    """A budget for one law.

    Attributes:
        name: What the command line calls it.
        examples: How many cases Hypothesis draws for a law.
        seconds: After so much processor time a law stops looking and stops shrinking; see `Budget`.
        deadline_seconds: When a child process is killed that scores hostile input.
        growth: The largest input, in characters, on which time is measured.
    """

    name: str
    examples: int
    seconds: float
    deadline_seconds: float
    growth: int


PROFILES: dict[str, Profile] = {
    profile.name: profile
    for profile in (
        Profile("quick", examples=40, seconds=2.0, deadline_seconds=10.0, growth=32_768),
        Profile("thorough", examples=400, seconds=30.0, deadline_seconds=60.0, growth=131_072),
    )
}


class Budget:
    """Processor time, so that a busy machine looks as hard as an idle one; and five times as long by the clock at most.

    >>> Budget(60.0).spent()
    False
    """

    def __init__(self, seconds: float) -> None:
        self.processor_ends = time.process_time() + seconds
        self.clock_ends = time.monotonic() + 5 * seconds

    def spent(self) -> bool:
        """It is used up."""
        return time.process_time() > self.processor_ends or time.monotonic() > self.clock_ends
