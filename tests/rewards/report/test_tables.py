"""The before/after table for the terminal."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from plaudit.report.summary import Row, rows
from plaudit.report.tables import before_after_table


def printed(summary: dict[str, Any]) -> str:
    console = Console(width=120, record=True, file=StringIO())
    console.print(before_after_table(summary))
    return console.export_text()


def test_table_shows_each_evaluation_the_change_and_the_parts(small_run: Path) -> None:
    text = printed(json.loads((small_run / "summary.json").read_text()))
    for word in ("before", "after SFT", "after GRPO", "change", "reward, sampled", "accuracy, greedy", "answer-match"):
        assert word in text
    assert " pp" in text


def test_narrow_terminal_cuts_off_no_name_and_no_change(small_run: Path) -> None:
    console = Console(width=80, record=True, file=StringIO())
    summary = json.loads((small_run / "summary.json").read_text())
    summary["before"]["greedy_format"], summary["after_grpo"]["greedy_format"] = 0.0, 1.0
    console.print(before_after_table(summary | {"after_sft": summary["before"]}))
    text = console.export_text()
    assert "…" not in text
    assert "by GRPO" in text
    lines = text.splitlines()
    for label in ("format right, sampled", "accuracy, greedy", "numeric-tolerance", "format-approx"):
        assert any(line.strip().startswith(f"{label}  ") for line in lines), label
    assert "+100.0 pp" in text


def test_name_without_end_takes_lines_and_not_the_table(small_run: Path) -> None:
    long = "a-reward-of-" + "very-" * 30 + "long-name"
    text = printed({"before": {"sampled_reward": 1.0, "parts": {long: 1.0}}, "after_grpo": {"parts": {long: 2.5}}})
    assert "2.50" in text
    assert "+1.50" in text
    assert "long-name" in "".join(text.split())


@pytest.mark.parametrize("summary", [{}, {"before": {}}, {"before": None}, {"after_grpo": {"parts": None}}])
def test_unfinished_summary_has_a_table_all_the_same(summary: dict[str, Any]) -> None:
    assert "change" in printed(summary)


def test_markup_and_escapes_in_names_are_shown_not_obeyed() -> None:
    text = printed({"recipe": "[red]x[/]", "before": {"sampled_reward": 1.0, "parts": {"[bold]\x1b[2J": 1.0}}})
    assert "[red]x[/]" in text
    assert "[bold]␛[2J" in text


def test_change_runs_from_the_first_evaluation_there_is_to_the_last() -> None:
    assert Row("reward", (None, 2.0, 5.0)).delta == 3.0
    assert Row("reward", (2.0,)).delta is None


PAIRED = {"from": "after_sft", "to": "after_grpo", "sampled": {"low": -0.0113, "high": 0.0826}}
EVALUATED = {"after_sft": {"sampled_accuracy": 0.5}, "after_grpo": {"sampled_accuracy": 0.54}}


@pytest.mark.parametrize(
    ("summary", "interval"),
    [
        (EVALUATED | {"comparisons": [PAIRED]}, "−1.1 to +8.3"),
        (EVALUATED | {"before": {"sampled_accuracy": 0.0}, "comparisons": [PAIRED]}, ""),  # of other columns
        (EVALUATED | {"before": {}, "comparisons": [PAIRED]}, "−1.1 to +8.3"),
        (EVALUATED, ""),
        (EVALUATED | {"comparisons": [PAIRED | {"from": ["after_sft"]}, None, {"sampled": 3}]}, ""),
        (EVALUATED | {"comparisons": [PAIRED | {"sampled": {"low": None, "high": "x"}}]}, ""),
    ],
)
def test_shares_are_percent_and_their_change_has_the_paired_interval_of_its_own_columns(
    summary: dict[str, Any], interval: str
) -> None:
    (row,) = rows(summary)
    assert row.shown()[-2:] == ["50.0 %", "54.0 %"]
    assert row.shown_change() == interval


@pytest.mark.parametrize(
    ("before", "after", "share", "direction"),
    [(1.0, 1.004, False, "same"), (0.995, 0.9949, True, "same"), (0.5, 0.6, True, "up"), (2.0, 1.0, False, "down")],
)
def test_change_that_rounds_to_zero_has_no_direction_and_no_colour(
    before: float, after: float, share: bool, direction: str
) -> None:
    row = Row("some", (before, after), share=share)
    assert row.direction() == direction
    assert row.shown_delta().startswith({"same": "0", "up": "+", "down": "−"}[direction])


def test_nothing_to_compare_has_no_direction() -> None:
    assert Row("some", (None, 1.0)).direction() == "same"
