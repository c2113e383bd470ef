"""A reward that never ends is killed in a child process, and no check hangs on it, however few are asked for."""

import re
import sys
import time
from dataclasses import replace

import pytest
from zoo_parts import BOXED, batched, right, rowwise

from plaudit import Sample
from plaudit.testing import LAWS, PROFILES, check, isolated
from plaudit.testing.isolated import score_apart
from plaudit.testing.laws import times
from plaudit.testing.laws.fixed import fixed_batch
from plaudit.testing.running import context_for, judge

SOON = replace(PROFILES["quick"], deadline_seconds=1.0)


def loops_on_a_blank(sample):
    while not sample.text:
        pass
    return right(sample)


def sleeps_on_a_right_answer(sample):
    time.sleep(3600 * (right(sample) or 0))
    return 0.0


def backtracks_on_brackets(sample):
    re.search(r"^(\(+)+$", sample.text.replace("\\", "") + "!")
    return right(sample)


STALLING = (loops_on_a_blank, sleeps_on_a_right_answer, backtracks_on_brackets)


@pytest.mark.parametrize("function", STALLING, ids=lambda function: function.__name__)
def test_one_law_alone_ends_and_names_the_text(function):
    report = check(rowwise(function), tasks=BOXED, laws=["permutation", "hedge"], profile=SOON)
    assert [(result.law, result.outcome) for result in report] == [
        ("time", "failed"),
        ("permutation", "not-applicable"),
        ("hedge", "not-applicable"),
    ]
    (failed,) = report.failed
    assert "had to be killed after 1 s" in failed.counterexample.problem
    assert "--law time" in failed.reproduce
    assert "mend what the law `time` found first" in report.results[1].note


def test_a_chosen_law_in_pytest_fails_instead_of_hanging():
    context = context_for(rowwise(loops_on_a_blank), tasks=BOXED, profile=SOON)
    with pytest.raises(pytest.fail.Exception, match="law 21, time"):
        judge(LAWS["permutation"], context)


def imports_at_each_call(sample):
    sys.modules.pop("slow_import", None)
    import slow_import

    return slow_import.READY * right(sample)


def test_what_the_reward_imports_as_it_scores_is_not_its_time():
    batches = [[Sample("\\boxed{42}", columns={"answer": "42"})]] * 2
    answers = score_apart(rowwise(imports_at_each_call), batches, deadline_seconds=1.0)
    assert [(answer.finished, answer.values) for answer in answers] == [(True, [1.0])] * 2
    assert all(answer.seconds < 0.5 and answer.waited < 1.0 for answer in answers)


def naps_on_a_power(sample):
    time.sleep(0.6 if "9^9^9^9" in sample.text else 0)
    return right(sample)


def test_a_text_that_takes_seconds_is_left_to_the_law_time_which_names_it(monkeypatch):
    monkeypatch.setattr(times, "SLOW_SECONDS", 0.5)
    context = context_for(rowwise(naps_on_a_power), tasks=BOXED)
    assert "9^9^9^9" in context.slow
    assert all(text.startswith("9^9^9^9") for text in context.slow), "in the growing texts there is one more"
    assert "9^9^9^9" in [sample.text for sample in fixed_batch(context, whole=True)]
    assert not any("9^9^9^9" in sample.text for sample in fixed_batch(context))
    assert not context.is_quick(Sample("so \\boxed{9^9^9^9}."))
    assert context.is_quick(Sample("9^9"))
    assert "s for '9^9^9^9', which the other checks leave out" in LAWS["time"].run(context).note


def test_a_process_that_never_begins_says_so_and_is_no_stall(monkeypatch):
    monkeypatch.setattr(isolated, "START_SECONDS", 0.01)
    (answer,) = score_apart(rowwise(right), [[BOXED[0].sample("42")]], deadline_seconds=0.01)
    assert "could not be imported within" in answer.error


def test_a_reward_that_grows_its_batch_and_fails_is_asked_once_for_each_sample():
    """Asked again for what it had made of the batch, it grew that too, without end."""
    asked = []

    def grows(batch):
        asked.append(len(batch))
        batch += batch
        raise ValueError("too long")

    context = context_for(batched(grows), tasks=BOXED)
    samples = [Sample("4"), Sample("5")]
    for ask in (context.values, context.raw):
        asked.clear()
        assert len(ask(list(samples))) == 2
        assert asked == [2, 1, 1]
