"""The page: every section from outcomes, nothing typed in by hand."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from peers import environments, losses, sections
from peers.curve import Point
from peers.figures import Judged
from peers.graders import OURS, Grader
from peers.rows import Rows


@dataclass(frozen=True)
class Run:
    """All that one grader said; `missing` says why it could not be run."""

    grader: Grader
    missing: str | None
    judged: list[Judged] = field(default_factory=list)
    hostile: list[dict[str, Any]] | None = None
    reused: bool = False
    date: str = ""


def write(data: Rows, runs: dict[str, Run], points: Sequence[Point], limit: float, one_in: int) -> str:
    """The whole page."""
    ran = [run for run in runs.values() if run.missing is None]
    parts = [
        "# Answer graders on the same rows\n",
        _head(data, ran, one_in),
        sections.targets(ran, data, points),
        sections.accuracy(ran),
        sections.by_source(ran),
        sections.completions(ran),
        sections.speed(ran),
        sections.hostile(ran, data, limit),
        sections.batch(points),
        losses.section(ran, data),
        _settings(runs, limit),
    ]
    return "\n".join(part for part in parts if part)


def summary(runs: dict[str, Run], points: Sequence[Point]) -> str:
    """What the terminal shows at the end: the main table and where we lose."""
    ran = [run for run in runs.values() if run.missing is None]
    return (
        sections.accuracy(ran) + "\n" + sections.speed(ran) + "\n" + sections.batch(points) + "\n" + losses.short(ran)
    )


def _head(data: Rows, ran: list[Run], one_in: int) -> str:
    contested = sum(bool(row.get("contested")) for row in data.labelled)
    share = f" **One row in {one_in} (`--quick`): not figures to quote.**" if one_in > 1 else ""
    reused = [run.grader.title for run in ran if run.reused]
    again = f" Taken from an earlier run over the same rows: {', '.join(reused)}." if reused else ""
    return (
        f"Written by `python benchmarks/{' '.join([Path(sys.argv[0]).name, *_arguments()])}`"
        f" on {max((run.date for run in ran), default='')}; nothing here is typed in by hand.{share}{again}\n\n"
        f"{len(data.labelled):,} labelled rows ({', '.join(data.files)}), {contested} of them contested and left out "
        f"of "
        f"accuracy; {len(data.hostile)} hostile texts. What they are and how they were labelled: "
        f"[README](README.md).\n\n{_machine()}\n"
    )


def _arguments() -> list[str]:
    words = sys.argv[1:]
    private = {index + 1 for index, word in enumerate(words) if word in ("--data", "--cache", "--out")}
    return ["DIR" if index in private else word for index, word in enumerate(words)]


def _machine() -> str:
    model = "unknown processor"
    info = Path("/proc/cpuinfo")
    if info.exists():
        names = [line.partition(":")[2].strip() for line in info.read_text().splitlines() if "model name" in line]
        model = names[0] if names else model
    ours = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in ("plaudit", "python-flint", "sympy"))
    peers = "; ".join(f"{name}: {', '.join(needs)}" for name, needs in environments.ENVIRONMENTS.items())
    return (
        f"Machine: {model}, {os.cpu_count()} cores, {platform.system()} {platform.machine()}, "
        f"Python {platform.python_version()}, shared (load {_load()} at the end). Ours: {ours}. Peers: {peers}; "
        f"wheels without dependencies: {', '.join(environments.WHEELS)}.\n\n"
        "Graders ran one after the other, each in a process of its own, every row once. Speeds are **processor time** "
        "of the grader and of its child processes, one thread; importing and ten fixed warm-up pairs (the same for "
        "all, "
        "none of them in the data) are not counted. Nothing is cached between rows but what a grader itself caches; "
        "for "
        "ours, the row “caches cleared” shows what its cache of golds is worth."
    )


def _load() -> str:
    return ", ".join(f"{load:.1f}" for load in os.getloadavg())


def _settings(runs: dict[str, Run], limit: float) -> str:
    lines = ["## What each grader was given\n"]
    for run in runs.values():
        left = f" **Not run: {run.missing}.**" if run.missing else ""
        lines.append(f"- {run.grader.title}: {run.grader.settings}{left}")
    return "\n".join(lines) + (
        "\n\nNot measured: NeMo-Skills and rLLM (their graders are not on PyPI), Qwen2.5-Math and oat (no package), "
        "graders "
        f"that are models. A row may take {limit:g} s of wall time; then its process is killed from outside, the row "
        f"counts "
        "as a refusal, and the next row gets a new process. Address space is capped at 4 GB.\n"
    )


def ours(ran: Sequence[Run]) -> Run | None:
    """Our own run, if it is among them."""
    return next((run for run in ran if run.grader.name == OURS), None)
