"""What a measurement is worth: intervals that know completions of one problem belong together, and paired tests.

All intervals are 95 %. Completions of one problem are alike, so problems are the unit: the standard error is that of
the means of the problems. It is the analytic form of what a bootstrap over problems estimates, and needs no random
numbers (Miller 2024, "Adding Error Bars to Evals", arXiv:2411.00640). Tests of two stages are paired by problem.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist, fmean, pvariance

Z = NormalDist().inv_cdf(0.975)


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean with its 95 % interval; with one problem only, the interval is unknown."""

    value: float
    low: float | None
    high: float | None

    def to_dict(self) -> dict[str, float | None]:
        """Return the three as plain data."""
        return {"value": self.value, "low": self.low, "high": self.high}


@dataclass(frozen=True, slots=True)
class Difference:
    """What changed from one measurement to the next on the same problems.

    Attributes:
        value: The mean of the differences by problem.
        low: Lower end of its 95 % interval.
        high: Upper end.
        p: Two-sided probability of a difference this great where there is none.
        gained: Problems on which the second is higher.
        lost: Problems on which the first is higher.
    """

    value: float
    low: float | None
    high: float | None
    p: float
    gained: int
    lost: int


def mean(groups: Sequence[Sequence[float]]) -> Estimate | None:
    """Return the mean over problems of the mean within each; None where there is nothing to average.

    The interval is the normal one, so it is a little short for fewer than some thirty problems.

    Args:
        groups: One sequence of values for each problem; empty ones are left out.

    >>> mean([[0.0, 1.0], [1.0, 1.0], [0.0, 0.0]])
    Estimate(value=0.5, low=-0.065..., high=1.065...)
    >>> mean([]) is None
    True
    """
    means = [fmean(group) for group in groups if group]
    if not means:
        return None
    value = fmean(means)
    if len(means) < 2:
        return Estimate(value, None, None)
    reach = Z * _error(means, value)
    return Estimate(value, value - reach, value + reach)


def share(groups: Sequence[Sequence[float]]) -> Estimate | None:
    """Return a mean of values between 0 and 1 with an interval that stays between them.

    It is Wilson's interval for as many independent completions as would give the standard error that is found over
    problems; where all completions agree, for as many as there are problems. With one completion a problem it is
    Wilson's own (Wilson 1927; effective sample size after Kish 1965).

    Args:
        groups: One sequence of values in 0 to 1 for each problem; empty ones are left out.

    >>> share([[1.0]] * 8 + [[0.0]] * 2)
    Estimate(value=0.8, low=0.490..., high=0.943...)
    >>> share([[0.0, 0.0]] * 100).high < 0.04
    True
    """
    means = [fmean(group) for group in groups if group]
    if not means:
        return None
    value = fmean(means)
    variance = pvariance(means, value)
    size = value * (1 - value) / variance * len(means) if variance > 0 else float(len(means))
    return Estimate(value, *wilson(value, size))


def wilson(value: float, size: float) -> tuple[float, float]:
    """Return Wilson's 95 % interval for a share seen in `size` independent trials (Wilson 1927).

    >>> [round(end, 4) for end in wilson(85 / 1319, 1319)]
    [0.0524, 0.079]
    """
    middle = (value + Z**2 / (2 * size)) / (1 + Z**2 / size)
    reach = Z / (1 + Z**2 / size) * math.sqrt(value * (1 - value) / size + Z**2 / (4 * size**2))
    return max(0.0, min(middle - reach, value)), min(1.0, max(middle + reach, value))


def paired(before: Sequence[float], after: Sequence[float]) -> Difference:
    """Compare means of the same problems: mean difference, normal interval, and z test of the differences.

    Where all of them changed alike, or none did, the interval is not empty: it has room for as many others as could
    have been missed, 1 - 0.025**(1/n) of them (Clopper & Pearson 1934).

    Args:
        before: One value in 0 to 1 for each problem.
        after: The second measurement, in the same order.

    >>> found = paired([0.0, 0.5, 0.25, 0.5], [0.5, 0.5, 0.5, 0.75])
    >>> found.value, found.gained, found.lost, found.p < 0.05
    (0.25, 3, 0, True)
    >>> none = paired([1.0] * 64, [1.0] * 64)
    >>> round(none.low, 3), none.value, round(none.high, 3), none.p
    (-0.056, 0.0, 0.056, 1.0)
    """
    changes = [second - first for first, second in zip(before, after, strict=True)]
    value = fmean(changes)
    gained, lost = sum(change > 0 for change in changes), sum(change < 0 for change in changes)
    if len(changes) < 2:
        return Difference(value, None, None, 1.0, gained, lost)
    error = _error(changes, value)
    if error < 1e-12:
        missed = 1 - 0.025 ** (1 / len(changes))
        low, high = value - missed * (1 + value), value + missed * (1 - value)
        return Difference(value, low, high, float(value == 0), gained, lost)
    p = math.erfc(abs(value) / error / math.sqrt(2))
    return Difference(value, value - Z * error, value + Z * error, p, gained, lost)


def mcnemar(before: Sequence[bool], after: Sequence[bool]) -> Difference:
    """Compare right and wrong on the same problems: McNemar's test in its exact form (two-sided binomial).

    Only problems that changed tell anything: without a difference they would change either way like a fair coin
    (McNemar 1947).

    >>> mcnemar([True] * 60 + [False] * 46, [False] * 60 + [True] * 46).p
    0.206...
    """
    change = paired([float(one) for one in before], [float(one) for one in after])
    few, changed = min(change.gained, change.lost), change.gained + change.lost
    tail = sum(math.comb(changed, count) for count in range(few + 1))
    p = min(1.0, 2 * tail / 2**changed)
    return Difference(change.value, change.low, change.high, p, change.gained, change.lost)


def pass_at(k: int, completions: int, right: int) -> float:
    """Estimate without bias the chance that one of `k` completions is right, from more of them.

    1 - C(n - c, k) / C(n, k) for c right ones of n (Chen et al. 2021, "Evaluating Large Language Models Trained on
    Code", arXiv:2107.03374).

    Args:
        k: How many tries; at least 1 and at most `completions`.
        completions: How many were made.
        right: How many of these are right.

    >>> pass_at(1, 4, 1), pass_at(2, 4, 1), pass_at(4, 4, 1)
    (0.25, 0.5, 1.0)
    """
    if not 1 <= k <= completions or not 0 <= right <= completions:
        raise ValueError(f"pass@{k} can't be estimated from {right} right ones of {completions} completions.")
    return 1 - math.comb(completions - right, k) / math.comb(completions, k)


def _error(values: Sequence[float], middle: float) -> float:
    """The standard error of a mean."""
    return math.sqrt(sum((value - middle) ** 2 for value in values) / (len(values) - 1) / len(values))
