"""What a stage changed is said with its interval and its test; a damaged summary says less and breaks nothing."""

from __future__ import annotations

from io import StringIO
from typing import Any

import pytest
from rich.console import Console

from plaudit.report.changes import sentences
from plaudit.report.summary import rows
from plaudit.report.tables import before_after_table

SAMPLED = {"difference": 0.0613, "low": 0.0204, "high": 0.1021, "p": 0.0042}
GREEDY = {"difference": -0.011, "low": -0.03, "high": 0.008, "p": 0.206}
COMPARED = {"from": "after_sft", "to": "after_grpo", "sampled": SAMPLED, "greedy": GREEDY}
SEVERAL = {"pass_at": {"1": {"value": 0.3}, "4": {"value": 0.5, "low": 0.4, "high": 0.6}}}
NUMBERS = [None, "x", float("nan"), [], {}]


def test_change_by_grpo_is_one_sentence_with_interval_and_both_tests() -> None:
    assert sentences({"comparisons": [COMPARED]}) == [
        "Problem by problem, GRPO changed sampled accuracy by +6.1 points (95 %: +2.0 to +10.2), p = 0.0042; "
        "greedy accuracy by −1.1 points (95 %: −3.0 to +0.8), exact p = 0.21."
    ]


def test_samples_are_held_against_greedy_answers_before_grpo_and_of_no_other_pair() -> None:
    over = {"sampled_over_greedy": {"difference": -0.032, "low": -0.0589, "high": -0.0051, "p": 0.0198}}
    assert sentences({"comparisons": [COMPARED | over]})[1:] == [
        "Samples after GRPO against the greedy answers before it: −3.2 points (95 %: −5.9 to −0.5), p = 0.02. A model "
        "that has only become surer gets about as far as those answers."
    ]
    assert len(sentences({"comparisons": [COMPARED | over | {"from": "before"}]})) == 1


def test_tiny_p_is_not_zero() -> None:
    (sentence,) = sentences({"comparisons": [COMPARED | {"sampled": SAMPLED | {"p": 0.0}}]})
    assert "p < 0.001" in sentence


def test_dropped_problems_are_counted() -> None:
    facts = {"measured": 100, "samples": 8, "solved": 20, "hopeless": 30, "kept": 50}
    assert sentences({"difficulty": facts}) == [
        "Of 100 training problems tried 8 times each, 20 were solved and 30 hopeless: dropped; 50 are left."
    ]


@pytest.mark.parametrize("bad", NUMBERS)
@pytest.mark.parametrize("key", ["comparisons", "difficulty", "step_seconds"])
def test_damaged_parts_of_a_summary_say_nothing(key: str, bad: Any) -> None:
    assert sentences({key: bad}) == []
    assert sentences({key: {"from": bad, "measured": bad, "step": bad}}) == []
    damaged = {"sampled": {"p": bad}, "sampled_over_greedy": {"difference": bad}, "greedy": bad}
    assert sentences({"comparisons": [bad, {"from": "after_sft", "to": "after_grpo"} | damaged]}) == []


def test_pass_at_k_is_shown_for_the_most_samples_that_all_evaluations_have() -> None:
    later = {"pass_at": {"4": {"value": 0.7}, "8": {"value": 0.9}}}
    found = {row.label: row for row in rows({"before": SEVERAL, "after_grpo": later})}
    (row,) = found.values()
    assert row.label == "pass@4, sampled"
    assert row.shown() == ["50.0 %", "70.0 %"]
    assert row.shown_intervals() == ["40.0 to 60.0", ""]


@pytest.mark.parametrize("bad", [*NUMBERS, {"4": None}, {"four": {"value": 1}}])
def test_damaged_pass_at_k_and_intervals_leave_the_rest_standing(bad: Any) -> None:
    table = rows({"before": {"sampled_accuracy": 0.5, "pass_at": bad, "intervals": bad}})
    assert [row.shown_intervals() for row in table] == [[""]]


def test_terminal_shows_intervals_under_their_row_and_sentences_under_the_table() -> None:
    summary = {
        "after_sft": {"sampled_accuracy": 0.5, "intervals": {"sampled_accuracy": [0.404, 0.596]}},
        "after_grpo": {"sampled_accuracy": 0.6},
        "comparisons": [COMPARED],
    }
    console = Console(width=140, record=True, file=StringIO())
    console.print(before_after_table(summary))
    text = console.export_text()
    assert "40.4 to 59.6" in text
    assert "GRPO changed sampled accuracy" in text
