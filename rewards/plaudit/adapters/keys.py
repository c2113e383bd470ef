"""Under what the things of each reward are kept: the reward, or its identity where it can't be hashed."""

from __future__ import annotations

from typing import Any


class Itself:
    """Stands for one object, whatever that is equal to."""

    def __init__(self, reward: Any) -> None:
        self.reward = reward

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Itself) and other.reward is self.reward

    def __hash__(self) -> int:
        return id(self.reward)


def key_of(source: Any) -> Any:
    """Return what a reward, or the name that finds it, is kept under.

    >>> key_of("unsloth"), key_of([]) == key_of([])
    ('unsloth', False)
    """
    try:
        hash(source)
    except TypeError:
        return Itself(source)
    return source
