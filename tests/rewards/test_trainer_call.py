"""A reward as a TRL reward function: what trainers pass, and what must never go wrong in silence."""

from types import SimpleNamespace

import pytest
from rewards_for_tests import brevity, fragile, polite, same_city

from plaudit import ConfigError, DataError, Score, Spec, as_reward, load, recipe, schedule

EXTRAS = {
    "completion_ids": [[1], [2]],
    "trainer_state": SimpleNamespace(global_step=5),
    "environments": [None, None],
    "difficulty": [1, 2],
    "scalar": 3,
    "named": "ab",
}


def chat(text):
    return [{"role": "assistant", "content": text}]


def test_it_is_called_by_keyword_with_columns_and_ignores_the_rest():
    assert same_city(prompts=["q", "q"], completions=["Rome", "Bonn"], answer=["Rome", "Rome"], **EXTRAS) == [1.0, 0.0]


def test_standard_and_conversational_data_score_alike():
    texts = ["Dear", "Oi"]
    assert polite(completions=texts) == polite(completions=[chat(text) for text in texts]) == [1.0, 0.0]


def test_an_abstaining_row_is_none():
    assert same_city(completions=["Rome", "Bonn"], answer=["", "Bonn"]) == [None, 1.0]
    assert fragile(completions=["x", "y"]) == [None, 1.0]


def test_an_empty_batch_gives_an_empty_list():
    assert polite(prompts=[], completions=[]) == []


WRONG_CALLS = [
    ({"completions": None}, ConfigError, "completions="),
    ({"completions": "one text"}, ConfigError, "completions="),
    ({"completions": ["a"], "prompts": ["q", "q"], "answer": ["b"]}, DataError, "2 prompts"),
    ({"completions": ["a"], "answers": ["b"]}, DataError, "Did you mean 'answers'"),
    ({"completions": ["a", "b"], "answer": ["b"]}, DataError, "1 entries for 2"),
    ({"completions": ["a", "b"], "answer": "ab"}, DataError, "as a list"),
    ({"completions": ["a", "b"], "answer": 7}, DataError, "no entries"),
]


@pytest.mark.parametrize(("call", "error", "hint"), WRONG_CALLS)
def test_lists_that_do_not_fit_are_errors_not_broadcasts(call, error, hint):
    with pytest.raises(error, match=hint):
        same_city(**call)


def test_a_schedule_follows_the_trainers_step():
    rising = schedule(polite, over_steps=10)
    assert rising(completions=["Dear", "Dear"], **EXTRAS) == [0.5, 0.5]
    assert recipe("unsloth").at(5) == recipe("unsloth")


def test_parts_of_a_composite_become_curves_and_columns():
    metrics, extras = {}, {}
    judge = (polite + 2 * same_city + fragile.named("inner")).named("total")
    judge(
        completions=["Dear", "x"],
        answer=["Dear", ""],
        log_metric=metrics.__setitem__,
        log_extra=extras.__setitem__,
    )
    assert metrics["rewards/polite/mean"] == 0.5
    assert (metrics["rewards/same-city/mean"], metrics["rewards/same-city/abstained"]) == (1.0, 0.5)
    assert metrics["rewards/inner/fragile/abstained"] == 0.5
    assert extras["same-city"] == [1.0, None]
    assert judge.__name__ == "total"


def test_a_part_that_abstains_everywhere_has_no_mean():
    metrics = {}
    (polite + same_city)(completions=["Dear"], answer=[""], log_metric=metrics.__setitem__)
    assert "rewards/same-city/mean" not in metrics
    assert metrics["rewards/same-city/abstained"] == 1.0


class Relative:
    """A coupled reward: the longest of its group is paid."""

    spec = Spec("longest", 0.0, 1.0, coupled=True)

    def score(self, batch, /):
        best = {}
        for sample in batch:
            best[sample.group] = max(best.get(sample.group, 0), len(sample.text))
        return [Score(float(len(sample.text) == best[sample.group])) for sample in batch]


def test_neighbours_with_equal_prompts_form_a_group():
    prompts = [chat("a"), chat("a"), chat("b"), chat("b")]
    assert as_reward(Relative())(prompts=prompts, completions=["1", "22", "3", "4"]) == [0.0, 1.0, 1.0, 1.0]


class Failing:
    """A coupled reward that fails fails for all its rows, whole."""

    spec = Spec("failing", 0.0, 1.0, coupled=True)

    def score(self, batch, /):
        raise ValueError(len(batch))


def test_a_coupled_reward_that_fails_abstains_for_all_rows():
    assert as_reward(Failing())(completions=["a", "b"]) == [None, None]


def test_split_of_a_recipe_gives_functions_with_the_parts_names():
    functions, weights = recipe("unsloth").split()
    assert [function.__name__ for function in functions] == [
        "format-exact",
        "format-approx",
        "answer-match",
        "numeric-tolerance",
    ]
    assert weights == [1.0] * 4
    assert brevity.split() == ([brevity], [1.0])
    assert load("format-exact").split().functions == [load("format-exact")]
