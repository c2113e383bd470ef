"""Runs that are unfinished, damaged or odd get a page that says so."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from plaudit.errors import DataError
from plaudit.report import write_report
from plaudit.report.lines import read_lines
from plaudit.report.run import FILES, read_run

Build = Callable[..., Path]


@pytest.mark.parametrize("name", FILES)
def test_each_file_may_be_missing_and_is_named(name: str, make_run: Build) -> None:
    run = make_run()
    (run / name).unlink()
    page = write_report(run).read_text(encoding="utf-8")
    assert f"{name} isn&#39;t there (yet)." in page


@pytest.mark.parametrize("name", FILES)
def test_each_file_may_be_empty(name: str, make_run: Build) -> None:
    run = make_run()
    (run / name).write_text("")
    assert write_report(run).stat().st_size > 10_000


@pytest.mark.parametrize("name", FILES)
def test_each_file_may_be_rubbish(name: str, make_run: Build) -> None:
    run = make_run()
    (run / name).write_bytes(b'\xff\xfe{"a": [\n' + b"[" * 100_000 + b"\n[1]\n: - {\n")
    write_report(run)
    assert any(notice.startswith(name) for notice in read_run(run).notices)


def test_half_written_last_line_is_counted_and_named_and_the_rest_is_kept(make_run: Build) -> None:
    run = make_run()
    for name in ("metrics.jsonl", "completions.jsonl"):
        text = (run / name).read_text()
        (run / name).write_text(text[:-20])
        lines = len(text.splitlines())
        assert len(read_lines(run / name).records) == lines - 1
        assert f"{name}: the last line ({lines}) is half-written, so it was left out." in read_run(run).notices
    assert "is half-written" in write_report(run).read_text(encoding="utf-8")


def test_whole_last_line_without_a_line_feed_is_kept(make_run: Build) -> None:
    run = make_run()
    path = run / "completions.jsonl"
    path.write_text(path.read_text().rstrip("\n"))
    assert read_lines(path).half_written is None


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ('{"value": NaN}', "`value` is 'nan'"),
        ('{"value": true}', "`value` is 'True'"),
        ('{"value": "5"}', "`value` is '5'"),
        ('{"value": 1e999}', "`value` is 'inf'"),
        ('{"parts": 3}', "`parts` isn't a list of objects"),
        ('{"parts": [{"name": "a", "weight": null}]}', "`weight` of part 'a' isn't a number"),
        ("[]", "list, not an object"),
        ("{", "not JSON"),
    ],
)
def test_damaged_row_is_left_out_with_its_line_number_and_why(row: str, why: str, make_run: Build) -> None:
    run = make_run()
    path = run / "completions.jsonl"
    count = len(path.read_text().splitlines())
    path.write_text(row + "\n" + path.read_text())
    read = read_run(run)
    assert len(read.completions) == count
    assert [notice for notice in read.notices if "left out 1 damaged line(s): line 1: " in notice and why in notice]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
KEYS = ["stage", "step", "mode", "prompt", "completion", "answer", "value", "reason", "extracted", "parts", "correct"]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.dictionaries(st.sampled_from(KEYS), JSON), max_size=4))
def test_no_row_is_lost_in_silence_whatever_it_holds(rows: list[object], tmp_path: Path) -> None:
    path, rows = tmp_path / "completions.jsonl", [{"value": 1.0}, *rows]  # a file without any value isn't scored
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    run = read_run(path)
    left_out = len(rows) - len(run.completions)
    said = [notice for notice in run.notices if f"left out {left_out} damaged line(s)" in notice]
    assert bool(left_out) == bool(said)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.dictionaries(st.sampled_from([*KEYS, "loss", "reward", "reward_std", "kl"]), JSON), max_size=3))
def test_page_never_fails_on_what_a_run_may_log(rows: list[object], tmp_path: Path) -> None:
    for name in ("metrics.jsonl", "completions.jsonl"):
        (tmp_path / name).write_text("".join(json.dumps(row) + "\n" for row in rows))
    (tmp_path / "summary.json").write_text(json.dumps(rows[0] if rows else {}))
    assert write_report(tmp_path).stat().st_size > 10_000


def test_run_without_supervised_stage_says_so(make_run: Build) -> None:
    run = make_run()
    kept = [line for line in (run / "metrics.jsonl").read_text().splitlines() if '"sft"' not in line]
    (run / "metrics.jsonl").write_text("\n".join(kept) + "\n")
    summary = json.loads((run / "summary.json").read_text())
    del summary["after_sft"]
    (run / "summary.json").write_text(json.dumps(summary))
    page = write_report(run).read_text(encoding="utf-8")
    assert "No step of the supervised stage (SFT) was logged." in page
    assert "No evaluation after SFT: not reached yet, or left out by the recipe." in page
    assert "not finished" not in page


def test_run_still_going_is_marked_and_shows_what_there_is(make_run: Build) -> None:
    run = make_run()
    (run / "summary.json").unlink()
    page = write_report(run).read_text(encoding="utf-8")
    assert "not finished" in page
    assert "total reward" in page
    assert "there is no before and after" in page


def test_not_finite_metrics_are_gaps_that_are_named(make_run: Build) -> None:
    run = make_run()
    with (run / "metrics.jsonl").open("a") as file:
        file.write('{"stage": "grpo", "step": 4, "reward": NaN, "kl": Infinity}\n')
    read = read_run(run)
    assert read.metrics.series("grpo", "reward").steps == (1, 2, 3)
    assert [notice for notice in read.notices if "grpo reward (1), grpo kl (1)" in notice]


def test_steps_logged_twice_by_a_resumed_run_count_once_and_are_named(make_run: Build) -> None:
    run = make_run()
    with (run / "metrics.jsonl").open("a") as file:
        file.write('{"stage": "grpo", "step": 3, "reward": 7.5}\n{"stage": "grpo", "step": 3, "train_runtime": 9.0}\n')
    read = read_run(run)
    assert read.metrics.series("grpo", "reward").values[-1] == 7.5
    assert "1 step(s) were logged twice (a resumed run): the later value is shown." in read.notices


@pytest.mark.parametrize("place", ["nothing", "."])
def test_folder_that_is_no_run_is_refused_with_what_a_run_holds(place: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"summary\.json.*plaudit train --out"):
        write_report(tmp_path / place)


def test_file_of_completions_is_enough(make_run: Build) -> None:
    page = write_report(make_run() / "completions.jsonl")
    assert page.name == "completions.html"
    assert "not finished" not in page.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("warnings", "said"),
    [
        (["grpo: 3 prompts were <b>left out</b>."], ["grpo: 3 prompts were <b>left out</b>."]),
        ("a text", []),
        ({}, []),
        (5, []),
        (True, []),
    ],
)
def test_what_the_trainer_warned_of_is_on_the_page_and_its_markup_is_not(
    make_run: Build, warnings: object, said: list[str]
) -> None:
    run = make_run()
    path = run / "summary.json"
    path.write_text(json.dumps({**json.loads(path.read_text("utf-8")), "warnings": warnings}), "utf-8")
    read = read_run(run)
    found = [notice for notice in read.notices if notice.startswith("The trainer warned: ")]
    assert found == [f"The trainer warned: {text}" for text in said]
    assert "<b>left out</b>" not in write_report(run).read_text(encoding="utf-8")
