"""Several trainings on one card at the same time, and a table of what they came to.

    python -m benchmarks.side_by_side benchmarks/trainings/gsm8k.yaml --out runs/gsm8k --minutes 25
    python -m benchmarks.side_by_side --table runs/gsm8k/*

A small model leaves a card idle, so runs that are to be compared share it, and with it whatever else slows them down.
A plan names them: `common` settings, and under `runs` each one's `recipe` and `set`. All processes import their
libraries at once, but load their models one after the other: vLLM measures the free memory as it starts, and fails
where somebody else takes or frees some meanwhile. A run that dies is resumed, twice at most. When the minutes are over,
what still runs is ended; the same command goes on with it. The table is printed whatever happened.
"""

from __future__ import annotations

import argparse
import os
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
"""How long a run waits for the one before it to have loaded its model and begun to learn."""
TRIES = 3
CHILD = """
import pathlib, runpy, sys, time
backend, go = sys.argv[1], pathlib.Path(sys.argv[2])
if backend == "unsloth":
    from plaudit_trainer.backends.unsloth_import import import_first
    import_first(512)
else:
    import trl, peft
while not go.exists():
    time.sleep(0.1)
sys.argv = ["plaudit_trainer", *sys.argv[3:]]
runpy.run_module("plaudit_trainer", run_name="__main__")
"""


class Training:
    """One run of a plan, in a process of its own."""

    def __init__(self, name: str, recipe: str, settings: list[str], out: Path) -> None:
        self.name, self.folder, self.out, self.tries = name, RunFolder(out / name), out, 0
        self.arguments = [
            recipe,
            "--out",
            str(self.folder.path),
            *(part for one in settings for part in ("--set", one)),
        ]
        self.backend = next((one.partition("=")[2] for one in reversed(settings) if one.startswith("backend=")), "trl")
        self.process: subprocess.Popen[bytes] | None = None
        self.gone: float | None = None
        self.known = 0

    def start(self) -> None:
        """Let it import what it needs; it waits for `go`."""
        self.tries += 1
        resume = ["--resume"] if (self.folder.path / "state.json").is_file() else []
        workplace = self.out / f"{self.name}.work"  # Unsloth leaves its compiled cache where it runs
        workplace.mkdir(parents=True, exist_ok=True)
        with (self.out / f"{self.name}.log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-c", CHILD, self.backend, str(self._go), *self.arguments, *resume],
                cwd=workplace,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def go(self) -> None:
        """Let it load its model."""
        self.gone, self.known = time.monotonic(), len(read_rows(self.folder.metrics))
        self._go.touch()

    @property
    def alive(self) -> bool:
        """It is running."""
        return self.process is not None and self.process.poll() is None

    @property
    def done(self) -> bool:
        """It has come to its end, now or in an earlier call."""
        return RunFolder(self.folder.path).done("save")

    @property
    def under_way(self) -> bool:
        """Its model is loaded and learns, or that is not to be expected any more."""
        if self.done or self.gone is None:
            return self.done
        learns = len(read_rows(self.folder.metrics)) > self.known
        return learns or time.monotonic() - self.gone > PATIENCE_SECONDS

    def end(self) -> None:
        """End it with everything that it has started."""
        if self.alive and self.process is not None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        self._go.unlink(missing_ok=True)

    def line(self) -> str:
        """Say how far it is."""
        rows = read_rows(self.folder.metrics)
        at = f"{rows[-1]['stage']} {rows[-1]['step']}" if rows else "nothing learnt yet"
        return f"{self.name}: {at}{', done' if self.done else '' if self.alive else ', not running'}"

    @property
    def _go(self) -> Path:
        return self.out / f"{self.name}.go"


def run(plan: dict[str, Any], out: Path, minutes: float) -> list[Path]:
    """Train what a plan names, and return the run folders."""
    out = out.resolve()  # the runs work elsewhere
    out.mkdir(parents=True, exist_ok=True)
    common = plan.get("common", [])
    trainings = [
        Training(name, one["recipe"], [*common, *one.get("set", [])], out) for name, one in plan["runs"].items()
    ]
    until, said = time.monotonic() + 60 * minutes, 0.0
    for training in trainings:
        training.end()
        if not training.done:
            training.start()
    try:
        while time.monotonic() < until and _step(trainings):
            if time.monotonic() - said > 30:
                said = time.monotonic()
                print(" | ".join(training.line() for training in trainings), flush=True)
            time.sleep(0.3)
    finally:
        for training in trainings:
            training.end()
    return [training.folder.path for training in trainings]


def _step(trainings: list[Training]) -> bool:
    """Let the next one go, and start again what has died; False where nothing is left that could go on."""
    for before, training in zip([None, *trainings], trainings, strict=False):
        if training.gone is None and (before is None or before.under_way):
            training.go()
    dead = [training for training in trainings if not training.alive and not training.done]
    for training in dead:
        if training.tries < TRIES:
            print(f"{training.name} died, and is resumed; its output is in {training.name}.log", flush=True)
            training.start()
    return any(training.alive for training in trainings)


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description="Train several models on one card at once, and compare them.")
    parser.add_argument("plan", nargs="?", type=Path)
    parser.add_argument("--out", type=Path, default=Path("runs/side-by-side"))
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--table", nargs="+", type=Path, default=[], help="finished runs: only the table")
    wanted = parser.parse_args()
    if wanted.table and wanted.plan:
        parser.error("a plan, or --table, but not both")
    if not wanted.table and not wanted.plan:
        parser.error("name a plan, or runs with --table")
    folders = wanted.table or run(yaml.safe_load(wanted.plan.read_text(encoding="utf-8")), wanted.out, wanted.minutes)
    print(table([folder for folder in folders if (folder / "summary.json").is_file()]))


if __name__ == "__main__":
    main()
