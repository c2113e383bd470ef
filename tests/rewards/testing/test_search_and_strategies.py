"""What the laws are made of: shrinking, strategies, tasks, intervals, children that are killed."""

import json
import subprocess
import sys
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from zoo_broken import ZOO
from zoo_parts import rowwise

from plaudit import ConfigError, Format, Sample, load
from plaudit.testing import ATTACKS, LAWS, Task, check
from plaudit.testing.isolated import score_apart
from plaudit.testing.rendering import to_junit, to_sarif
from plaudit.testing.statistics import premium_of, wilson


def test_all_fifty_laws_and_thirty_three_attacks_are_there():
    assert sorted(law.number for law in LAWS.values()) == list(range(1, 51))
    assert [attack.number for attack in ATTACKS.values()] == list(range(1, 34))
    assert not set(LAWS) & set(ATTACKS)


@given(st.from_type(Sample))
@settings(max_examples=50, deadline=None)
def test_samples_are_drawn_without_an_import_of_ours(sample):
    assert isinstance(sample.text, str)


@given(st.from_type(Format))
@settings(max_examples=20, deadline=None)
def test_formats_are_drawn_too(form):
    assert form.parse("x") is not None


def long_texts_break(sample):
    return 2.0 if len(sample.text) > 3 else 0.0


def test_counterexamples_are_shrunk():
    report = check(rowwise(long_texts_break, reads=()), laws=["range"])
    (failed,) = report.failed
    code = failed.counterexample.code
    completion = code.split("Sample('")[1].split("'")[0]
    assert len(completion) <= 45
    assert code.count("Sample(") == 1


def test_the_same_seed_finds_the_same_case():
    first, second = (
        check(ZOO["substring-match"].reward, tasks=ZOO["substring-match"].tasks, laws=["containment"]) for _ in "ab"
    )
    assert first.failed[0].counterexample == second.failed[0].counterexample


def naps(sample):
    time.sleep(60 if sample.text == "nap" else 0)
    return 0.0


def test_a_child_that_hangs_is_killed_and_the_batch_named():
    reward = rowwise(naps, reads=())
    answers = score_apart(reward, [[Sample("x")], [Sample("nap")], [Sample("y")]], deadline_seconds=2.0)
    assert [answer.finished for answer in answers] == [True, False]


def test_a_task_can_not_call_an_answer_both_right_and_wrong():
    with pytest.raises(ConfigError, match="both right and wrong"):
        Task("?", "4", wrong=("4",))


@given(st.integers(0, 60), st.integers(1, 60))
def test_wilson_intervals_hold_the_share(hits, count):
    hits = min(hits, count)
    low, high = wilson(hits, count)
    assert 0 <= low <= hits / count + 1e-9
    assert hits / count - 1e-9 <= high <= 1


@given(st.lists(st.floats(-5, 5), min_size=1, max_size=8))
@settings(max_examples=30)
def test_a_premium_lies_between_the_extremes_of_its_tasks(values):
    found = premium_of(values)
    assert min(values) - 1e-9 <= found.low <= found.high <= max(values) + 1e-9


def prints_markup(sample):
    return 5.0 if "\x00" in sample.text or "]]>" in sample.text else 0.0


def test_reports_survive_characters_that_xml_and_json_forbid():
    report = check(rowwise(prints_markup, reads=()), laws=["range"])
    assert to_junit([report]).isprintable() or "\n" in to_junit([report])
    assert json.loads(to_sarif([report]))["version"] == "2.1.0"


def test_what_a_spec_waives_is_said_not_skipped():
    from zoo_honest import HONEST

    report = check(HONEST["moody-judge"].reward, laws=["repeatable", "length"])
    assert [result.outcome for result in report] == ["waived", "passed"]
    assert "deterministic=False" in report.results[0].note


def test_the_pytest_plugin_adds_a_test_per_law(tmp_path):
    (tmp_path / "test_nothing.py").write_text("")
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "--plaudit",
        "format-approx",
        "-k",
        "length or range",
        "-p",
        "no:cacheprovider",
    ]
    plugin = [] if _registered() else ["-p", "plaudit.testing.pytest_plugin"]
    done = subprocess.run([*command, *plugin, str(tmp_path)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "passed" in done.stdout


def _registered():
    from importlib.metadata import entry_points

    return any(point.value == "plaudit.testing.pytest_plugin" for point in entry_points(group="pytest11"))


def test_importing_the_front_of_testing_does_not_import_hypothesis():
    code = "import sys, plaudit.testing; sys.exit('hypothesis' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_built_in_tasks_come_by_the_same_door_as_everybody_s():
    from plaudit.plugins import entries

    names = {entry.name for entry in entries("plaudit.tasks")}
    assert {"answer-match", "math-equal", "numeric-tolerance", "format-exact", "format-approx"} <= names
    assert check(load("math-equal"), laws=["equivalence"]).results[0].outcome == "passed"


def test_a_failure_in_a_test_file_is_shown_again_by_that_test_with_its_own_tasks(tmp_path):
    (tmp_path / "test_own_tasks.py").write_text(OWN_TASKS)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_own_tasks.py"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert "Again:  pytest 'test_own_tasks.py::test_contains[26-wrong-refused]'" in done.stdout


OWN_TASKS = """
from plaudit import reward
from plaudit.testing import Task, laws_for

@reward(low=0.0, high=1.0, accept_at=1.0)
def contains(completion: str, answer: str) -> float:
    return float(answer in completion)

test_contains = laws_for(contains, [Task("6 * 7?", "42", wrong=("442",))], laws=["wrong-refused"])
"""
