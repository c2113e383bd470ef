"""TRL's, verl's and Math-Verify's own rewards as registered ones, where their packages are installed."""

import pickle
from concurrent.futures import ThreadPoolExecutor

import pytest

from plaudit import Sample

BOXED = "So \\boxed{42}."


def verdicts(reward, column, right, wrong):
    return [reward.score([Sample(text, "q", {column: "42"})])[0].value for text in (right, wrong)]


@pytest.mark.parametrize("kind", ["Accuracy", "ReasoningAccuracy", "ThinkFormat"])
def test_trls_rewards_are_built_by_name_and_pickle(kind):
    pytest.importorskip("trl", reason="TRL is not installed")
    from plaudit.adapters import rewards_of_trl

    reward = getattr(rewards_of_trl, kind)()
    assert pickle.loads(pickle.dumps(reward)) == reward
    if kind == "ThinkFormat":
        assert verdicts(reward, "answer", "<think>6 * 7</think>\n42", "42") == [1.0, 0.0]
    else:
        pytest.importorskip("math_verify", reason="Math-Verify is not installed; `make clients` tests it")
        assert verdicts(reward, "solution", f"<think>x</think>{BOXED}", "<think>x</think>\\boxed{41}") == [1.0, 0.0]


@pytest.mark.parametrize(
    ("kind", "right", "wrong"),
    [("Gsm8k", ["#### 42", 1.0], ["#### 41", 0.0]), ("Math", [BOXED, 1.0], ["\\boxed{41}", 0.0]),
     ("MathDapo", ["Answer: 42", 1.0], ["Answer: 41", -1.0])],
)  # fmt: skip
def test_verls_rewards_are_built_by_name(kind, right, wrong):
    pytest.importorskip("verl", reason="verl is not installed; `make clients` tests it")
    from plaudit.adapters import rewards_of_verl

    reward = getattr(rewards_of_verl, kind)()
    assert verdicts(reward, "ground_truth", right[0], wrong[0]) == [right[1], wrong[1]]


def test_math_verify_abstains_without_a_gold_and_works_off_the_main_thread():
    pytest.importorskip("math_verify", reason="Math-Verify is not installed; `make clients` tests it")
    from plaudit.adapters.rewards_of_math_verify import math_verify

    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(verdicts, math_verify, "answer", BOXED, "\\boxed{41}").result() == [1.0, 0.0]
    assert math_verify.score([Sample(BOXED, "q", {"answer": ""})])[0].value is None
