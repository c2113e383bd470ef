"""What the tests on a card share: training in processes of their own, each with its deadline and its output kept."""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from subprocess import PIPE, STDOUT, Popen, TimeoutExpired
from typing import Any

import pytest

from plaudit_trainer.runs import read_rows as rows_of_file

ROOT = Path(__file__).parents[2]
LOGS = Path(os.environ.get("PLAUDIT_GPU_LOGS") or tempfile.mkdtemp(prefix="plaudit-gpu-"))

# Stacks of all threads are written where a child runs past its deadline: that is how a hang is understood.
TRAIN = """
import faulthandler, os, runpy, sys
import plaudit
from plaudit_trainer import launch
from plaudit_trainer.settings import resolve
deadline, arguments = float(sys.argv[1]), sys.argv[2:]
assigned = [value for flag, value in zip(arguments, arguments[1:]) if flag == "--set"]
launch.prepare_environment()
config = resolve(plaudit.recipe(arguments[0]), assigned)[1]
launch.import_unsloth_first(config)
from trl import GRPOTrainer
if config.backend == "unsloth":
    print("Unsloth's compiler is", "off" if os.environ.get("UNSLOTH_COMPILE_DISABLE") == "1" else "on", flush=True)
if os.environ.get("UNSLOTH_VLLM_STANDBY") == "1":
    from vllm import LLM
    def told(engine, *arguments, sleep=LLM.sleep, **options):
        print("engine sleeps", flush=True)
        return sleep(engine, *arguments, **options)
    LLM.sleep = told
sys.stdin.readline()
faulthandler.dump_traceback_later(deadline, exit=True)
sys.argv = ["plaudit_trainer", *arguments]
runpy.run_module("plaudit_trainer", run_name="__main__")
"""


class Child:
    """A process that imports what takes long at once, and begins its work when it is told to.

    So several can import at the same time while only one of them uses the card: vLLM measures the free memory as it
    starts, and fails where somebody else takes or frees some meanwhile.
    """

    def __init__(
        self, name: str, code: str, arguments: Sequence[str], seconds: float, environment: Mapping[str, str] = {}
    ) -> None:
        LOGS.mkdir(parents=True, exist_ok=True)
        self.log, self._seconds = LOGS / f"{name}.log", seconds
        paths = [str(ROOT / "rewards"), str(ROOT / "trainer"), os.environ.get("PYTHONPATH", "")]
        path = {"PYTHONPATH": os.pathsep.join(paths), "PYTHONUNBUFFERED": "1"}
        with self.log.open("w", encoding="utf-8") as output:
            self.process = Popen(
                [sys.executable, "-c", code, str(seconds), *arguments],
                env={**os.environ, **path, **environment},
                text=True,
                stdin=PIPE,
                stdout=output,
                stderr=STDOUT,
                cwd=tempfile.mkdtemp(prefix=f"plaudit-{name}-"),  # Unsloth leaves its compiled cache where it runs
            )

    def begin(self) -> None:
        """Let it go on to its work."""
        assert self.process.stdin is not None
        if self.process.poll() is None:
            self.process.stdin.write("\n")
            self.process.stdin.close()

    def finish(self) -> str:
        """Wait until it is done, and return its output."""
        try:
            self.process.wait(self._seconds + 60)
        except TimeoutExpired:
            self.process.kill()
            self.process.wait()
        assert self.process.returncode == 0, self.tail()
        return self.log.read_text(encoding="utf-8")

    def kill_when(self, happened: Callable[[], bool]) -> None:
        """Kill it, as `kill -9` does, as soon as something has happened."""
        until = time.monotonic() + self._seconds
        while self.process.poll() is None and time.monotonic() < until:
            if happened():
                break
        alive = self.process.poll() is None
        self.process.kill()
        self.process.wait()
        assert alive, self.tail()
        assert happened(), self.tail()

    def tail(self) -> str:
        """The end of its output."""
        return f"{self.log}:\n{self.log.read_text(encoding='utf-8')[-8000:]}"


class Card:
    """Starts children, and ends those that are left."""

    def __init__(self) -> None:
        self._children: list[Child] = []

    def train(
        self,
        name: str,
        out: Path,
        settings: Sequence[str],
        *more: str,
        seconds: float = 240,
        environment: Mapping[str, str] = {},
    ) -> Child:
        """Start `plaudit train demo` with other settings; it waits for `begin`."""
        changes = [part for setting in settings for part in ("--set", setting)]
        return self.child(name, TRAIN, ["demo", "--out", str(out), *changes, *more], seconds, environment)

    def child(
        self, name: str, code: str, arguments: Sequence[str], seconds: float, environment: Mapping[str, str] = {}
    ) -> Child:
        """Start any code; its first argument is its deadline in seconds."""
        self._children.append(Child(name, code, arguments, seconds, environment))
        return self._children[-1]

    def end(self) -> None:
        """End what still runs."""
        for child in self._children:
            if child.process.poll() is None:
                child.process.kill()
                child.process.wait()


@pytest.fixture(scope="session")
def read_rows() -> Callable[[Path], list[dict[str, Any]]]:
    return rows_of_file


@pytest.fixture(scope="module")
def card() -> Any:
    """Children of one module's tests."""
    card = Card()
    yield card
    card.end()


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model that can do the demo's sums in part: 3 million parameters, heads as wide as vLLM's kernels want.

    Its vocabulary has more rows than its hidden states are wide, as Unsloth needs it.
    """
    out = tmp_path_factory.mktemp("model") / "run"
    tiny = "model.tiny={hidden: 256, layers: 4, heads: 4, key_value_heads: 2, pad_embedding: 512}"
    few = ("sft.steps=400", "sft.learning_rate=1e-3", "grpo.steps=0", "evaluate.problems=16", "evaluate.before=false")
    data = "data.sft.options={guess: 0.6, sloppy: 0.0}"
    settings = (tiny, data, "backend=trl", "use_vllm=false", "save_merged=false", *few)
    changes = [part for setting in settings for part in ("--set", setting)]
    child = Child("model", TRAIN, ["demo", "--out", str(out), *changes], 120)
    child.begin()
    child.finish()
    return out / "checkpoints" / "sft" / "final"
