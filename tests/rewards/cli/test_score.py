"""`plaudit score`."""

import json
import pickle

import pytest

import plaudit

RIGHT, WRONG, SHAPELESS = 13.0, 0.5, -7.5


def lines(path):
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def scored(result):
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout)


def test_summary_agrees_with_the_library(run, sample_rows):
    summary = scored(run("score", sample_rows, "--recipe", "unsloth", "--json"))
    samples = [plaudit.Sample(row["completion"], columns={"answer": row["answer"]}) for row in lines(sample_rows)]
    values = [score.value for score in plaudit.score(plaudit.recipe("unsloth"), samples)]
    assert (summary["rows"], summary["min"], summary["max"]) == (3, min(values), max(values))
    assert summary["mean"] == pytest.approx(sum(values) / 3)
    assert [part["name"] for part in summary["parts"]] == [
        "format-exact", "format-approx", "answer-match", "numeric-tolerance",
    ]  # fmt: skip
    assert summary["parts"][0]["accepted"] == 2


def test_table_always_shows_abstained_and_failed(run, sample_rows):
    result = run("score", sample_rows, "--recipe", "unsloth")
    assert result.exit_code == 0
    assert "abstained  failed" in result.stdout
    assert "0 abstained, 0 failed." in result.stdout


def test_out_holds_every_row_with_its_score_and_can_be_scored_again(run, sample_rows, tmp_path):
    out = tmp_path / "deep" / "scored.jsonl"
    scored(run("score", sample_rows, "--recipe", "unsloth", "--out", out, "--json"))
    written = lines(out)
    assert [row["value"] for row in written] == [RIGHT, WRONG, SHAPELESS]
    assert [row["extracted"] for row in written] == ["4", "5", None]
    assert all(row["reason"] and len(row["parts"]) == 4 for row in written)
    assert [row["completion"] for row in written] == [row["completion"] for row in lines(sample_rows)]
    again = tmp_path / "again.jsonl"
    scored(run("score", out, "--recipe", "unsloth", "--out", again, "--json"))
    assert lines(again) == written
    assert sorted(path.name for path in out.parent.iterdir()) == ["scored.jsonl"]


def test_out_to_standard_output_leaves_the_table_to_standard_error(run, sample_rows):
    result = run("score", sample_rows, "--recipe", "unsloth", "--out", "-")
    assert [json.loads(line)["value"] for line in result.stdout.splitlines()] == [RIGHT, WRONG, SHAPELESS]
    assert "3 rows scored" in result.stderr


def test_a_failing_run_leaves_the_old_output_as_it_was(run, rows, tmp_path):
    out = tmp_path / "scored.jsonl"
    out.write_text("old\n")
    good = {"completion": "4", "answer": "4"}
    result = run("score", rows(good, good, "{broken"), "--recipe", "unsloth", "--out", out)
    assert result.exit_code == 3
    assert out.read_text() == "old\n"
    assert not list(tmp_path.glob(".*.part"))


def test_out_may_not_be_an_input(run, sample_rows):
    before = sample_rows.read_text()
    result = run("score", sample_rows, "--recipe", "unsloth", "--out", sample_rows)
    assert result.exit_code == 2
    assert "write to another" in result.stderr
    assert sample_rows.read_text() == before


def test_columns_under_other_names(run, rows):
    path = rows({"prediction": "<end_working_out><SOLUTION>4</SOLUTION>", "gold": "4"})
    arguments = ["--reward", "answer-match", "--map", "completion=prediction", "--map", "answer=gold", "--json"]
    assert scored(run("score", path, *arguments))["mean"] == 5.0


def test_options_are_read_by_their_declared_types(run, rows):
    path = rows({"completion": "<end_working_out><SOLUTION>4.5</SOLUTION>", "answer": "4"})
    wide = run("score", path, "--reward", "answer-match", "-o", "near=0.2", "-o", "score_near=1", "--json")
    assert scored(wide)["mean"] == 1.0
    form = run("score", path, "--reward", "format-exact", "-o", "format=unsloth", "--json")
    assert scored(form)["mean"] == 3.0


def test_standard_input_and_several_files_count_together(run, sample_rows):
    summary = scored(run("score", sample_rows, "-", "--recipe", "unsloth", "--json", input=sample_rows.read_text()))
    assert summary["rows"] == 6


def test_a_run_folder_brings_its_completions_and_its_recipe(run, sample_rows, tmp_path):
    (tmp_path / "run").mkdir()
    sample_rows.rename(tmp_path / "run" / "completions.jsonl")
    plaudit.recipe("unsloth").save(tmp_path / "run" / "recipe.yaml")
    result = run("score", tmp_path / "run", "--json")
    assert scored(result)["rows"] == 3
    assert "recipe.yaml, which lies beside the file" in result.stderr


