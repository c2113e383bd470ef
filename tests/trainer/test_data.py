"""Rows of every source arrive in one shape; what is left out is counted and said; evaluation stays unseen."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import plaudit
from plaudit.errors import ConfigError, DataError
from plaudit_trainer import demo
from plaudit_trainer.config import Source
from plaudit_trainer.data import drop_long, load_problems, load_rows, map_rows
from plaudit_trainer.rows import Row
from plaudit_trainer.settings import resolve

pytestmark = pytest.mark.trainer

FORM = plaudit.as_format("unsloth")


def load(source: Any) -> tuple[list[Row], list[str]]:
    notes: list[str] = []
    return load_rows(Source.model_validate(source), FORM, "seed", 0, notes), notes


def write(path: Path, rows: list[Any]) -> str:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return str(path)


def test_jsonl_maps_usual_columns_and_keeps_the_others(tmp_path: Path) -> None:
    rows, _ = load(write(tmp_path / "a.jsonl", [{"problem": "1+1?", "expected_answer": 2, "level": 3}]))
    assert rows[0].question == "1+1?"
    assert rows[0].reward_columns() == {
        "problem": "1+1?",
        "expected_answer": 2,
        "level": 3,
        "question": "1+1?",
        "answer": "2",
    }


def test_parquet_reads_like_jsonl(tmp_path: Path) -> None:
    import pyarrow
    import pyarrow.parquet

    rows = [{"question": "1+1?", "answer": "2"}, {"question": "2+2?", "answer": "4"}]
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(rows), tmp_path / "a.parquet")
    assert load(str(tmp_path / "a.parquet"))[0] == load(write(tmp_path / "a.jsonl", rows))[0]


def test_worked_solution_of_math_is_not_taken_for_the_answer() -> None:
    records = [
        {"problem": "p", "solution": "Two and two, so $\\boxed{\\frac{4}{1}}$."},
        {"problem": "q", "solution": "I forgot the box."},
    ]
    notes: list[str] = []
    (row,) = map_rows(records, Source(source="math.jsonl"), notes)
    assert (row.answer, row.reasoning) == ("\\frac{4}{1}", records[0]["solution"])
    assert "the last \\boxed{} of `solution`" in notes[0]
    assert "1 rows have no question or no answer" in notes[1]


def test_solution_that_is_a_bare_answer_is_the_answer() -> None:
    (row,) = map_rows([{"problem": "p", "solution": "4"}], Source(source="bare.jsonl"), [])
    assert (row.answer, row.reasoning) == ("4", "")


def test_gsm8k_solutions_become_reasoning_and_answer() -> None:
    source = Source(source="x.jsonl", answer_after="####", remove=("<<…>>",))
    record = {"question": "q", "answer": "He has 2*3=<<2*3=6>>6.\nSo 6. << open\n#### 1,006"}
    row = map_rows([record], source, [])[0]
    assert (row.answer, row.reasoning) == ("1006", "He has 2*3=6.\nSo 6. << open")


def test_reasoning_gym_family_by_name() -> None:
    rows, _ = load({"source": "reasoning-gym:chain_sum", "limit": 5, "options": {"min_terms": 2, "max_terms": 2}})
    assert len(rows) == 5
    assert json.loads(rows[0].columns["entry"])["answer"] == rows[0].answer


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ('{"question": "a", "answer": "1"}\n{"question": "b"', [":2", "JSON"]),
        ("[1]\n", [":1", "object"]),
        ("", ["no rows"]),
        ('{"question": "a"}\n', ["column for the answer", "question", "columns.answer"]),
        ('{"question": "", "answer": " "}\n', ["not one of 1 rows"]),
    ],
)
def test_bad_file_is_refused_with_its_place(tmp_path: Path, content: str, words: list[str]) -> None:
    path = tmp_path / "bad.jsonl"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(DataError) as caught:
        load(str(path))
    for word in words:
        assert word in str(caught.value)


def test_misspelt_column_and_file_name_the_nearest(tmp_path: Path) -> None:
    path = write(tmp_path / "rows.jsonl", [{"question": "a", "gold_answer": "1"}])
    with pytest.raises(DataError, match=r"'gold_anser' for the answer\. Did you mean 'gold_answer'"):
        load({"source": path, "columns": {"answer": "gold_anser"}})
    with pytest.raises(ConfigError, match=r"Did you mean '.*rows\.jsonl'"):
        load(str(tmp_path / "rowz.jsonl"))


def test_hub_source_without_network_says_what_it_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    import datasets

    monkeypatch.setattr(datasets.config, "HF_HUB_OFFLINE", True)
    with pytest.raises(DataError, match=r"owner/data from the Hub, split train can't be loaded .*local \.jsonl"):
        load("owner/data")


def test_dropped_rows_are_counted() -> None:
    notes: list[str] = []
    records = [{"question": "a", "answer": "x"}, {"question": "b", "answer": "7"}, {"question": "", "answer": "7"}]
    rows = map_rows(records, Source(source="s.jsonl", numeric_answers=True), notes)
    assert [row.question for row in rows] == ["b"]
    assert [note.split(": ")[1] for note in notes] == [
        "1 rows have no question or no answer",
        "1 rows have an answer that is not a number",
    ]


def test_no_problem_of_the_evaluation_is_trained_on() -> None:
    recipe, config = resolve(plaudit.recipe("demo"), ["data.evaluate.limit=300"])
    problems = load_problems(config, recipe.format or FORM)
    asked = {row.question for row in problems.evaluate}
    assert len(asked) == len(problems.evaluate)
    assert not asked & {row.question for row in [*problems.sft, *problems.grpo]}
    assert any("also in the evaluation" in note for note in problems.notes)


def test_without_evaluation_source_the_last_problems_are_held_out(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", [{"question": f"{n}?", "answer": str(n)} for n in range(10)])
    settings = ["data.evaluate=null", f"data.grpo={path}", "evaluate.problems=3"]
    recipe, config = resolve(plaudit.recipe("demo"), settings)
    problems = load_problems(config, recipe.format or FORM)
    assert [row.answer for row in problems.evaluate] == ["7", "8", "9"]
    assert len(problems.grpo) == 7


def test_demo_problems_are_reproducible_and_their_perfect_answers_right() -> None:
    rows = demo.rows(FORM, "a", 300)
    assert rows == demo.rows(FORM, "a", 300)
    assert rows != demo.rows(FORM, "b", 300)
    judge = plaudit.recipe("demo")
    samples = [
        plaudit.Sample(FORM.render(row.answer, row.reasoning), row.question, row.reward_columns()) for row in rows
    ]
    assert {score.value for score in plaudit.score(judge, samples)} == {13.0}


def test_demo_styles_come_in_their_shares() -> None:
    rows = demo.rows(FORM, "a", 2000)
    guessed = sum(row.demonstration.startswith("<end_working_out>") for row in rows) / len(rows)
    sloppy = sum(not all(tag in row.demonstration for tag in FORM.tags) for row in rows) / len(rows)
    assert abs(guessed - 0.45) < 0.04
    assert abs(sloppy - 0.2) < 0.04


@given(st.lists(st.integers(0, 50), min_size=1, max_size=60), st.floats(0.1, 1), st.integers(0, 60))
def test_long_prompts_are_dropped_and_none_lost_uncounted(lengths: list[int], quantile: float, limit: int) -> None:
    rows = [Row("x" * length, "1") for length in lengths]
    kept, dropped, longest = drop_long(rows, lambda row: len(row.question), quantile, limit)
    assert len(kept) + dropped == len(rows)
    assert longest <= limit
    assert all(len(row.question) <= longest for row in kept)
