"""The reward of `faults.py`: hangs, or fills its memory until it is killed, where the completion says so."""

from __future__ import annotations

import os
import signal

from plaudit import reward

PIECE_BYTES = 32 * 1024**2


@reward(low=0.0, high=1.0)
def faulty(completion: str, answer: str) -> float:
    """Find the answer in the completion, unless it orders otherwise."""
    if completion == "hang":
        while True:
            pass
    if completion == "eat":
        _eat()
    return float(f">{answer}<" in completion)


def _eat() -> None:
    """Take all memory there is and die of it, as a library does that doesn't check what it was given."""
    kept = []
    try:
        while True:
            kept.append(bytearray(PIECE_BYTES))
    except MemoryError:
        os.kill(os.getpid(), signal.SIGKILL)