def test_a_step_moves_a_schedule(run, sample_rows, tmp_path):
    recipe = tmp_path / "scheduled.yaml"
    recipe.write_text("rewards: [{schedule: {reward: format-exact, over_steps: 10}}]")
    means = [
        scored(run("score", sample_rows, "-r", recipe, "--step", step, "--json"))["mean"] for step in (0, 5, 10, 99)
    ]
    assert means == [0.0, 1.0, 2.0, 2.0]


def test_a_row_on_which_a_reward_fails_is_counted_and_named(run, rows):
    path = rows({"completion": "fine"}, {"completion": "x"}, {"completion": "fine"})
    result = run("score", path, "--reward", "rewards_for_tests:fragile")
    assert result.exit_code == 0
    assert "1 abstained, 1 failed." in result.stdout
    assert f"The first failure is {path}:2: KeyError: 'x'" in " ".join(result.stdout.split("\n"))


def test_strict_stops_at_the_first_failure(run, rows):
    path = rows({"completion": "fine"}, {"completion": "x"})
    result = run("score", path, "--reward", "rewards_for_tests:fragile", "--strict")
    assert result.exit_code == 5
    assert "Reward 'fragile' failed: KeyError: 'x'" in result.stderr


def test_a_reward_that_fails_on_every_row_is_broken(run, rows):
    result = run("score", rows(*[{"completion": "x"}] * 9), "--reward", "rewards_for_tests:fragile")
    assert result.exit_code == 5
    assert "the reward is broken, not the data" in result.stderr


@pytest.mark.parametrize("text", ["half \ud83d", "\x1b[2J\x00", "\u202eevil", "漢字 é", "[red]not markup[/red]", ""])
def test_whatever_a_model_writes_survives_scoring_and_writing(run, rows, tmp_path, text):
    out = tmp_path / "scored.jsonl"
    path = rows({"completion": text, "answer": "4"})
    assert run("score", path, "--recipe", "unsloth", "--out", out).exit_code == 0
    assert lines(out)[0]["completion"] == text


def test_the_groups_of_a_coupled_reward_are_never_cut(run, rows, tmp_path, monkeypatch):
    (tmp_path / "coupled_rewards.py").write_text(
        "from dataclasses import dataclass\n"
        "from plaudit import Score, Spec\n"
        "@dataclass(frozen=True)\n"
        "class Size:\n"
        "    @property\n"
        "    def spec(self): return Spec('size', 0.0, 1e9, coupled=True)\n"
        "    def score(self, batch, /):\n"
        "        groups = [sample.group for sample in batch]\n"
        "        return [Score(float(groups.count(group))) for group in groups]\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    path = rows(*({"completion": "c", "prompt": f"p{number // 300}"} for number in range(900)))
    summary = scored(run("score", path, "--reward", "coupled_rewards:Size", "--json"))
    assert (summary["min"], summary["max"]) == (300.0, 300.0)
    explained = run("explain", f"{path}:450", "--reward", "coupled_rewards:Size", "--json")
    assert json.loads(explained.stdout)["value"] == 300.0
    alone = run("score", rows({"completion": "c"}), "--reward", "coupled_rewards:Size")
    assert alone.exit_code == 3
    assert "has no `prompt`" in alone.stderr


def test_progress_is_quiet_where_nobody_looks(run, sample_rows):
    assert run("score", sample_rows, "--recipe", "unsloth").stderr == ""


def test_progress_is_shown_on_a_terminal(process, sample_rows):
    result = process("score", sample_rows, "--recipe", "unsloth", environment={"FORCE_COLOR": "1"})
    assert "rows/s" in result.stderr


def test_errors_of_files_survive_a_process_boundary():
    assert pickle.loads(pickle.dumps(plaudit.DataError("rows.jsonl:3"))).args == ("rows.jsonl:3",)


def test_columns_that_the_output_replaces_are_named(run, rows, tmp_path):
    source = rows({"completion": "x", "value": 7, "reason": "mine"})
    result = run("score", source, "--reward", "format-exact", "--out", tmp_path / "scored.jsonl")
    assert "names: reason, value." in " ".join(result.stderr.split())
    fresh = run("score", rows({"completion": "x"}), "--reward", "format-exact", "--out", tmp_path / "fresh.jsonl")
    assert "Replaced" not in fresh.stderr
