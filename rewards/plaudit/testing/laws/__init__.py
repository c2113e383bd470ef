"""The laws, by what they are about; importing this enters all of them into the list."""

from plaudit.testing.laws import (
    answers,
    batches,
    identity,
    memory,
    processes,
    results,
    rows,
    shapes,
    signals,
    sums,
    times,
    trainers,
)

__all__ = [
    "answers",
    "batches",
    "identity",
    "memory",
    "processes",
    "results",
    "rows",
    "shapes",
    "signals",
    "sums",
    "times",
    "trainers",
]
