"""The run folder after a crash: a cut-off line, a half-written checkpoint, a stage that never ended."""

from __future__ import annotations

import errno
import json
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from plaudit.errors import ConfigError
from plaudit_trainer.runs import RunFolder, append_rows, keep_rows, read_rows

pytestmark = pytest.mark.trainer


def test_line_that_a_crash_cut_off_is_left_out_and_the_rest_kept(tmp_path: Path) -> None:
    path = tmp_path / "metrics.jsonl"
    append_rows(path, [{"stage": "sft", "step": 1}, {"stage": "grpo", "step": 1}])
    path.write_text(path.read_text() + '{"stage": "grpo", "st')
    assert [row["step"] for row in read_rows(path)] == [1, 1]
    keep_rows(path, lambda row: row["stage"] == "sft")
    append_rows(path, [{"stage": "sft", "step": 2}])
    assert [json.loads(line)["step"] for line in path.read_text().splitlines()] == [1, 2]


@given(st.text())
@example("one\u2028two\u2029three\x85four\x0bfive")
def test_text_with_any_line_break_of_unicode_comes_back_as_it_was_written(
    tmp_path_factory: pytest.TempPathFactory, text: str
) -> None:
    path = tmp_path_factory.mktemp("rows") / "difficulty.jsonl"
    written = [{"question": text, "right": 1}, {"question": "", "right": 0}]
    append_rows(path, written)
    assert read_rows(path) == written
    keep_rows(path, lambda row: row["right"] == 1)
    assert read_rows(path) == written[:1]


def test_broken_line_in_the_middle_is_no_crash_and_raises(tmp_path: Path) -> None:
    path = tmp_path / "metrics.jsonl"
    path.write_text('{"step": 1}\n{"st\n{"step": 3}\n')
    with pytest.raises(json.JSONDecodeError):
        read_rows(path)


def test_rows_beyond_the_checkpoint_are_forgotten_and_other_stages_kept(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    append_rows(folder.metrics, [{"stage": stage, "step": step} for stage in ("sft", "grpo") for step in (1, 2, 3)])
    folder.forget_after("grpo", 2)
    assert [(row["stage"], row["step"]) for row in read_rows(folder.metrics)] == [
        ("sft", 1),
        ("sft", 2),
        ("sft", 3),
        ("grpo", 1),
        ("grpo", 2),
    ]


def test_half_written_checkpoint_is_passed_over(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    for step, state in ((20, "{}"), (40, '{"global_st'), (100, None), (9, "{}")):
        place = folder.checkpoints("grpo") / f"checkpoint-{step}"
        place.mkdir(parents=True)
        if state is not None:
            (place / "trainer_state.json").write_text(state)
    found = folder.last_checkpoint("grpo")
    assert found is not None
    assert found.name == "checkpoint-20"


def test_replaced_folder_is_never_seen_half_full(tmp_path: Path) -> None:
    folder, target = RunFolder(tmp_path), tmp_path / "adapter"
    with folder.replacing(target) as scratch:
        (scratch / "weights").write_text("1")
    with pytest.raises(OSError, match="No space left"):
        _fill_until_the_disk_is_full(folder, target)
    assert (target / "weights").read_text() == "1"


def test_unreadable_state_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "state.json").write_text("{")
    with pytest.raises(ConfigError, match="choose another --out"):
        RunFolder(tmp_path)


def _fill_until_the_disk_is_full(folder: RunFolder, target: Path) -> None:
    with folder.replacing(target) as scratch:
        (scratch / "weights").write_text("2")
        raise OSError(errno.ENOSPC, "No space left on device")
