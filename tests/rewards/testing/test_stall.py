"""A reward that never ends is killed in a child process, and no check hangs on it, however few are asked for."""

import re
import time
from dataclasses import replace

import pytest
from zoo_parts import BOXED, batched, right, rowwise

from plaudit import Sample
from plaudit.testing import LAWS, PROFILES, check, isolated
from plaudit.testing.isolated import score_apart
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
