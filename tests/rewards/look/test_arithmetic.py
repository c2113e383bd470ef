"""Correlations against the standard library's, and what they say where nothing varies."""

import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plaudit.look.arithmetic import Within, advantages, pearson, ranks, spearman

numbers = st.lists(st.tuples(st.integers(-50, 50), st.integers(-50, 50)), min_size=2, max_size=30)


@given(numbers)
def test_correlations_are_those_of_the_standard_library(pairs):
    left, right = [float(a) for a, _ in pairs], [float(b) for _, b in pairs]
    if len(set(left)) < 2 or len(set(right)) < 2:
        assert pearson(left, right) is None
        assert spearman(left, right) is None
        return
    assert pearson(left, right) == pytest.approx(statistics.correlation(left, right), abs=1e-9)
    by_rank = statistics.correlation(*([rank(value, side) for value in side] for side in (left, right)))
    assert spearman(left, right) == pytest.approx(by_rank, abs=1e-9)


def rank(value, side):
    return sum(other < value for other in side) + (side.count(value) + 1) / 2


@given(st.lists(st.integers(-9, 9), min_size=1, max_size=20))
def test_ranks_add_up_whatever_is_equal(values):
    assert sum(ranks(values)) == pytest.approx(len(values) * (len(values) + 1) / 2)


@given(st.lists(st.integers(-9, 9), min_size=2, max_size=20))
def test_advantages_add_up_to_nothing_and_have_unit_spread(values):
    found = advantages([float(value) for value in values])
    assert sum(found) == pytest.approx(0, abs=1e-9)
    assert statistics.stdev(found) == pytest.approx(0 if len(set(values)) == 1 else 1)


def test_a_group_of_two_alone_proves_nothing_and_many_do():
    within = Within()
    within.add([1.0, 2.0], [1.0, 2.0])
    assert not within.sure
    for _ in range(40):
        within.add([1.0, 2.0], [1.0, 2.0])
    assert within.sure
