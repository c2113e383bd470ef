"""Runs one grader over a file of rows in a process of its own, under a limit of wall time for each row.

The limit is kept from outside: a process that doesn't answer in time is killed with all its children and started again
behind the row that it hung on.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from peers.child import high_water_bytes

START_SECONDS = 180.0
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
            canary = Path(folder) / "canary"
            process = _start(launch, rows, len(outcomes), canary)
            try:
                _collect(process, launch.limit_seconds, outcomes, tick)
            finally:
                _kill(process)
            if canary.exists():
                outcomes[-1]["code_ran"] = True
    return outcomes


def _start(launch: Launch, rows: Path, first: int, canary: Path) -> subprocess.Popen[bytes]:
    command = [launch.python, "-m", "peers.child", launch.name, rows, first, launch.source, canary]
    return subprocess.Popen(
        [str(part) for part in command],
        stdout=subprocess.PIPE,
        stderr=None if os.environ.get("BENCHMARK_DEBUG") else subprocess.DEVNULL,
        start_new_session=True,
        env=child_environment(),
    )


def child_environment() -> dict[str, str]:
    """One thread, one hash seed, and this folder on the path."""
    path = str(BENCHMARKS) + (os.pathsep + os.environ["PYTHONPATH"] if os.environ.get("PYTHONPATH") else "")
    return {**os.environ, "PYTHONPATH": path, "OMP_NUM_THREADS": "1", "PYTHONHASHSEED": "0"}


def _collect(
    process: subprocess.Popen[bytes], limit: float, outcomes: list[dict[str, Any]], tick: Callable[[int], None]
) -> None:
    """Read outcomes until the process is through, hangs or dies."""
    assert process.stdout is not None
    base, pending, first = 0, b"", True
    while True:
        ready, _, _ = select.select([process.stdout], [], [], START_SECONDS if first else limit)
        chunk = os.read(process.stdout.fileno(), 1 << 16) if ready else b""
        if not chunk:
            if first:
                raise RuntimeError("the grader's process does not start; BENCHMARK_DEBUG=1 shows what it says")
            if ready and process.wait() == 0:
                return
            peak = max(base, high_water_bytes(process.pid))
            outcomes.append(_lost("died" if ready else "hang", 0.0 if ready else limit, base, peak))
            tick(len(outcomes))
            return
        *lines, pending = (pending + chunk).split(b"\n")
        for line in lines:
            outcome = json.loads(line)
            if first:
                base, first = outcome["peak_bytes"], False
                continue
            outcomes.append({**outcome, "base_bytes": base})
        tick(len(outcomes))


def _lost(what: str, seconds: float, base: int, peak: int) -> dict[str, Any]:
    """The outcome of a row that took the process with it."""
    sizes = {"peak_bytes": peak, "base_bytes": base}
    return {"verdict": None, "seconds": seconds, "wall": seconds, "exception": None, what: True, **sizes}


def _kill(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError):  # through already, with all its children
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    if process.stdout is not None:
        process.stdout.close()
