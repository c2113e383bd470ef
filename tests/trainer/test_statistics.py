"""Intervals cover what they say, also where completions of a problem are alike; tests are paired; pass@k is fair."""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plaudit_trainer import statistics

pytestmark = pytest.mark.trainer

SHARES = st.floats(0, 1, allow_nan=False)
GROUPS = st.lists(st.lists(SHARES, min_size=1, max_size=5), min_size=1, max_size=30)
VALUES = st.lists(st.floats(-10, 10), min_size=2, max_size=40)


def right_of(chance: random.Random, skill: float, samples: int) -> list[float]:
    return [float(chance.random() < skill) for _ in range(samples)]


@given(GROUPS)
def test_share_lies_in_its_interval_and_the_interval_between_0_and_1(groups: list[list[float]]) -> None:
    found = statistics.share(groups)
    assert found is not None
    assert found.low is not None
    assert found.high is not None
    assert 0 <= found.low <= found.value <= found.high <= 1


@given(st.lists(st.booleans(), min_size=1, max_size=200))
def test_share_of_single_completions_is_wilsons(right: list[bool]) -> None:
    found = statistics.share([[float(one)] for one in right])
    low, high = statistics.wilson(sum(right) / len(right), len(right))
    assert found is not None
    assert (found.low, found.high) == (pytest.approx(low), pytest.approx(high))


@given(GROUPS, st.integers(2, 4))
def test_more_copies_of_the_same_completions_make_no_interval_narrower(groups: list[list[float]], copies: int) -> None:
    once, again = statistics.mean(groups), statistics.mean([group * copies for group in groups])
    assert once is not None
    assert again is not None
    if once.low is not None and again.low is not None:
        assert again.low == pytest.approx(once.low)


@pytest.mark.parametrize("estimate", [statistics.mean, statistics.share])
def test_empty_groups_count_for_nothing(estimate: object) -> None:
    assert callable(estimate)
    assert estimate([[], []]) is None
    assert estimate([[1.0], [], [0.0]]) == estimate([[1.0], [0.0]])


def test_one_problem_has_no_known_interval() -> None:
    assert statistics.mean([[1.0, 0.0]]) == statistics.Estimate(0.5, None, None)


@pytest.mark.parametrize("estimate", ["mean", "share"])
def test_intervals_cover_the_truth_as_often_as_they_say(estimate: str) -> None:
    chance = random.Random(7)
    truth = 0.3 / 1.3  # the mean of Beta(0.3, 1): many hopeless problems, few solved ones
    covered, naive = 0, 0
    for _ in range(400):
        groups = [right_of(chance, chance.betavariate(0.3, 1), 8) for _ in range(100)]
        found = getattr(statistics, estimate)(groups)
        covered += found.low <= truth <= found.high
        low, high = statistics.wilson(found.value, 800)
        naive += low <= truth <= high
    assert 0.92 <= covered / 400 <= 0.98
    assert naive / 400 < 0.85, "taking 800 completions for independent is what clustering is for"


def test_paired_test_finds_a_difference_as_often_by_chance_as_it_says() -> None:
    chance = random.Random(11)
    alarms, covered = 0, 0
    for _ in range(400):
        skills = [chance.betavariate(0.3, 1) for _ in range(100)]
        before, after = ([sum(right_of(chance, skill, 4)) / 4 for skill in skills] for _ in range(2))
        found = statistics.paired(before, after)
        assert found.low is not None
        assert found.high is not None
        alarms += found.p < 0.05
        covered += found.low <= 0 <= found.high
    assert 0.02 <= alarms / 400 <= 0.08
    assert covered == 400 - alarms


def test_small_probability_is_not_rounded_to_none() -> None:
    found = statistics.paired([0.0] * 400, [1.0, 0.0] * 200)
    z = found.value / (math.sqrt(0.25 * 400 / 399) / 20)
    assert z > 19
    tail = 2 * math.exp(-(z**2) / 2) / (z * math.sqrt(2 * math.pi))  # Mills' bounds for the normal distribution
    assert tail * (1 - 1 / z**2) < found.p < tail


