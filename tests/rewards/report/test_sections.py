"""What the page says is true of the run."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plaudit.failures import FAILED
from plaudit.report.charts import correlation, curve, distribution
from plaudit.report.completion import Completion
from plaudit.report.metrics import Series, smooth
from plaudit.report.run import read_run
from plaudit.report.sections import (
    best_and_worst,
    distributions,
    pairs,
    part_curves,
    signal_curves,
    silences,
    total_curve,
)

Build = Callable[..., Path]


def one(line: int, value: float, text: str = "", reason: str = "") -> Completion:
    return Completion(line, "after_grpo", 1, "sampled", "?", text or str(line), "", value, reason, None, (), None)


def test_every_part_and_the_total_have_a_curve(small_run: Path) -> None:
    run = read_run(small_run)
    total = total_curve(run)
    assert total
    assert total.title == "total reward"
    names = ["format-exact", "format-approx", "answer-match", "numeric-tolerance"]
    assert [chart.title for chart in part_curves(run)] == names


def test_training_shows_loss_signal_gradient_length_and_time(small_run: Path) -> None:
    titles = [chart.title for chart in signal_curves(read_run(small_run))]
    signal = ["groups without signal (all equal)", "norm of the gradient"]
    assert titles == ["SFT loss", *signal, "completion length, tokens", "seconds per step"]


def test_distributions_cover_total_and_parts_at_every_stage(small_run: Path) -> None:
    charts = distributions(read_run(small_run))
    assert charts[0].title == "total"
    assert len(charts) == 5
    assert all(chart.svg.count(" training</text>") == 1 for chart in charts)


def test_best_and_worst_are_the_extremes_and_share_no_row() -> None:
    rows = [one(line, float(line)) for line in range(10)]
    best, worst = best_and_worst(rows)
    assert [row.value for row in best] == [9.0, 8.0, 7.0]
    assert [row.value for row in worst] == [0.0, 1.0, 2.0]


@given(st.lists(st.sampled_from([0.0, 1.0, 2.0]), max_size=8))
def test_no_completion_is_both_best_and_worst(values: list[float]) -> None:
    best, worst = best_and_worst([one(line, value) for line, value in enumerate(values)])
    assert not {row.line for row in best} & {row.line for row in worst}
    assert min([row.value or 0.0 for row in best], default=9.0) >= max([row.value or 0.0 for row in worst], default=0.0)


def test_worst_ones_that_fail_alike_leave_room_for_another_kind() -> None:
    rows = [one(line, -1.0, reason="no tag") for line in range(8)] + [one(8, -1.0, reason="two tags"), one(9, 5.0)]
    best, worst = best_and_worst([*rows, *(one(line, 9.0) for line in range(10, 30))])
    assert [row.reason for row in worst] == ["no tag", "two tags", "no tag"]
    assert {row.value for row in best} == {9.0}


def test_pairs_put_the_same_question_side_by_side(small_run: Path) -> None:
    found = pairs(read_run(small_run))
    assert found
    assert all(pair.before.prompt == pair.after.prompt and pair.before.stage == "before" for pair in found)
    assert found[0].gain == max(pair.gain for pair in found)


def test_abstains_and_failures_are_counted_apart(make_run: Build, extend: Callable[..., None]) -> None:
    run = make_run()
    abstained = {"name": "answer-match", "weight": 1.0, "value": None, "reason": "the gold isn't a number"}
    failed = {"name": "format-exact", "weight": 1.0, "value": None, "reason": FAILED + "KeyError: 'x'\nTraceback …"}
    for _ in range(3):
        extend(run, {"stage": "grpo", "completion": "!", "value": 1.0, "parts": [abstained, failed]})
    extend(run, {"stage": "grpo", "completion": "!", "value": None, "reason": "nothing to judge"})
    found = {silence.name: silence for silence in silences(read_run(run))}
    assert (found["answer-match"].abstained, found["answer-match"].failed) == (3, 0)
    assert (found["format-exact"].abstained, found["format-exact"].failed) == (0, 3)
    assert found["format-exact"].reasons == (("failed: KeyError: 'x'", 3),)
    assert (found["total"].abstained, found["total"].failed) == (1, 0)


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=60), st.integers(1, 9))
def test_smoothing_stays_within_the_values_and_keeps_their_number(values: list[float], window: int) -> None:
    smoothed = smooth(values, window)
    assert len(smoothed) == len(values)
    assert all(min(values) - 1e-3 <= value <= max(values) + 1e-3 for value in smoothed)


@given(st.lists(st.tuples(st.floats(-1e3, 1e3), st.floats(-1e3, 1e3)), max_size=40))
def test_correlation_is_within_one_or_undefined(points: list[tuple[float, float]]) -> None:
    related = correlation([x for x, _ in points], [y for _, y in points])
    assert related is None or -1.0001 <= related <= 1.0001


@pytest.mark.parametrize("count", [1, 2, 3, 5000])
def test_curve_of_any_length_is_small_and_follows_the_theme(count: int) -> None:
    series = Series("reward", tuple(range(count)), tuple(float(step % 7) for step in range(count)))
    chart = curve("key", "title", series, colour="ink", spread=series)
    assert len(chart.svg) < 60_000
    assert "var(--ink)" in chart.svg
    assert "#0000" not in chart.svg


@pytest.mark.parametrize(
    "values", [[1.0], [0.0, 0.0], [1e-300, -1e-300], [1e15, -1e15], [0.1 * at for at in range(99)]]
)
def test_distribution_of_any_spread_can_be_drawn(values: list[float]) -> None:
    assert "<svg" in distribution("key", "title", {"before": values}, {"before": "before training"}).svg


@pytest.mark.parametrize(("kl", "drawn"), [([0.0, 0.0], False), ([0.0, 0.02], True)])
def test_kl_is_drawn_only_where_there_is_a_reference_model_to_differ_from(
    tmp_path: Path, kl: list[float], drawn: bool
) -> None:
    rows = [{"stage": "grpo", "step": step, "kl": value} for step, value in enumerate(kl, 1)]
    (tmp_path / "metrics.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    titles = [chart.title for chart in signal_curves(read_run(tmp_path))]
    assert ("KL from the reference model" in titles) is drawn
