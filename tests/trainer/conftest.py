"""What the trainer's tests share: recipes of a few steps, and a way to run them as a user does."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from subprocess import PIPE, STDOUT, Popen

import pytest

pytest.importorskip("trl", reason="the trainer's tests need the extra `trainer`")

SOURCES = [str(Path(__file__).parents[2] / name) for name in ("rewards", "trainer")]

SHORT = (
    "data.sft.limit=200",
    "data.grpo.limit=200",
    "data.evaluate.limit=40",
    "evaluate.problems=12",
    "sft.steps=12",
    "sft.save_every=5",
    "grpo.steps=6",
    "grpo.prompts_per_step=4",
    "grpo.generations=4",
    "grpo.save_every=2",
)


class Runner:
    """Runs `plaudit train` in a process of its own, as a user does."""

    short = SHORT

    def start(
        self,
        out: Path,
        settings: Sequence[str] = SHORT,
        *more: str,
        recipe: str = "demo",
        processes: int = 1,
        wrapper: Sequence[str] = (),
    ) -> Popen[str]:
        environment = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join(SOURCES),
            "OMP_NUM_THREADS": "1",
            "HF_HUB_OFFLINE": "1",
            "PLAUDIT_PLUGINS": "",
        }
        changes = [part for setting in settings for part in ("--set", setting)]
        many = ["torch.distributed.run", "--standalone", "--nproc-per-node", str(processes), "-m"]
        module = [*many, "plaudit_trainer"] if processes > 1 else ["plaudit_trainer"]
        command = [*wrapper, sys.executable, "-m", *module, recipe, "--out", str(out), *changes, *more]
        return Popen(command, env=environment, text=True, stdout=PIPE, stderr=STDOUT, cwd=out.parent)

    def train(self, out: Path, settings: Sequence[str] = SHORT, *more: str) -> str:
        process = self.start(out, settings, *more)
        output, _ = process.communicate(timeout=240)
        assert process.returncode == 0, output
        return output


@pytest.fixture(scope="session")
def runner() -> Runner:
    return Runner()


@pytest.fixture(scope="session")
def unbroken(tmp_path_factory: pytest.TempPathFactory, runner: Runner) -> Path:
    """A finished short run of the demo."""
    out = tmp_path_factory.mktemp("unbroken") / "run"
    runner.train(out)
    return out


@pytest.fixture(autouse=True)
def _one_quiet_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
