"""Foreign reward functions as rewards, by the names that the package gives them."""

import pytest

from plaudit import Sample
from plaudit.adapters import from_trl, from_verifiers, from_verl

SAMPLE = Sample("42", columns={"answer": "42", "ground_truth": "42", "data_source": "d"})


def trl_function(completions, answer, **kwargs):
    return [float(text == gold) for text, gold in zip(completions, answer, strict=True)]


def verl_function(data_source, solution_str, ground_truth, extra_info=None):
    return {"score": float(solution_str == ground_truth)}


async def verifiers_function(completion, answer, **kwargs):
    return 1.0


@pytest.mark.parametrize(
    ("wrap", "function"),
    [(from_trl, trl_function), (from_verl, verl_function), (from_verifiers, verifiers_function)],
)
def test_a_foreign_function_is_a_reward_by_the_packages_own_name(wrap, function):
    reward = wrap(function, low=0, high=1)
    assert [score.value for score in reward.score([SAMPLE])] == [1.0]
    assert (reward.spec.low, reward.spec.high) == (0, 1)
