"""Problems that are always or never solved are left out; what was measured is not measured again, nor otherwise."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

import plaudit
from plaudit.errors import ConfigError, DataError
from plaudit_trainer import difficulty
from plaudit_trainer.backends import Generation, Sampling
from plaudit_trainer.config import DropSolved
from plaudit_trainer.evaluate import Evaluation
from plaudit_trainer.rows import Row
from plaudit_trainer.settings import resolve

pytestmark = pytest.mark.trainer

ROWS = [Row(f"What is {number} + 0?", str(number)) for number in range(10)]
RIGHT = {row.question: number for number, row in enumerate(ROWS[:5])}


class Letters:
    """A tokeniser whose tokens are letters."""

    def apply_chat_template(self, messages: list[dict[str, str]], **_: Any) -> str:
        return messages[-1]["content"]

    def __call__(self, text: str, **_: Any) -> dict[str, list[int]]:
        return {"input_ids": [ord(letter) for letter in text]}


class Pupil:
    """Is right as often as the number in the question says, out of four; counts what it was asked."""

    tokenizer = Letters()

    def __init__(self) -> None:
        self.asked: list[tuple[str, int]] = []

    def generate(self, prompts: Sequence[Sequence[int]], sampling: Sampling) -> list[list[Generation]]:
        form = plaudit.as_format("unsloth")
        made = []
        for prompt in prompts:
            question = "".join(map(chr, prompt))
            number = int(question.split()[2])
            self.asked.append((question, sampling.seed))
            texts = [
                form.render(str(number if sample < number else "none"), "so") for sample in range(sampling.samples)
            ]
            made.append([Generation(text, False) for text in texts])
        return made


class Silent:
    def show(self, done: int, line: str | None = None) -> None: ...


def evaluation() -> Evaluation:
    from plaudit.report.records import accuracy_of

    recipe, config = resolve(plaudit.recipe("demo"), ["evaluate.batch=3", "format=unsloth"])
    return Evaluation(recipe, config, [], accuracy_of(recipe), seed=7)


def measured(path: Path | None, pupil: Pupil) -> dict[str, int]:
    return difficulty.measure(ROWS, 4, evaluation(), pupil, path, Silent())  # type: ignore[arg-type]


def test_each_problem_is_tried_as_often_as_asked_and_counted(tmp_path: Path) -> None:
    right = measured(tmp_path / "d.jsonl", Pupil())
    assert [right[row.question] for row in ROWS] == [0, 1, 2, 3, 4, 4, 4, 4, 4, 4]


def test_measurement_that_was_cut_off_goes_on_as_if_it_had_not(tmp_path: Path) -> None:
    path, whole = tmp_path / "d.jsonl", Pupil()
    expected = measured(path, whole)
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join(lines[:6]) + lines[6][:20])
    rest = Pupil()
    assert measured(path, rest) == expected
    assert rest.asked == whole.asked[6:], "the same problems with the same seeds"
    assert len(path.read_text().splitlines()) == len(ROWS)
    again = Pupil()
    assert measured(path, again) == expected
    assert again.asked == []


def test_measurement_with_another_number_of_tries_is_not_taken_over(tmp_path: Path) -> None:
    path = tmp_path / "d.jsonl"
    path.write_text(json.dumps({"question": ROWS[0].question, "right": 2, "samples": 2}) + "\n")
    assert measured(path, Pupil())[ROWS[0].question] == 0


@pytest.mark.parametrize(
    ("settings", "left"),
    [
        ({}, [1, 2, 3]),
        ({"above": 0.75}, [1, 2]),
        ({"below": 0.25}, [2, 3]),
        ({"order": "easy_first"}, [3, 2, 1]),
    ],
)
def test_bounds_and_order_choose_what_is_left(settings: dict[str, Any], left: list[int]) -> None:
    chosen = difficulty.choose(ROWS, RIGHT, DropSolved(samples=4, **settings))
    assert [int(row.answer) for row in chosen] == left


def test_unmeasured_problems_are_not_trained_on() -> None:
    assert not any(row.question not in RIGHT for row in difficulty.choose(ROWS, RIGHT, DropSolved(samples=4)))


def test_limit_draws_by_the_seed_and_measures_no_question_twice() -> None:
    some = [difficulty.candidates([*ROWS, *ROWS], DropSolved(limit=5), seed) for seed in (0, 0, 1)]
    assert some[0] == some[1] != some[2]
    assert max(Counter(row.question for row in some[0]).values()) == 1
    assert difficulty.candidates([*ROWS, *ROWS], DropSolved(), 0) == ROWS


def test_too_few_problems_left_say_so_with_the_numbers() -> None:
    with pytest.raises(DataError, match=r"1 are solved .* 1 hopeless .* 3 are left, and a step needs 4"):
        difficulty.facts(ROWS, RIGHT, DropSolved(samples=4), 4)
    found = difficulty.facts(ROWS, RIGHT, DropSolved(samples=4), 3)
    assert (found["solved"], found["hopeless"], found["kept"], found["by_right"]) == (1, 1, 3, [1, 1, 1, 1, 1])


@pytest.mark.parametrize(("value", "samples"), [("true", 8), ("{samples: 3}", 3), ("false", None), ("null", None)])
def test_true_means_the_defaults(value: str, samples: int | None) -> None:
    _, config = resolve(plaudit.recipe("demo"), [f"data.drop_solved={value}"])
    found = config.data.drop_solved
    assert (found.samples if found else None) == samples


def test_bounds_that_leave_nothing_are_refused() -> None:
    with pytest.raises(ConfigError, match="must be less than"):
        resolve(plaudit.recipe("demo"), ["data.drop_solved={below: 0.5, above: 0.5}"])


@pytest.mark.slow
def test_run_measures_after_sft_and_trains_on_what_is_left(runner: Any, tmp_path: Path) -> None:
    few = (*runner.short, "sft.steps=60", "sft.learning_rate=6e-3", "data.grpo.limit=60", "grpo.steps=2")
    drop = ("data.drop_solved={samples: 4, order: easy_first}", "evaluate.batch=20", "evaluate.samples=2")
    out = tmp_path / "run"
    output = runner.train(out, (*few, *drop))
    rows = [json.loads(line) for line in (out / difficulty.NAME).read_text().splitlines()]
    summary = json.loads((out / "summary.json").read_text())
    found = summary["difficulty"]
    assert len(rows) == found["measured"] == found["solved"] + found["hopeless"] + found["kept"]
    assert f"{found['kept']} are left" in output
    evaluated = {
        json.loads(line)["prompt"]
        for line in (out / "completions.jsonl").read_text().splitlines()
        if json.loads(line)["stage"] == "after_sft"
    }
    assert not evaluated & {row["question"] for row in rows}, "problems of the evaluation are never measured"
    rates = {row["question"]: row["right"] for row in rows}
    tried = [json.loads(line) for line in (out / "completions.jsonl").read_text().splitlines()]
    tried = [row for row in tried if row["stage"] == "grpo"]
    assert all(0 < rates[row["prompt"]] < 4 for row in tried)
    order = [rates[row["prompt"]] for row in sorted(tried, key=lambda row: row["step"])]
    assert order == sorted(order, reverse=True), "the easiest come first"
    assert len(summary["comparisons"]) == 3
    assert 0 < summary["step_seconds"]["rewards"] < 1
