"""Whether a step can teach anything is said by rewards within a group, not by their spread in the batch."""

import pytest

from plaudit.protocol import Sample, Score
from plaudit.report.recorder import Recorder

Rows = list[tuple[str, float | None]]


@pytest.mark.parametrize(
    ("rows", "differ"),
    [
        ([("a", 1.0), ("a", 0.0), ("b", 1.0), ("b", 1.0)], True),
        ([("a", 1.0), ("a", 1.0), ("b", 0.0), ("b", 0.0)], False),  # as `scale_rewards: batch` sees it, they do
        ([("a", 1.0), ("a", None), ("b", None), ("b", None)], False),  # an abstain is no reward of its own
        ([("a", 1.0), ("b", 0.0), ("a", 0.0)], True),
        ([], False),
    ],
)
def test_rewards_differ_where_two_completions_of_one_prompt_were_worth_different_ones(rows: Rows, differ: bool) -> None:
    recorder = Recorder()
    samples = [Sample("x", [{"role": "user", "content": name}], {}, name) for name, _ in rows]
    recorder.begin("grpo", 1)
    recorder.add("some", samples, [Score(value, "why") for _, value in rows])
    recorder.take_rows()
    assert recorder.differ is differ


def test_next_step_begins_anew() -> None:
    recorder = Recorder()
    pair = [Sample("x", "p", {}, "p"), Sample("y", "p", {}, "p")]
    recorder.begin("grpo", 1)
    recorder.add("some", pair, [Score(1.0, ""), Score(0.0, "")])
    recorder.take_rows()
    recorder.begin("grpo", 2)
    recorder.add("some", pair, [Score(1.0, ""), Score(1.0, "")])
    recorder.take_rows()
    assert recorder.differ is False
