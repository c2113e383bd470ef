"""`@reward`: arguments by name, options after the star, and what happens when an author's code fails."""

import pickle

import pytest
from rewards_for_tests import fragile, polite, same_city

from plaudit import ConfigError, DataError, RewardError, Sample, Score, UnknownOptionError, reward, score


def test_arguments_are_filled_by_name():
    @reward(low=0.0, high=9.0)
    def everything(sample, prompt, completion, difficulty, hint="none"):
        assert sample.text == completion
        return len(prompt) + difficulty + len(hint)

    assert everything.spec.reads == ("difficulty",)
    sample = Sample("yes", prompt=[{"role": "user", "content": "ab"}], columns={"difficulty": 1, "other": 7})
    assert everything.score([sample])[0].value == 7.0
    assert everything(prompts=["ab"], completions=["yes"], difficulty=[1], hint=["x"]) == [4]


def test_a_score_or_none_may_be_returned():
    @reward(low=0.0, high=1.0)
    def explained(completion):
        return Score(1.0, "fine", extracted=completion) if completion else None

    full, empty = explained.score([Sample("a"), Sample("")])
    assert (full.reason, full.extracted, empty.value) == ("fine", "a", None)


def test_options_make_a_new_reward_and_leave_the_old_one():
    loud = polite.using(greeting="HEY", pay=0.5)
    assert loud(completions=["HEY", "Dear"]) == [0.5, 0.0]
    assert polite(completions=["HEY", "Dear"]) == [0.0, 1.0]
    assert loud.using(pay=1.0)(completions=["HEY"]) == [1.0]
    assert loud != polite
    assert loud == polite.using(pay=0.5, greeting="HEY")


def test_a_decorated_function_pickles_by_reference_with_its_options():
    again = pickle.loads(pickle.dumps(polite.using(greeting="Oi")))
    assert again == polite.using(greeting="Oi")
    assert again.__name__ == "polite"


def test_names_are_those_of_the_function():
    assert same_city.__name__ == same_city.spec.name == "same-city"


WRONG_SIGNATURES = [
    (lambda *texts: 0.0, "filled by name"),
    (lambda **columns: 0.0, "filled by name"),
    (lambda completion, /: 0.0, "filled by name"),
    (lambda completion, *, weight: 0.0, "needs a default"),
]


@pytest.mark.parametrize(("function", "hint"), WRONG_SIGNATURES)
def test_a_signature_that_cannot_be_filled_is_refused(function, hint):
    function.__name__ = "wrong"
    with pytest.raises(ConfigError, match=hint):
        reward(low=0.0, high=1.0)(function)


def test_an_async_function_is_refused_before_its_coroutine_becomes_a_score():
    async def later(completion):
        return 1.0

    with pytest.raises(ConfigError, match="async"):
        reward(low=0.0, high=1.0)(later)


def test_wrong_options_and_facts_are_refused():
    with pytest.raises(UnknownOptionError, match="'greeting'"):
        polite.using(greting="Oi")
    with pytest.raises(ConfigError, match="a text"):
        polite.using(greeting=3)
    with pytest.raises(ConfigError, match="finite and rising"):
        reward(low=1.0, high=0.0, name="x")(lambda completion: 0.0)
    with pytest.raises(ConfigError, match="accept_at"):
        reward(low=0.0, high=1.0, accept_at=2.0, name="x")(lambda completion: 0.0)


NOT_SCORES = [True, "1", float("nan"), float("inf"), [1.0], 2.0]


@pytest.mark.parametrize("returned", NOT_SCORES, ids=repr)
def test_what_is_not_a_number_in_range_makes_the_row_abstain(returned):
    @reward(low=0.0, high=1.0)
    def odd(completion):
        return returned if completion == "odd" else 0.5

    bad, good = odd.score([Sample("odd"), Sample("even")])
    assert bad.value is None
    assert bad.reason.startswith("failed: RewardError")
    assert good.value == 0.5


def test_a_failing_row_abstains_with_its_traceback_and_spares_the_others():
    fine, failed = fragile.score([Sample("ok"), Sample("x")])
    assert fine.value == 1.0
    assert failed.value is None
    assert "KeyError" in failed.reason
    assert "rewards_for_tests.py" in failed.reason


def test_a_reward_that_fails_on_every_row_of_a_real_batch_raises():
    with pytest.raises(RewardError, match=r"every one of 8 rows.*KeyError"):
        fragile.score([Sample("x")] * 8)
    assert [row.value for row in fragile.score([Sample("x")] * 7)] == [None] * 7


def test_strict_raises_on_the_first_failure_and_only_there():
    with pytest.raises(RewardError, match="fragile"):
        score(fragile, [Sample("ok"), Sample("x")], strict=True)
    with pytest.raises(RewardError, match="fragile"):
        score(fragile + polite, [Sample("x")], strict=True)
    assert score(fragile, [Sample("x")])[0].value is None


class Whole:
    """A stranger whose batch method fails as a whole when one row is bad."""

    spec = fragile.spec

    def score(self, batch, /):
        return [Score(1.0 / ("x" not in sample.text)) for sample in batch]


class Short:
    """A stranger that returns one score too few."""

    spec = fragile.spec

    def score(self, batch, /):
        return [Score(1.0) for _ in batch][1:]


def test_a_foreign_reward_that_fails_as_a_whole_is_asked_row_by_row():
    assert [row.value for row in score(Whole(), [Sample("ok"), Sample("x")])] == [1.0, None]


def test_a_wrong_number_of_scores_is_an_error_not_a_broadcast():
    with pytest.raises(RewardError, match="1 scores for 2 samples"):
        score(Short(), [Sample("a"), Sample("b")])


def test_a_missing_column_is_found_before_any_row_is_scored():
    with pytest.raises(DataError, match=r"'answer', which row 1 lacks"):
        same_city.score([Sample("a", columns={"answer": "b"}), Sample("a")])


@reward(low=-5.0, high=0.0)
def penalty(completion):
    return -float(int(completion))


def test_a_crashed_penalty_does_not_pay_its_row_in_a_sum():
    judge = polite + penalty
    assert judge(completions=["3", "0", "x"]) == [-3.0, 0.0, None]
    assert "penalty" in judge.score([Sample("x")])[0].reason


def test_one_question_with_a_bad_gold_abstains_and_does_not_end_a_training_run():
    assert same_city(prompts=["q"] * 8, completions=["x"] * 8, answer=[7] * 8) == [None] * 8
    with pytest.raises(RewardError, match="every one of 8 rows"):
        same_city(prompts=["q"] * 4 + ["r"] * 4, completions=["x"] * 8, answer=[7] * 8)


class Boastful:
    """A stranger that leaves its declared range."""

    spec = fragile.spec

    def score(self, batch, /):
        return [Score(99.0) if sample.text else 0.5 for sample in batch]


def test_a_foreign_reward_out_of_range_or_without_scores_abstains():
    assert [row.value for row in score(Boastful(), [Sample("a"), Sample("")])] == [None, None]


def test_numbers_of_other_libraries_count_as_numbers():
    from fractions import Fraction

    @reward(low=0.0, high=1.0)
    def half(completion):
        return Fraction(1, 2)

    assert half.score([Sample("")])[0].value == 0.5
