"""Rewards written for other trainers: what they return becomes scores, and a bad number costs its own row."""

import math

from plaudit import Sample, score
from plaudit.adapters.trl import from_trl


def test_an_infinite_number_is_the_failure_of_its_row_and_not_of_the_batch():
    def ratio(completions, **columns):
        return [math.inf if text == "0" else 1 / float(text) for text in completions]

    scores = score(from_trl(ratio), [Sample("1"), Sample("0"), Sample("2")])
    assert [found.value for found in scores] == [1.0, None, 0.5]
    assert scores[1].reason.startswith("failed: ValueError: the function returned inf")
