"""`plaudit check` and `plaudit audit`: one screen for a defect, files for CI, exit codes."""

import json
from xml.etree import ElementTree as ET

import pytest
from click.testing import CliRunner

from plaudit.cli import program

QUICK = ("--law", "length", "--law", "shape", "--law", "hedge")


def run(*arguments):
    return CliRunner().invoke(program, [*arguments])


def test_a_sound_reward_passes_with_exit_code_0():
    answer = run("check", "answer-match", *QUICK)
    assert answer.exit_code == 0, answer.output
    assert "3 passed, 0 failed" in answer.output


def test_a_defect_fits_on_one_screen_with_law_sentence_case_command_and_page():
    answer = run("audit", "--trl", "foreign_rewards:first_message", "--format", "boxed", "--law", "shape")
    assert answer.exit_code == 1
    lines = answer.output.splitlines()
    assert len(lines) <= 30
    for wanted in (
        "breaks law 13, shape",
        "The smallest case found",
        "Sample(",
        "Again:  plaudit audit",
        "--law shape",
        "docs/",
    ):
        assert wanted in answer.output


def test_a_misspelt_law_or_reward_is_refused_with_the_nearest_name():
    assert "Did you mean 'permutation'" in run("check", "answer-match", "--law", "permutatoin").output
    assert run("check", "answer-mach").exit_code == 2
    assert run("check").exit_code == 2


def test_every_law_and_attack_explains_itself():
    answer = run("check", "--explain", "hedge")
    assert answer.exit_code == 0
    assert "Attack 9, hedge" in answer.output


def test_json_junit_and_sarif_hold_the_same_failure(tmp_path):
    junit, sarif = tmp_path / "laws.xml", tmp_path / "laws.sarif"
    command = ("audit", "--trl", "foreign_rewards:first_message", "--law", "shape", "--law", "length", "--json")
    answer = run(*command, "--junit", str(junit), "--sarif", str(sarif))
    assert answer.exit_code == 1
    (report,) = json.loads(answer.stdout)["reports"]
    assert {result["law"]: result["outcome"] for result in report["results"]} == {"shape": "failed", "length": "passed"}
    suite = ET.parse(junit).getroot()[0]
    assert (suite.get("tests"), suite.get("failures")) == ("2", "1")
    (result,) = json.loads(sarif.read_text())["runs"][0]["results"]
    assert result["ruleId"] == "shape"


@pytest.mark.parametrize(
    ("kind", "function"),
    [("trl", "exact"), ("trl", "later"), ("verl", "compute_score"), ("verifiers", "rubric"), ("verifiers", "v1")],
)
def test_foreign_functions_are_audited_in_their_own_shape(kind, function):
    laws = ("gold-accepted", "wrong-refused", "length", "permutation", "async", "adapter")
    chosen = [word for law in laws for word in ("--law", law)]
    answer = run("audit", f"--{kind}", f"foreign_rewards:{function}", *chosen)
    assert answer.exit_code == 0, answer.output
    assert "6 passed" in answer.output


def test_a_foreign_function_that_needs_messages_gets_messages():
    answer = run("audit", "--trl", "foreign_rewards:only_messages", "--law", "gold-accepted")
    assert answer.exit_code == 0, answer.output
