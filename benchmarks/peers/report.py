"""The page: every section from outcomes, nothing typed in by hand."""

from __future__ import annotations

import hashlib
import importlib.metadata
import importlib.util
import os
import platform
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from peers import costs, environments, losses, sections
from peers.curve import Point
from peers.figures import Judged
from peers.graders import Grader
from peers.prose import HEAD, MACHINE, METHOD, ROWS, UNMEASURED, paragraph
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
        costs.speed(ran),
        costs.hostile(ran, data, limit),
        costs.batch(points),
        losses.section(ran, data),
        _settings(runs, limit),
    ]
    return "\n".join(part for part in parts if part)


def summary(runs: dict[str, Run], points: Sequence[Point]) -> str:
    """What the terminal shows at the end: the main table and where we lose."""
    ran = [run for run in runs.values() if run.missing is None]
    return sections.accuracy(ran) + "\n" + costs.speed(ran) + "\n" + costs.batch(points) + "\n" + losses.short(ran)


def _head(data: Rows, ran: list[Run], one_in: int) -> str:
    contested = sum(bool(row.get("contested")) for row in data.labelled)
    share = f" **One row in {one_in} (`--quick`): not figures to quote.**" if one_in > 1 else ""
    reused = [run.grader.title for run in ran if run.reused]
    again = f" Taken from an earlier run over the same rows: {', '.join(reused)}." if reused else ""
    command, date = " ".join([Path(sys.argv[0]).name, *_arguments()]), max((run.date for run in ran), default="")
    files, labelled = ", ".join(data.files), len(data.labelled)
    return (
        paragraph(HEAD, command=command, date=date, share=share, again=again)
        + paragraph(ROWS, rows=labelled, files=files, contested=contested, hostile=len(data.hostile))
        + _machine()
        + paragraph(METHOD).rstrip("\n")
        + "\n"
    )


def _arguments() -> list[str]:
    """The command's words, without the places of this machine."""
    words, shown = iter(sys.argv[1:]), []
    for word in words:
        if word in ("--out", "--cache"):
            next(words, None)
        else:
            shown += [word, "DIR"] if word == "--data" else [word]
            if word == "--data":
                next(words, None)
    return shown


def _machine() -> str:
    model = "unknown processor"
    info = Path("/proc/cpuinfo")
    if info.exists():
        names = [line.partition(":")[2].strip() for line in info.read_text().splitlines() if "model name" in line]
        model = names[0] if names else model
    ours = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in ("plaudit", "python-flint", "sympy"))
    ours += f" (sources of the grader: {_sources()})"
    peers = "; ".join(f"{name}: {', '.join(needs)}" for name, needs in environments.ENVIRONMENTS.items())
    return paragraph(
        MACHINE,
        processor=model,
        cores=os.cpu_count(),
        system=f"{platform.system()} {platform.machine()}",
        python=platform.python_version(),
        load=_load(),
        ours=ours,
        peers=peers,
        wheels=", ".join(environments.WHEELS),
    )


def _sources() -> str:
    """A short hash of the grader's source files: which state of it was measured."""
    folder = Path(importlib.util.find_spec("plaudit.answers").origin).parent  # type: ignore[union-attr, arg-type]
    texts = b"".join(file.read_bytes() for file in sorted(folder.glob("*.py")))
    return hashlib.sha256(texts).hexdigest()[:12]


def _load() -> str:
    return ", ".join(f"{load:.1f}" for load in os.getloadavg())


def _settings(runs: dict[str, Run], limit: float) -> str:
    lines = ["## What each grader was given\n"]
    for run in runs.values():
        left = f" **Not run: {run.missing}.**" if run.missing else ""
        lines.append(f"- {run.grader.title}: {run.grader.settings}{left}")
    return "\n".join(lines) + "\n\n" + paragraph(UNMEASURED, limit=limit).rstrip("\n") + "\n"
