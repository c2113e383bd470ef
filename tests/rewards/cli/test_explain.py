"""`plaudit explain`."""

import json

import pytest


def test_the_extracted_answer_is_marked_where_it_stands(run, sample_rows):
    facts = json.loads(run("explain", f"{sample_rows}:1", "--recipe", "unsloth", "--json").stdout)
    start, end = facts["span"]
    assert facts["completion"][:start].endswith("<SOLUTION>")
    assert facts["completion"][start:end] == facts["extracted"] == "4"
    assert facts["columns"] == {"answer": "4"}
    assert facts["value"] == 13.0
    assert sum(part["weight"] * part["value"] for part in facts["parts"]) == facts["value"]


def test_the_page_has_completion_gold_parts_reasons_and_total(run, sample_rows):
    result = run("explain", f"{sample_rows}:2", "--recipe", "unsloth")
    assert result.exit_code == 0
    page = result.stdout
    for text in ("is it 5?", "2 + 2?", "answer found   5", "gold           4", "another number", "× 1", "-10 … 13"):
        assert text in page


def test_the_mark_is_a_colour_on_a_terminal(process, sample_rows):
    result = process("explain", f"{sample_rows}:1", "-r", "unsloth", environment={"FORCE_COLOR": "1"})
    assert "\x1b[1;30;42m4\x1b[0m" in result.stdout


def test_escape_sequences_of_a_model_never_reach_the_terminal(run, rows):
    path = rows({"completion": "\x1b[2J\x1b]0;owned\x07[bold]hi[/bold]\ud83d", "answer": "\x1b[31m4"})
    result = run("explain", f"{path}:1", "--recipe", "unsloth")
    assert result.exit_code == 0
    assert "\x1b" not in result.stdout
    assert "␛[2J" in result.stdout
    assert "[bold]hi[/bold]" in result.stdout


def test_parts_within_parts_are_indented_and_an_unused_one_weighs_nothing(run, sample_rows, tmp_path):
    recipe = tmp_path / "gated.yaml"
    recipe.write_text("rewards: [format-approx, {gate: {reward: answer-match, on: format-exact}}]")
    page = run("explain", f"{sample_rows}:3", "--recipe", recipe).stdout
    assert "  answer-match " in page
    assert "× 0" in page
    assert "keeps the gate shut" in page


def test_a_failure_shows_its_traceback_as_the_reason(run, rows):
    result = run("explain", f"{rows({'completion': 'x'})}:1", "--reward", "rewards_for_tests:fragile")
    assert result.exit_code == 0
    assert "abstains" in result.stdout
    assert "raise KeyError(completion)" in result.stdout


def test_a_broken_line_elsewhere_does_not_matter(run, rows):
    path = rows("{broken", {"completion": "4", "answer": "4"}, "also broken")
    assert run("explain", f"{path}:2", "--recipe", "unsloth").exit_code == 0
    assert run("explain", f"{path}:1", "--recipe", "unsloth").exit_code == 3


@pytest.mark.parametrize("row", ["0", "-1", "x", "", "1.5", "²"])
def test_a_row_is_the_number_of_a_line(run, sample_rows, row):
    result = run("explain", f"{sample_rows}:{row}", "--recipe", "unsloth")
    assert result.exit_code == 2
    assert "isn't FILE:ROW" in " ".join(result.stderr.replace("│", " ").split())


@pytest.mark.parametrize(("row", "message"), [(99, "has no line 99: its last is line 2"), (2, ":2 is blank")])
def test_a_line_without_a_row(run, rows, row, message):
    path = rows({"completion": "4", "answer": "4"}, " ")
    result = run("explain", f"{path}:{row}", "--recipe", "unsloth")
    assert result.exit_code == 3
    assert message in " ".join(result.stderr.split())


def test_an_empty_completion_is_said_to_be_empty(run, rows):
    result = run("explain", f"{rows({'completion': None, 'answer': '4'})}:1", "--recipe", "unsloth")
    assert result.exit_code == 0
    assert "(empty)" in result.stdout


def test_tags_are_marked_beside_the_answer_and_what_looks_suspicious_is_named(process, run, rows):
    path = rows({"completion": "so<end_working_out><SOLUTION>4</SOLUTION><SOLUTION>5</SOLUTION>", "answer": "4"})
    facts = json.loads(run("explain", f"{path}:1", "--recipe", "unsloth", "--json").stdout)
    marked = [facts["completion"][start:end] for start, end in facts["tags"]]
    assert marked == ["<end_working_out>", "<SOLUTION>", "</SOLUTION>", "<SOLUTION>", "</SOLUTION>"]
    assert facts["patterns"] == ["several solutions"]
    coloured = process("explain", f"{path}:1", "-r", "unsloth", environment={"FORCE_COLOR": "1"}).stdout
    assert "\x1b[1;36m<end_working_out>\x1b[0m" in coloured
    assert "looks suspicious: several solutions" in coloured


def test_characters_that_hide_or_reorder_are_spelt_out_in_completion_answer_and_gold(run, rows):
    path = rows({"completion": "<end_working_out><SOLUTION>4\u200b\u202e</SOLUTION>", "answer": "4\u200b"})
    page = run("explain", f"{path}:1", "--recipe", "unsloth").stdout
    assert page.count("4⟨U+200B⟩") == 3
    assert "\u200b" not in page
    assert "\u202e" not in page


def test_a_scored_row_explains_itself_with_no_reward_named(run, sample_rows, tmp_path):
    scored = tmp_path / "else" / "scored.jsonl"
    assert run("score", sample_rows, "--recipe", "unsloth", "--out", scored).exit_code == 0
    facts = json.loads(run("explain", f"{scored}:2", "--json").stdout)
    assert facts["reward"] == "the scores in the file"
    assert [part["name"] for part in facts["parts"]][:2] == ["format-exact", "format-approx"]
    page = run("explain", f"{scored}:2").stdout
    assert "gold           4" in page
    assert run("explain", f"{sample_rows}:1").exit_code == 2
