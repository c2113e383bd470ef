"""`plaudit compare`: two rewards on one file, or two scored files."""

import json

import pytest

from plaudit.cli.compare import judge_of


def test_two_rewards_show_agreement_confusion_and_the_row_that_tells(sample_rows, run):
    result = run("compare", "answer-match", "answer-match near=0.5 far=0.5 score_near=2.5", sample_rows)
    assert result.exit_code == 0, result.output
    assert "equal values 2 (66.7%) equal verdicts 100.0% of 3" in " ".join(result.stdout.split())
    assert f"{sample_rows}:2" in result.stdout
    assert "a number within 50% of the gold" in result.stdout


@pytest.mark.parametrize("name", ["answer-match", "format-approx", "format-exact", "math-equal", "numeric-tolerance"])
def test_every_reward_that_ships_can_be_compared_and_diagnosed(name, sample_rows, run):
    """`math-equal` has the name of an ending where others have a format; both commands fell over it."""
    for arguments in (("compare", name, "answer-match", sample_rows), ("diagnose", sample_rows, "--reward", name)):
        result = run(*arguments)
        assert result.exit_code == 0, result.output


def test_json_holds_everything_with_the_texts_of_the_disagreements(sample_rows, run):
    data = json.loads(run("compare", "answer-match", "format-approx", sample_rows, "--json").stdout)
    assert (data["rows"], data["confusion"]) == (3, None)
    assert data["telling"][0]["place"] in data["texts"]
    assert data["texts"][data["telling"][0]["place"]]["prompt"] == "2 + 2?"


def test_recorded_scores_against_todays_reward(sample_rows, tmp_path, run):
    scored = tmp_path / "scored.jsonl"
    run("score", sample_rows, "--recipe", "unsloth", "--out", scored)
    same = run("compare", "recorded", "unsloth", scored, "--require", "1")
    assert same.exit_code == 0
    assert "equal values 3 (100.0%)" in " ".join(same.stdout.split())


def test_two_versions_are_two_scored_files_and_require_is_for_pipelines(sample_rows, tmp_path, run):
    for name, reward in (("old", "answer-match"), ("new", "numeric-tolerance")):
        run("score", sample_rows, "--reward", reward, "--out", tmp_path / f"{name}.jsonl")
    files = tmp_path / "old.jsonl", tmp_path / "new.jsonl"
    assert run("compare", *files).exit_code == 0
    assert run("compare", *files, "--require", "0.99").exit_code == 1
    verdicts = run("compare", *files, "--accept-a", "3.5", "--accept-b", "3", "--require", "1")
    assert "equal verdicts 100.0% of 3" in " ".join(verdicts.stdout.split())
    assert verdicts.exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["answer-match", "format-exact"], 2, "plaudit compare A B FILE"),
        (["answer-mach", "unsloth", "ROWS"], 2, "Did you mean 'answer-match'?"),
        (["answer-match nere=1", "unsloth", "ROWS"], 2, "Did you mean 'near'?"),
        (["unsloth near=1", "math", "ROWS"], 2, "takes no options"),
        (["unsloth", "math", "-"], 2, "standard input"),
        (["recorded", "unsloth", "ROWS"], 3, "holds no `value`"),
    ],
)
def test_what_cannot_be_compared_says_what_to_do(arguments, code, said, sample_rows, run):
    result = run("compare", *(str(sample_rows) if word == "ROWS" else word for word in arguments))
    assert result.exit_code == code
    assert said in " ".join(result.stderr.split())


def test_names_stand_for_recipes_rewards_with_options_or_the_file():
    assert judge_of("recorded") is None
    assert judge_of("unsloth").spec.name == "unsloth"
    assert judge_of("answer-match near=0.15").near == 0.15


def test_a_completion_full_of_escapes_does_not_steer_the_terminal(rows, run):
    row = {"prompt": "q", "completion": "\x1b[2J4</SOLUTION>", "answer": "4\x1b"}
    result = run("compare", "answer-match", "answer-match by=text", rows(row, row | {"answer": "5"}))
    assert "\x1b" not in result.stdout
