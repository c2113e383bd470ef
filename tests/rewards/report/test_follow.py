"""A run that is still written: half lines wait, a resumed run starts over, an ended one ends the watch."""

import json
from collections.abc import Callable
from io import StringIO
from pathlib import Path

import pytest
from click.testing import CliRunner
from rich.console import Console

from plaudit.cli.report import report
from plaudit.cli.watch import follow, steps_of, watch
from plaudit.report import follow as following
from plaudit.report.follow import Tail, changes
from plaudit.report.live import Live, spark, view


def step(number: int, **numbers: float) -> str:
    return json.dumps({"stage": "grpo", "step": number, "time": 100.0 + 2 * number, **numbers}) + "\n"


def shown(live: Live, steps: int | None = None) -> str:
    console = Console(width=120, record=True, file=StringIO())
    console.print(view(live, steps))
    return console.export_text()


def append(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as file:
        file.write(text)


def test_a_half_written_line_waits_until_it_is_whole(tmp_path: Path) -> None:
    tail = Tail(tmp_path / "metrics.jsonl")
    assert tail.read() == []
    append(tail.path, '{"step": 1}\n{"step"')
    assert tail.read() == [{"step": 1}]
    assert tail.read() == []
    append(tail.path, ": 2}\n\nrubbish\n[1]\n")
    assert tail.read() == [{"step": 2}]
    assert tail.broken == 1


def test_a_file_that_a_resumed_run_has_cut_is_read_again(tmp_path: Path) -> None:
    tail = Tail(tmp_path / "metrics.jsonl")
    append(tail.path, '{"step": 1}\n{"step": 2}\n')
    tail.read()
    tail.path.write_text('{"step": 1}\n')
    assert tail.read() == [{"step": 1}]
    assert tail.restarts == 1


def script(run: Path) -> Callable[..., None]:
    """Stands for the waiting: each time, the run has gone on a little."""
    acts = [
        lambda: append(run / "metrics.jsonl", step(1, reward=1.0)[:9]),
        lambda: append(run / "metrics.jsonl", step(1, reward=1.0)[9:]),
        lambda: append(run / "metrics.jsonl", step(2, reward=2.0)),
        lambda: append(run / "summary.json", '{"finished": tr'),
        lambda: (run / "summary.json").write_text('{"finished": true}'),
    ]

    def wait(*seconds: float) -> None:
        if not acts:
            raise AssertionError("the run has ended and is still watched")
        acts.pop(0)()

    return wait


def test_changes_begin_with_the_folder_and_end_with_the_run(tmp_path: Path) -> None:
    run = tmp_path / "later"
    assert list(changes(run, 1.0, script(run))) == [False, False, False, False, True]


def test_following_shows_each_step_and_ends_with_the_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = tmp_path / "later"
    live = Live(run)
    follow(live, script(run))
    printed = capsys.readouterr().out
    assert "GRPO step 1 · 0 completions · running" in printed
    assert "GRPO step 2 · 2 s a step · 0 completions · ended" in printed
    assert live.curves["reward"] == [1.0, 2.0]


def test_an_interrupt_is_the_usual_way_to_stop_and_no_error(tmp_path: Path) -> None:
    def interrupted() -> None:
        raise KeyboardInterrupt

    assert follow(Live(tmp_path), interrupted) is None


def test_the_view_names_steps_time_left_parts_and_the_latest_completion(small_run: Path) -> None:
    live = Live(small_run)
    live.update()
    text = shown(live, 10)
    assert "GRPO step 6 of 10" in text
    assert "numeric-tolerance" in text
    assert "latest completion" in text
    live.ended = False
    assert "left" in shown(live, 10)


def test_a_resumed_run_starts_its_curves_over(tmp_path: Path) -> None:
    live = Live(tmp_path)
    append(tmp_path / "metrics.jsonl", step(1, reward=1.0) + step(2, reward=2.0))
    live.update()
    (tmp_path / "metrics.jsonl").write_text(step(1, reward=3.0))
    live.update()
    assert live.curves["reward"] == [3.0]


def test_steps_that_teach_nothing_are_counted_while_it_runs(tmp_path: Path) -> None:
    live, zero = Live(tmp_path), {"gradient/zero": 1.0}
    append(tmp_path / "metrics.jsonl", step(1, **zero) + step(2, **zero))
    live.update()
    assert "! 2 steps without a gradient although rewards differed" in shown(live)
    append(tmp_path / "metrics.jsonl", step(3, **{"gradient/not_finite": 1.0}))
    live.update()
    assert "! 1 step with a gradient that was not finite" in shown(live)


def test_hostile_text_does_not_steer_the_terminal(tmp_path: Path) -> None:
    live = Live(tmp_path)
    append(tmp_path / "metrics.jsonl", step(1, **{"rewards/\x1b[2J/mean": 1.0}))
    append(tmp_path / "completions.jsonl", json.dumps({"completion": "\x1b[2J[red]", "value": 1.0}) + "\n")
    live.update()
    assert "\x1b[2J" not in shown(live)
    assert "[red]" in shown(live)


def test_steps_come_from_the_runs_recipe_where_it_says_so(tmp_path: Path) -> None:
    live = Live(tmp_path, stage="grpo")
    assert steps_of(live) is None
    (tmp_path / "recipe.yaml").write_text("train: {grpo: {steps: 80}}")
    assert steps_of(live) == 80


@pytest.mark.parametrize("values", [[1.0], [2.0, 2.0], list(range(1000))])
def test_sparklines_are_never_wider_than_they_may_be(values: list[float]) -> None:
    assert 1 <= len(spark(values)) <= 40


def test_once_shows_what_there_is_even_if_that_is_nothing(tmp_path: Path) -> None:
    result = CliRunner().invoke(watch, [str(tmp_path / "nowhere"), "--once"])
    assert result.exit_code == 0
    assert "isn't there yet" in result.stdout


def test_the_watched_page_reloads_itself_until_the_run_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = tmp_path / "later"
    pages: list[bool] = []
    wait = script(run)

    def look(*seconds: float) -> None:
        if (run / "report.html").exists():
            pages.append("data-reload=" in (run / "report.html").read_text())
        wait()

    monkeypatch.setattr(following.changes, "__defaults__", (look,))
    result = CliRunner().invoke(report, [str(run), "--watch", "1"])
    assert result.exit_code == 0, result.output
    assert pages == [True, True, True, True]
    assert "data-reload=" not in (run / "report.html").read_text()
    assert "The run has ended." in result.output


def test_an_interrupted_watch_leaves_a_page_that_stands_still(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    append(tmp_path / "metrics.jsonl", step(1, reward=1.0))

    def interrupted(*seconds: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(following.changes, "__defaults__", (interrupted,))
    assert CliRunner().invoke(report, [str(tmp_path), "--watch", "1"]).exit_code == 0
    assert "data-reload=" not in (tmp_path / "report.html").read_text()
