"""A tiny model on a CPU takes one thread: two wait for each other, worst of all beside another busy process."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.trainer

THREADS = """
import pathlib, torch
from plaudit_trainer import launch
from plaudit_trainer.pipeline import Run
from plaudit_trainer.progress import Reporter
Run(launch.plan("demo", ["use_vllm=false"]), pathlib.Path("run"), Reporter(silent=True))
print("threads", torch.get_num_threads())
"""


@pytest.mark.parametrize(("asked", "taken"), [(None, 1), ("2", 2)])
def test_tiny_model_takes_one_thread_unless_the_environment_says_how_many(
    tmp_path: Path, asked: str | None, taken: int
) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "OMP_NUM_THREADS"}
    environment |= {"OMP_NUM_THREADS": asked} if asked else {}
    done = subprocess.run(
        [sys.executable, "-c", THREADS], env=environment, cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == f"threads {taken}"
