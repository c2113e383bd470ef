"""What goes wrong at the keyboard and in files: one clear message each, and the documented exit code."""

import pytest

ROW = '{"completion": "4", "answer": "4"}'

FILES = {
    "malformed line": ([ROW, "", '{"completion": '], 3, ["rows.jsonl:3 isn't JSON", "one JSON object"]),
    "a list": (["[1]"], 3, ["rows.jsonl:1 holds a list"]),
    "a number": (["12"], 3, ["rows.jsonl:1 holds a number"]),
    "empty": ([], 3, ["rows.jsonl holds no rows"]),
    "only blank lines": (["", "  "], 3, ["rows.jsonl holds no rows"]),
    "no completion": (['{"output": "4", "answer": "4"}'], 3, ["It has 'output', 'answer'", "--map completion=COLUMN"]),
    "no gold": (['{"completion": "4"}'], 3, ["rows.jsonl:1 has no column 'answer'", "--map answer=COLUMN"]),
    "gold missing later": ([ROW, '{"completion": "4"}'], 3, ["rows.jsonl:2 has no column 'answer'"]),
    "nested without end": (["[" * 200_000], 3, ["rows.jsonl:1"]),
    "a number without end": (['{"completion": ' + "9" * 5000 + "}"], 3, ["rows.jsonl:1 isn't JSON"]),
}  # fmt: skip


@pytest.mark.parametrize("case", FILES)
def test_a_bad_file_is_named_with_its_line(run, rows, case):
    lines, code, messages = FILES[case]
    result = run("score", rows(*lines), "--recipe", "unsloth")
    assert (result.exit_code, result.stdout) == (code, "")
    said = " ".join(result.stderr.split())
    assert all(message in said for message in messages), said
    assert "Traceback" not in said


@pytest.mark.parametrize(
    ("content", "message"),
    [(b"\x1f\x8b\x08\x00junk\xff", "a compressed file must be unpacked"), (b'{"completion": "\xe9"}', "isn't UTF-8")],
)
def test_bytes_that_are_no_text(run, tmp_path, content, message):
    path = tmp_path / "rows.jsonl"
    path.write_bytes(content)
    result = run("score", path, "--recipe", "unsloth")
    assert result.exit_code == 3
    assert message in " ".join(result.stderr.split())


def test_a_byte_order_mark_is_no_mistake(run, tmp_path):
    path = tmp_path / "rows.jsonl"
    path.write_bytes(b"\xef\xbb\xbf" + ROW.encode())
    assert run("score", path, "--recipe", "unsloth").exit_code == 0


ARGUMENTS = {
    "nothing to judge with": ([], 2, "Say what to judge with"),
    "both": (["--recipe", "unsloth", "--reward", "answer-match"], 2, "not both"),
    "unknown recipe": (["--recipe", "unslot"], 2, "Did you mean 'unsloth'?"),
    "recipe file that isn't there": (["--recipe", "gone.yaml"], 2, "gone.yaml can't be read"),
    "unknown reward": (["--reward", "anser-match"], 2, "Did you mean 'answer-match'?"),
    "unknown option": (["--reward", "answer-match", "-o", "neer=0.1"], 2, "Did you mean 'near'?"),
    "option of the wrong type": (["--reward", "answer-match", "-o", "near=much"], 2, "must be a number, not 'much'"),
    "option that isn't finite": (["--reward", "answer-match", "-o", "near=NaN"], 2, "must be a number"),
    "option without a value": (["--reward", "answer-match", "-o", "near"], 2, "takes NAME=VALUE"),
    "option set twice": (["--reward", "answer-match", "-o", "near=0.1", "-o", "near=0.2"], 2, "twice"),
    "option of a recipe": (["--recipe", "unsloth", "-o", "near=0.1"], 2, "belongs to --reward"),
    "map without a column": (["--recipe", "unsloth", "--map", "answer"], 2, "--map takes NAME=VALUE"),
    "map from an unknown column": (["--recipe", "unsloth", "--map", "answer=anser"], 3, "Did you mean 'answer'?"),
    "step below zero": (["--recipe", "unsloth", "--step", "-1"], 2, "--step"),
    "two things on standard output": (["--recipe", "unsloth", "--out", "-", "--json"], 2, "both want standard output"),
    "misspelt flag": (["--recipe", "unsloth", "--stric"], 2, "--strict"),
    "output in a file's place": (["--recipe", "unsloth", "--out", "/dev/null/x"], 2, "can't be written"),
}


@pytest.mark.parametrize("case", ARGUMENTS)
def test_bad_arguments_are_refused_before_anything_is_scored(run, rows, case):
    arguments, code, message = ARGUMENTS[case]
    result = run("score", rows(ROW), *arguments)
    assert (result.exit_code, result.stdout) == (code, "")
    said = " ".join(result.stderr.replace("│", " ").split())
    assert message in said, said
    assert "Traceback" not in said


def test_a_file_that_isn_t_there(run):
    result = run("score", "gone.jsonl", "--recipe", "unsloth")
    assert (result.exit_code, result.stderr) == (3, "error: gone.jsonl can't be read: No such file or directory.\n")


def test_a_missing_column_of_the_second_file_is_found_before_the_first_is_scored(run, rows, tmp_path, monkeypatch):
    monkeypatch.setattr("plaudit.engines.inline.score", lambda *_, **__: pytest.fail("scoring has begun"))
    good, bad = rows(ROW, name="good.jsonl"), rows('{"completion": "4"}', name="bad.jsonl")
    result = run("score", good, bad, "--recipe", "unsloth", "--out", tmp_path / "out.jsonl")
    assert result.exit_code == 3
    assert "bad.jsonl:1 has no column 'answer'" in result.stderr


@pytest.mark.parametrize(
    ("recipe", "message"),
    [
        ("rewards: [answer-mach]", "Did you mean 'answer-match'?"),
        ("rewards: [{use: answer-match, options: {near: lots}}]", "must be a number"),
        ("rewards: [{recipe: loop.yaml}]", "in a circle"),
        ("rewards: 5", "rewards"),
        ("- a\n- b", "a recipe is a mapping"),
        ("rewards: [unclosed", "isn't YAML"),
        ("", "a recipe is a mapping"),
    ],
)
def test_a_bad_recipe_is_refused_with_its_place(run, rows, tmp_path, recipe, message):
    path = tmp_path / "loop.yaml"
    path.write_text(recipe)
    result = run("score", rows(ROW), "--recipe", path)
    said = " ".join(result.stderr.split())
    assert result.exit_code == 2
    assert "loop.yaml" in said
    assert message in said
    assert "Traceback" not in said
