"""Intervals for what the checks measure."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence

from plaudit.testing.results import Premium

Z95 = 1.959963984540054


def wilson(hits: int, count: int) -> tuple[float, float]:
    """Return the 95 % Wilson score interval of a share.

    Source: E. B. Wilson, Probable inference, the law of succession, and statistical inference (1927).

    >>> tuple(round(end, 3) for end in wilson(0, 40))
    (0.0, 0.088)
    """
    if count == 0:
        return 0.0, 1.0
    share, weight = hits / count, Z95**2 / count
    middle = (share + weight / 2) / (1 + weight)
    half = Z95 * math.sqrt(share * (1 - share) / count + weight / (4 * count)) / (1 + weight)
    return max(0.0, middle - half), min(1.0, middle + half)


def share(hits: int, count: int) -> str:
    """Write a share with its interval.

    >>> share(0, 40)
    '0 of 40 (95 % Wilson interval 0.0 to 8.8 %)'
    """
    low, high = wilson(hits, count)
    return f"{hits} of {count} (95 % Wilson interval {100 * low:.1f} to {100 * high:.1f} %)"


def premium_of(values: Sequence[float], seed: int = 0, rounds: int = 1000) -> Premium:
    """Return the mean of per-task premiums with a 95 % percentile bootstrap over tasks.

    >>> premium_of([-1.0, -1.0])
    Premium(mean=-1.0, low=-1.0, high=-1.0, tasks=2)
    """
    draw = random.Random(seed)  # noqa: S311 - a bootstrap, no secret
    count = len(values)
    means = sorted(math.fsum(draw.choices(values, k=count)) / count for _ in range(rounds))
    return Premium(math.fsum(values) / count, means[round(0.025 * rounds)], means[round(0.975 * rounds) - 1], count)
