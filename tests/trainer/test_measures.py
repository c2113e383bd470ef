"""What a summary says of an evaluation, and what changed between two, is what its completions say."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from plaudit_trainer.measures import Outcome, comparisons, majority, measure, step_seconds

pytestmark = pytest.mark.trainer


def votes(*ballots: tuple[str | None, bool]) -> list[Outcome]:
    return [Outcome(right, answer=answer) for answer, right in ballots]


@pytest.mark.parametrize(
    ("ballots", "right"),
    [
        ([("4", True), ("4", True), ("5", False)], 1.0),
        ([("4", True), ("5", False), ("5", False)], 0.0),
        ([("4", True), ("5", False)], 0.5),
        ([("0.5", True), ("1/2", True), ("2", False)], 1.0),
        ([("1,000", True), ("1000", True), ("7", False), (" 7", False), ("7", False)], 0.0),
        ([(None, False), (None, False), ("4", True)], 1.0),
        ([(None, False), ("", False), ("  ", False)], 0.0),
        ([], 0.0),
        ([("x" * 5000, False), ("x" * 5000, False), ("4", True)], 0.0),
    ],
)
def test_majority_groups_equal_answers_and_shares_ties(ballots: list[tuple[str | None, bool]], right: float) -> None:
    assert majority(votes(*ballots)) == right


def test_pass_at_k_is_there_for_powers_of_two_and_all_samples() -> None:
    groups = [votes(*[("4", index == 0) for index in range(6)]) for _ in range(3)]
    found = measure("sampled", groups)
    assert list(found["pass_at"]) == ["1", "2", "4", "6"]
    assert found["pass_at"]["1"]["value"] == pytest.approx(found["sampled_accuracy"])
    assert found["pass_at"]["6"]["value"] == 1.0
    assert list(found["majority_at"]) == ["6"]


def test_single_sample_has_no_pass_at_k() -> None:
    assert "pass_at" not in measure("sampled", [votes(("4", True))])


def test_abstaining_values_are_counted_and_not_averaged() -> None:
    groups = [[Outcome(False, value=None, parts={"a": None}), Outcome(True, value=2.0, parts={"a": 2.0})]] * 2
    found = measure("sampled", groups)
    assert (found["sampled_reward"], found["sampled_abstained"], found["parts"]) == (2.0, 2, {"a": 2.0})


def rows(stage: str, mode: str, right: dict[str, list[bool]]) -> list[dict[str, Any]]:
    return [
        {"stage": stage, "mode": mode, "prompt": prompt, "correct": one}
        for prompt, some in right.items()
        for one in some
    ]


def written(path: Path, *some: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for part in some for row in part))
    return path


def test_stages_are_compared_problem_by_problem_whatever_their_order(tmp_path: Path) -> None:
    first = {f"q{index}": [index < 5, index < 3] for index in range(10)}
    second = {f"q{index}": [index < 8, index < 4] for index in reversed(range(10))}
    greedy = [{prompt: some[:1] for prompt, some in side.items()} for side in (first, second)]
    path = written(
        tmp_path / "completions.jsonl",
        rows("after_sft", "sampled", first),
        rows("after_sft", "greedy", greedy[0]),
        rows("grpo", "sampled", {"elsewhere": [True]}),
        rows("after_grpo", "sampled", second),
        rows("after_grpo", "greedy", greedy[1]),
    )
    (found,) = comparisons(path)
    assert (found["from"], found["to"]) == ("after_sft", "after_grpo")
    assert found["sampled"]["difference"] == pytest.approx(0.2)
    assert (found["greedy"]["gained"], found["greedy"]["lost"], found["greedy"]["p"]) == (3, 0, 0.25)
    assert found["sampled_over_greedy"]["difference"] == pytest.approx(0.1)  # 0.6 sampled after, 0.5 greedy before
    assert found["sampled_over_greedy"]["test"] == found["sampled"]["test"]


def test_problems_without_a_partner_are_counted_and_a_cut_off_line_is_left_out(tmp_path: Path) -> None:
    path = written(
        tmp_path / "completions.jsonl",
        rows("before", "sampled", {"a": [True], "b": [False], "c": [True]}),
        rows("after_sft", "sampled", {"a": [True], "b": [True], "d": [True]}),
    )
    with path.open("a") as file:
        file.write('{"stage": "after_sft", "mode": "sam')
    (found,) = comparisons(path)
    assert (found["sampled"]["problems"], found["sampled"]["unpaired"]) == (2, 2)


def test_no_completions_mean_no_comparison(tmp_path: Path) -> None:
    assert comparisons(tmp_path / "completions.jsonl") == []


def test_shares_of_a_step_add_up() -> None:
    seconds = [(1.0, 0.01, 2.0), (30.0, 0.01, 3.0), (1.0, 0.01, 2.0)]
    metrics = [
        {"stage": "grpo", "seconds/generation": g, "seconds/rewards": r, "seconds/update": u, "seconds/step": g + r + u}
        for g, r, u in seconds
    ]
    found = step_seconds([*metrics, {"stage": "sft", "loss": 1.0}])
    assert found["generation"] + found["rewards"] + found["update"] == pytest.approx(1)
    assert found["step"] == pytest.approx(3.01), "the median: the first step compiles"
    assert step_seconds([]) == {}
