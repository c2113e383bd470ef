"""Several trainings on one card at the same time, and a table of what they came to.

    python -m benchmarks.side_by_side benchmarks/trainings/gsm8k.yaml --out runs/gsm8k --minutes 40
    python -m benchmarks.side_by_side --table runs/gsm8k/unsloth-0 runs/gsm8k/unsloth-1

A small model leaves a card idle, so runs that are to be compared share it, and with it whatever else slows them down.
A plan names them: `common` settings, and under `runs` each one's `recipe` and `set`; a recipe's file is found from the
plan. All processes import their libraries and check their plans at once, but load their models one after the other:
vLLM measures the free memory as it starts, and fails where somebody else takes or frees some meanwhile. (The backend
`trl` starts its engine as GRPO begins, whatever the others do then.) A run that dies is resumed, twice at most. When
the minutes are over, what still runs is ended; the same command goes on with it. The table is printed whatever
happened; the exit status is 1 where a run has not come to its end.
"""

from __future__ import annotations

import argparse
import os
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import yaml
from benchmarks.trainings_table import table

from plaudit_trainer.runs import RunFolder, read_rows

PATIENCE_SECONDS = 240
"""How long a run is taken to be loading its model, if it doesn't begin to learn."""
TRIES = 3
CHILD = """
import pathlib, sys, time
from plaudit_trainer import launch
go, recipe, out, how, *settings = sys.argv[1:]
checked = launch.plan(recipe, settings)
while not pathlib.Path(go).exists():
    time.sleep(0.1)
launch.run(checked, pathlib.Path(out), resume=how == "resume", command=sys.stdin.read())
"""


class Training:
    """One run of a plan, in a process of its own."""

    def __init__(self, name: str, recipe: str, settings: list[str], out: Path) -> None:
        self.name, self.recipe, self.settings = name, recipe, settings
        self.folder, self.log, self._go = out / name, out / f"{name}.log", out / f"{name}.go"
        self.tries, self.gone, self._known = 0, 0.0, 0
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        """Let it import and check what it needs; it waits for `go`."""
        self.end()
        self.tries, self.gone = self.tries + 1, 0.0
        how = "resume" if (self.folder / "recipe.yaml").is_file() else "begin"
        command = ["plaudit", "train", self.recipe, *(part for one in self.settings for part in ("--set", one))]
        # Unsloth writes the trainers that it compiles beside each other, and two processes write them at once.
        compiled = {"UNSLOTH_COMPILE_LOCATION": str(self.folder.with_name(f"{self.name}.compiled"))}
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-c", CHILD, str(self._go), self.recipe, str(self.folder), how, *self.settings],
                env={**os.environ, **compiled},
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                text=True,
                start_new_session=True,
            )
        assert self._process.stdin is not None
        self._process.stdin.write(shlex.join(command))
        self._process.stdin.close()

    def go(self) -> None:
        """Let it load its model."""
        self.gone, self._known = time.monotonic(), len(read_rows(self.folder / "metrics.jsonl"))
        self._go.touch()

    @property
    def alive(self) -> bool:
        """It is running."""
        return self._process is not None and self._process.poll() is None

    @property
    def done(self) -> bool:
        """It has come to its end, now or in an earlier call."""
        return RunFolder(self.folder).done("save")

    @property
    def loading(self) -> bool:
        """It may be loading its model, and has not yet begun to learn."""
        if not self.alive or not self.gone or self.done or time.monotonic() - self.gone > PATIENCE_SECONDS:
            return False
        return len(read_rows(self.folder / "metrics.jsonl")) == self._known

    def end(self) -> None:
        """End it with everything that it has started."""
        if self.alive and self._process is not None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        self._go.unlink(missing_ok=True)

    def line(self) -> str:
        """Say how far it is."""
        rows = read_rows(self.folder / "metrics.jsonl")
        at = f"{rows[-1]['stage']} {rows[-1]['step']}" if rows else "nothing learnt yet"
        return f"{self.name}: {at}{', done' if self.done else '' if self.alive else ', not running'}"


def run(plan: dict[str, Any], out: Path, minutes: float, beside: Path = Path()) -> list[Training]:
    """Train what a plan names, and return the trainings; a recipe's file is found from the folder `beside`."""
    out = out.resolve()
    out.mkdir(parents=True, exist_ok=True)
    trainings = [
        Training(name, _recipe(one["recipe"], beside), [*plan.get("common", []), *one.get("set", [])], out)
        for name, one in plan["runs"].items()
    ]
    until, said = time.monotonic() + 60 * minutes, 0.0
    try:
        for training in trainings:
            if not training.done:
                training.start()
        while time.monotonic() < until and _step(trainings):
            if time.monotonic() - said > 30:
                said = time.monotonic()
                print(" | ".join(training.line() for training in trainings), flush=True)
            time.sleep(0.3)
    finally:
        for training in trainings:
            training.end()
    return trainings


def _recipe(name: str, beside: Path) -> str:
    found = beside / name
    return str(found.resolve()) if found.is_file() else name


def _step(trainings: list[Training]) -> bool:
    """Start again what has died, and let the next one load its model; False where nothing runs any more."""
    for training in trainings:
        if training.alive or training.done or training.tries >= TRIES:
            continue
        print(f"{training.name} died; its output is in {training.log}. Started again.", flush=True)
        training.start()
    if not any(training.loading for training in trainings):
        waiting = [training for training in trainings if training.alive and not training.gone]
        for training in waiting[:1]:
            training.go()
    return any(training.alive for training in trainings)


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description="Train several models on one card at once, and compare them.")
    parser.add_argument("plan", nargs="?", type=Path)
    parser.add_argument("--out", type=Path, default=Path("runs/side-by-side"))
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--table", nargs="+", type=Path, default=[], help="runs that are there: only the table")
    wanted = parser.parse_args()
    if bool(wanted.table) == bool(wanted.plan):
        parser.error("name a plan, or runs with --table")
    if wanted.table:
        print(table(wanted.table))
        return
    # `timeout` and a job's deadline send SIGTERM, which would leave the trainings behind.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended from outside"))
    plan = yaml.safe_load(wanted.plan.read_text(encoding="utf-8"))
    trainings = run(plan, wanted.out, wanted.minutes, wanted.plan.parent)
    print(table([training.folder for training in trainings if (training.folder / "summary.json").is_file()]))
    missing = [training.line() for training in trainings if not training.done]
    if missing:
        raise SystemExit(f"not at their end: {'; '.join(missing)}. The same command goes on with them.")


if __name__ == "__main__":
    main()
