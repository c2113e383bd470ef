"""Two processes train one model: every row is scored once, every step logged once."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

pytestmark = [pytest.mark.trainer, pytest.mark.slow]


def test_two_processes_write_one_run(runner: Any, tmp_path: Path) -> None:
    process = runner.start(tmp_path / "run", (*runner.short, "grpo.save_every=50"), processes=2)
    output, _ = process.communicate(timeout=240)
    assert process.returncode == 0, output
    assert output.count("run folder:") == 1
    logged = [json.loads(line) for line in (tmp_path / "run" / "metrics.jsonl").read_text().splitlines()]
    assert [row["step"] for row in logged if row["stage"] == "grpo"] == [1, 2, 3, 4, 5, 6]
    assert [row["step"] for row in logged if row["stage"] == "sft"] == list(range(1, 13))
    kept = [json.loads(line) for line in (tmp_path / "run" / "completions.jsonl").read_text().splitlines()]
    tried = [row for row in kept if row["stage"] == "grpo"]
    for step in range(1, 7):
        mine = [row["prompt"] for row in tried if row["step"] == step]
        assert len(mine) == 8, "the first of two processes scores its half of 16 completions"
        assert all(len(set(mine[start : start + 4])) == 1 for start in (0, 4)), "each process has whole groups"
    assert sum(row["stage"] == "after_grpo" for row in kept) == 24
