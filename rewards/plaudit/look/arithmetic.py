"""The little statistics that looking needs: correlation, ranks, and correlation within groups."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

EQUAL = 1e-8
"""Values closer than this count as equal, as in TRL's `frac_reward_zero_std`."""


def pearson(left: Sequence[float], right: Sequence[float]) -> float | None:
    """Return Pearson's correlation; None where one side doesn't vary or there are fewer than two pairs.

    >>> pearson([1, 2, 3], [2, 4, 6]), pearson([1, 2], [1, 1])
    (1.0, None)
    """
    if len(left) < 2 or max(left) - min(left) <= EQUAL or max(right) - min(right) <= EQUAL:
        return None
    both = covariance(left, right)
    across, up = covariance(left, left), covariance(right, right)
    return max(-1.0, min(1.0, both / math.sqrt(across * up))) if across > 0 and up > 0 else None


def covariance(left: Sequence[float], right: Sequence[float]) -> float:
    """Return the mean product of the deviations from the means.

    >>> covariance([0.0, 2.0], [0.0, 4.0])
    2.0
    """
    count = len(left)
    mean_left, mean_right = math.fsum(left) / count, math.fsum(right) / count
    return math.fsum((x - mean_left) * (y - mean_right) for x, y in zip(left, right, strict=True)) / count


def spearman(left: Sequence[float], right: Sequence[float]) -> float | None:
    """Return Spearman's rank correlation, equal values sharing their mean rank; None where it isn't defined.

    >>> spearman([1, 2, 3], [1, 100, 101])
    1.0
    """
    return pearson(ranks(left), ranks(right))


def ranks(values: Sequence[float]) -> list[float]:
    """Return each value's rank from 1; equal values share the mean of theirs.

    >>> ranks([5.0, 1.0, 5.0])
    [2.5, 1.0, 2.5]
    """
    order = sorted(range(len(values)), key=values.__getitem__)
    found = [0.0] * len(values)
    start = 0
    while start < len(order):
        end = start
        while end < len(order) and values[order[end]] == values[order[start]]:
            end += 1
        for at in order[start:end]:
            found[at] = (start + 1 + end) / 2
        start = end
    return found


def advantages(values: Sequence[float]) -> list[float]:
    """Return each value's distance from the mean in standard deviations (with n − 1); zeros where all are equal.

    Source: group-relative advantage, Shao et al., DeepSeekMath (2024), as TRL 1.16 computes it.

    >>> advantages([1.0, 3.0])
    [-0.7071067811865475, 0.7071067811865475]
    """
    count = len(values)
    mean = math.fsum(values) / count
    if count < 2 or max(values) - min(values) <= EQUAL:
        return [0.0] * count
    deviation = math.sqrt(math.fsum((value - mean) ** 2 for value in values) / (count - 1))
    return [(value - mean) / deviation for value in values]


@dataclass(slots=True)
class Within:
    """The mean of a correlation over groups, each weighted by its rows.

    A group's own correlation is noisy (with two rows it is always −1 or +1), its mean over groups is not: where nothing
    is related it lies around zero, with the error given.

    >>> within = Within()
    >>> within.add([1.0, 2.0, 3.0], [1.0, 2.0, 3.0])
    >>> within.add([1.0, 2.0, 3.0], [0.0, 0.0, 0.0])
    >>> within.mean, within.groups
    (1.0, 1)
    """

    groups: int = 0
    rows: int = 0
    total: float = 0.0
    variance: float = 0.0

    def add(self, left: Sequence[float], right: Sequence[float]) -> None:
        """Count one group; one in which either side doesn't vary says nothing."""
        found = pearson(left, right)
        if found is None:
            return
        count = len(left)
        self.groups += 1
        self.rows += count
        self.total += count * found
        self.variance += count * count / (count - 1)

    @property
    def mean(self) -> float | None:
        """The mean correlation; None where no group says anything."""
        return self.total / self.rows if self.rows else None

    @property
    def error(self) -> float:
        """The standard error that the mean would have if nothing were related."""
        return math.sqrt(self.variance) / self.rows if self.rows else math.inf

    @property
    def sure(self) -> bool:
        """The mean lies more than four of its errors from zero."""
        return self.mean is not None and abs(self.mean) > 4 * self.error
