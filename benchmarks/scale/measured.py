"""Running a command on two cores, and watching the memory of all its processes."""

from __future__ import annotations

import os
import resource
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

LOOK_SECONDS = 0.2


@dataclass(frozen=True)
class Measured:
    """What a command said and took; memory is that of the whole process tree at its highest."""

    output: str
    wall_seconds: float
    processor_seconds: float
    resident_bytes: int
    proportional_bytes: int


def measured(command: Sequence[str | Path], cores: int = 2) -> Measured:
    """Run a command on so many cores; raises where it fails."""
    before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    chosen = sorted(os.sched_getaffinity(0))[:cores]
    process = subprocess.Popen(
        [str(part) for part in command],
        stdout=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: os.sched_setaffinity(0, chosen),
    )
    resident = proportional = 0
    while True:
        try:
            output, _ = process.communicate(timeout=LOOK_SECONDS)
            break
        except subprocess.TimeoutExpired:
            tree = family(process.pid)
            resident = max(resident, sum(memory(member, "Rss") for member in tree))
            proportional = max(proportional, sum(memory(member, "Pss") for member in tree))
    if process.returncode:
        raise SystemExit(f"{command} failed with {process.returncode}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Measured(output, time.perf_counter() - begun, spent, resident, proportional)


def family(root: int) -> list[int]:
    """Give a process and all its descendants."""
    parents: dict[int, list[int]] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:  # it has ended meanwhile
            continue
        parents.setdefault(int(fields[1]), []).append(int(path.parent.name))
    found = [root]
    for member in found:
        found += parents.get(member, [])
    return found


def memory(process: int, kind: str) -> int:
    """Give the bytes that a process holds: all it sees (Rss), or its share of what several see (Pss)."""
    try:
        lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith(f"{kind}:"))
