"""The page of a file: scored, or judged here; with curves where its rows say their step."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

import plaudit
from plaudit.cli.report import report
from plaudit.errors import DataError
from plaudit.report.run import read_run


def raw(tmp_path: Path, **fields: object) -> Path:
    path = tmp_path / "raw.jsonl"
    rows = [
        {"prompt": f"q{at // 4}", "completion": f"so<end_working_out><SOLUTION>{at % 3}</SOLUTION>", "answer": "1"}
        | {name: made(at) if callable(made) else made for name, made in fields.items()}
        for at in range(16)
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def test_a_file_without_scores_is_refused_and_judged_when_a_recipe_is_named(tmp_path: Path) -> None:
    path = raw(tmp_path)
    with pytest.raises(DataError, match="--recipe"):
        read_run(path)
    result = CliRunner().invoke(report, [str(path), "--recipe", "unsloth"])
    assert result.exit_code == 0, result.output
    page = path.with_suffix(".html").read_text()
    assert "<h1><bdi>unsloth</bdi></h1>" in page
    assert "What GRPO feels" in page
    assert "Resolved recipe" in page
    assert "No evaluation has finished yet" not in page


def test_a_run_folder_is_judged_anew_by_another_recipe(small_run: Path, tmp_path: Path) -> None:
    out = tmp_path / "page.html"
    result = CliRunner().invoke(report, [str(small_run), "--reward", "format-exact", "--out", str(out)])
    assert result.exit_code == 0, result.output
    assert "format-exact</bdi></h1>" in out.read_text()


def test_rows_that_say_their_step_give_curves_though_none_was_logged(tmp_path: Path) -> None:
    path = raw(tmp_path, step=lambda at: at // 8, value=lambda at: float(at % 3), reason="", parts=[])
    run = read_run(path)
    assert run.metrics.series("grpo", "reward").steps == (0, 1)
    assert run.metrics.series("grpo", "frac_reward_zero_std").values == (0.0, 0.0)
    assert any("computed from the completions" in notice for notice in run.notices)


def test_findings_stand_on_top_of_the_page(tmp_path: Path) -> None:
    path = raw(tmp_path, value=1.0, reason="", parts=[])
    result = CliRunner().invoke(report, [str(path)])
    assert result.exit_code == 0, result.output
    page = path.with_suffix(".html").read_text()
    assert page.index("4 of 4 groups (100%) carry no signal") < page.index('id="distributions"')


def test_a_recipe_in_the_run_tells_the_patterns_what_a_solution_looks_like(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    plaudit.recipe("unsloth").save(tmp_path / "run" / "recipe.yaml")
    twice = "<SOLUTION>1</SOLUTION>" * 2
    parts: list[object] = []
    rows = [
        {"stage": "grpo", "prompt": f"q{at // 4}", "completion": twice if at % 4 == 0 else f"c{at}"}
        | {"value": float(at % 4 == 0), "parts": parts}
        for at in range(64)
    ]
    (tmp_path / "run" / "completions.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    result = CliRunner().invoke(report, [str(tmp_path / "run")])
    assert result.exit_code == 0, result.output
    assert "several solutions" in (tmp_path / "run" / "report.html").read_text()


@pytest.mark.parametrize("more", [["--json"], ["--recipe", "unsloth"]])
def test_watching_takes_no_reward_and_no_json(more: list[str], tmp_path: Path) -> None:
    assert CliRunner().invoke(report, [str(tmp_path), "--watch", "1", *more]).exit_code == 2
