import pytest

from plaudit.answers import Policy, cache, equal, equal_batch, equality


def test_each_distinct_pair_is_judged_once(monkeypatch):
    asked = []

    def watch(prediction, gold, policy=None):
        asked.append((prediction, gold))
        return equal(prediction, gold, policy)

    monkeypatch.setattr(equality, "equal", watch)
    verdicts = equal_batch(["1", "2", "1", "1"], ["1", "1", "1", "2"])
    assert [verdict.equal for verdict in verdicts] == [True, False, True, False]
    assert asked == [("1", "1"), ("2", "1"), ("1", "2")]


def test_the_policy_reaches_every_pair():
    assert [verdict.equal for verdict in equal_batch(["50"], ["50%"], Policy(percent="value"))] == [False]


def test_lengths_must_agree():
    with pytest.raises(ValueError, match="2 predictions but 1 golds"):
        equal_batch(["1", "2"], ["1"])


def test_a_gold_is_read_once_per_problem_and_the_cache_is_bounded():
    cache.gold_side.cache_clear()
    for prediction in ("x^2", "x*x", "x+1", "y", "0"):
        equal(prediction, "x^2 + 0")
    assert cache.gold_side.cache_info().misses == 1
    for index in range(cache.CACHED_GOLDS + 50):
        equal("1", f"{index}.5")
    assert cache.gold_side.cache_info().currsize == cache.CACHED_GOLDS
