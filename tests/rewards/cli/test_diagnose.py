"""`plaudit diagnose`: the worst first, for a person and for a pipeline."""

import json
import random

from click.testing import CliRunner

from plaudit.cli import program

PLANTED = """\
from plaudit import reward

@reward(low=0.0, high=4.0)
def thorough(completion: str) -> float:
    return min(len(completion.split()) / 25, 4.0)
"""

RECIPE = """\
format: unsloth
rewards:
  - answer-match
  - {use: "planted_hack:thorough", weight: 2.0}
"""


def completions(tmp_path, name="raw.jsonl", group=8):
    dice = random.Random(1)
    rows = []
    for number in range(24):
        gold = dice.randint(2, 18)
        for _ in range(group):
            said = gold + dice.choice([0, 1])
            text = " ".join(f"w{dice.randrange(1000)}" for _ in range(dice.randint(5, 80)))
            text += f"<end_working_out><SOLUTION>{said}</SOLUTION>"
            rows.append({"prompt": f"question {number}", "completion": text, "answer": str(gold)})
    path = tmp_path / name
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def planted(tmp_path, monkeypatch):
    (tmp_path / "planted_hack.py").write_text(PLANTED)
    (tmp_path / "hack.yaml").write_text(RECIPE)
    monkeypatch.syspath_prepend(str(tmp_path))
    return tmp_path / "hack.yaml"


def test_a_planted_hack_is_told_in_the_first_three_lines(tmp_path, monkeypatch, run):
    recipe = planted(tmp_path, monkeypatch)
    result = run("diagnose", completions(tmp_path), "--recipe", recipe)
    assert result.exit_code == 0
    first = " ".join(" ".join(result.stdout.splitlines()[:3]).split())
    assert "Length pays: the longer completion of a group gets the higher reward" in first
    assert "'thorough' brings" in first


def test_strict_ends_with_one_on_what_is_bad_and_with_zero_on_an_honest_reward(tmp_path, monkeypatch, run):
    recipe = planted(tmp_path, monkeypatch)
    rows = completions(tmp_path)
    assert run("diagnose", rows, "--recipe", recipe, "--strict").exit_code == 1
    assert run("diagnose", rows, "--reward", "answer-match", "--strict").exit_code == 0


def test_json_has_the_findings_and_the_counts(tmp_path, monkeypatch, run):
    recipe = planted(tmp_path, monkeypatch)
    data = json.loads(run("diagnose", completions(tmp_path), "--recipe", recipe, "--json").stdout)
    assert data["findings"][0]["kind"] == "length"
    assert (data["rows"], data["groups"], data["judge"]) == (192, 24, "hack")
    assert [part["name"] for part in data["parts"]] == ["answer-match", "thorough"]


def test_a_scored_file_needs_no_reward_and_one_that_is_not_says_so(tmp_path, run):
    rows = completions(tmp_path)
    assert run("score", rows, "--recipe", "unsloth", "--out", tmp_path / "scored.jsonl").exit_code == 0
    result = run("diagnose", tmp_path / "scored.jsonl", "--group-size", 8)
    assert "192 rows, judged by the scores in the file; 24 groups of 8" in result.stdout
    refused = CliRunner().invoke(program, ["diagnose", str(rows)], prog_name="plaudit")
    assert refused.exit_code == 3
    assert "--recipe" in refused.stderr


def test_hostile_names_of_parts_do_not_steer_the_terminal(tmp_path, run):
    rows = [
        {"prompt": "q", "completion": f"c{at}", "value": at, "parts": [{"name": "\x1b[2J", "weight": 1, "value": at}]}
        for at in range(9)
    ]
    path = tmp_path / "hostile.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    result = run("diagnose", path)
    assert result.exit_code == 0
    assert "\x1b" not in result.stdout