def test_paired_sees_what_unpaired_intervals_hide() -> None:
    before = [0.0, 0.25, 0.5, 0.75, 1.0] * 20
    after = [min(1.0, value + 0.05) for value in before]
    found = statistics.paired(before, after)
    assert found.p < 1e-6
    apart = [statistics.mean([[value] for value in values]) for values in (before, after)]
    assert apart[0] is not None
    assert apart[1] is not None
    assert apart[0].high is not None
    assert apart[1].low is not None
    assert apart[0].high > apart[1].low


@given(VALUES, st.randoms(use_true_random=False))
def test_comparing_backwards_only_turns_the_sign(before: list[float], chance: random.Random) -> None:
    after = list(before)
    chance.shuffle(after)
    there, back = statistics.paired(before, after), statistics.paired(after, before)
    assert there.value == pytest.approx(-back.value)
    assert (there.gained, there.lost) == (back.lost, back.gained)
    assert there.p == pytest.approx(back.p)


@given(st.integers(0, 40), st.integers(0, 40), st.integers(0, 5))
def test_mcnemar_is_the_exact_two_sided_coin_test(gained: int, lost: int, same: int) -> None:
    before = [False] * gained + [True] * lost + [True] * (same + 1)
    after = [True] * gained + [False] * lost + [True] * (same + 1)
    found = statistics.mcnemar(before, after)
    n = gained + lost
    as_rare = [k for k in range(n + 1) if abs(2 * k - n) >= abs(gained - lost)]
    assert (found.gained, found.lost) == (gained, lost)
    assert found.p == pytest.approx(min(1.0, sum(math.comb(n, k) for k in as_rare) / 2**n))


@pytest.mark.parametrize("change", [0.0, 1.0, -1.0, 0.5])
def test_problems_that_all_changed_alike_do_not_make_a_certainty(change: float) -> None:
    before = [max(0.0, -change)] * 20
    found = statistics.paired(before, [one + change for one in before])
    assert found.value == change
    assert found.low is not None
    assert found.high is not None
    assert -1 <= found.low <= change <= found.high <= 1
    assert found.high - found.low == pytest.approx(2 * (1 - 0.025 ** (1 / 20)))
    few = statistics.paired(before[:5], [one + change for one in before[:5]])
    assert few.low is not None
    assert few.low <= found.low, "fewer problems say less"


def test_problems_that_do_not_pair_are_refused() -> None:
    with pytest.raises(ValueError, match="shorter"):
        statistics.paired([1.0, 0.0], [1.0])


def drawn(right: Sequence[bool], k: int) -> float:
    picks = list(itertools.combinations(right, k))
    return sum(any(pick) for pick in picks) / len(picks)


@given(st.lists(st.booleans(), min_size=1, max_size=8), st.data())
def test_pass_at_k_is_the_share_of_all_picks_with_a_right_one(right: list[bool], data: st.DataObject) -> None:
    k = data.draw(st.integers(1, len(right)))
    assert statistics.pass_at(k, len(right), sum(right)) == pytest.approx(drawn(right, k))


@given(SHARES, st.integers(1, 12), st.data())
def test_pass_at_k_is_unbiased(skill: float, completions: int, data: st.DataObject) -> None:
    k = data.draw(st.integers(1, completions))
    chances = [
        math.comb(completions, right) * skill**right * (1 - skill) ** (completions - right)
        for right in range(completions + 1)
    ]
    expected = sum(chance * statistics.pass_at(k, completions, right) for right, chance in enumerate(chances))
    assert expected == pytest.approx(1 - (1 - skill) ** k, abs=1e-9)


@pytest.mark.parametrize(("k", "completions", "right"), [(0, 4, 1), (5, 4, 1), (1, 4, 5), (1, 4, -1)])
def test_pass_at_k_of_what_cannot_be_is_refused(k: int, completions: int, right: int) -> None:
    with pytest.raises(ValueError, match="can't be estimated"):
        statistics.pass_at(k, completions, right)
