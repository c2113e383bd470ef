"""Runs one grader over a file of rows in a process of its own, under a limit of wall time for each row.

The limit is kept from outside: a process that doesn't answer in time is killed with all its children and started again
behind the row that it hung on.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from peers.child import high_water_bytes

START_SECONDS = 180.0
POLL_SECONDS = 0.05
BENCHMARKS = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Launch:
    """How to start a grader: its name, interpreter, opened wheel, and the limit on a row."""

    name: str
    python: Path
    source: Path
    limit_seconds: float


def run(launch: Launch, rows: Path, total: int, tick: Callable[[int], None]) -> list[dict[str, Any]]:
    """Outcomes of all rows, in order; a hang or a death of the process is the outcome of the row it happened on."""
    outcomes: list[dict[str, Any]] = []
    while len(outcomes) < total:
        with tempfile.TemporaryDirectory() as folder:
            canary, out = Path(folder) / "canary", Path(folder) / "outcomes.jsonl"
            out.touch()
            process = _start(launch, rows, len(outcomes), canary, out)
            try:
                _collect(process, out, launch.limit_seconds, outcomes, tick)
            finally:
                _kill(process)
            if canary.exists():
                outcomes[-1]["code_ran"] = True
    return outcomes


def _start(launch: Launch, rows: Path, first: int, canary: Path, out: Path) -> subprocess.Popen[bytes]:
    command = [launch.python, "-m", "peers.child", launch.name, rows, first, launch.source, canary, out]
    return subprocess.Popen([str(part) for part in command], start_new_session=True, env=child_environment())


def child_environment() -> dict[str, str]:
    """One thread, one hash seed, and this folder on the path."""
    path = str(BENCHMARKS) + (os.pathsep + os.environ["PYTHONPATH"] if os.environ.get("PYTHONPATH") else "")
    return {**os.environ, "PYTHONPATH": path, "OMP_NUM_THREADS": "1", "PYTHONHASHSEED": "0"}


def _collect(
    process: subprocess.Popen[bytes],
    out: Path,
    limit: float,
    outcomes: list[dict[str, Any]],
    tick: Callable[[int], None],
) -> None:
    """Read outcomes until the process is through, hangs or dies."""
    base: int | None = None
    pending, seen = b"", time.monotonic()
    with out.open("rb") as file:
        while True:
            ended = process.poll() is not None
            *lines, pending = (pending + file.read()).split(b"\n")
            for line in lines:
                outcome = json.loads(line)
                if base is None:
                    base = int(outcome["peak_bytes"])
                else:
                    outcomes.append({**outcome, "base_bytes": base})
            if lines:
                seen = time.monotonic()
                tick(len(outcomes))
            late = time.monotonic() - seen > (START_SECONDS if base is None else limit)
            if ended or late:
                break
            time.sleep(POLL_SECONDS)
    if base is None:
        raise RuntimeError("the grader's process does not start; BENCHMARK_DEBUG=1 shows what it says")
    if process.returncode != 0:
        peak = max(base, high_water_bytes(process.pid))
        outcomes.append(_lost("died" if ended else "hang", 0.0 if ended else limit, base, peak))
        tick(len(outcomes))


def _lost(what: str, seconds: float, base: int, peak: int) -> dict[str, Any]:
    """The outcome of a row that took the process with it."""
    sizes = {"peak_bytes": peak, "base_bytes": base}
    return {"verdict": None, "seconds": seconds, "wall": seconds, "exception": None, what: True, **sizes}


def _kill(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError):  # through already, with all its children
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
