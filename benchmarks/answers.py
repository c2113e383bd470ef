"""Measure the answer grader and its peers on the same labelled rows, and write the table.

`python benchmarks/answers.py --data DIR --out benchmarks/answers.md`; what the rows are is in `benchmarks/README.md`.
"""

from __future__ import annotations

import argparse
import dataclasses
import hashlib
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

from peers import curve, environments, report, rows, runner
from peers.figures import Judged
from peers.graders import GRADERS, Grader
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

QUICK_ONE_IN = 12
LIMIT_SECONDS = 6.0


def main() -> int:
    """Install, run one grader after the other, write."""
    options = _options()
    data = rows.read(options.data, QUICK_ONE_IN if options.quick else 1)
    if not data.labelled:
        print(f"no labelled rows (*.jsonl) in {options.data}; give the folder with --data", file=sys.stderr)
        return 3
    options.cache.mkdir(parents=True, exist_ok=True)
    failed = environments.prepare(options.cache)
    wanted = [grader for grader in GRADERS if not options.only or grader.name in options.only]
    runs: dict[str, report.Run] = {}
    for grader in wanted:
        missing = failed.get(grader.environment or "") or failed.get(grader.wheel or "")
        runs[grader.name] = report.Run(grader, missing) if missing else _measure(grader, data, options)
    points = [] if options.no_batch else curve.measure(data.labelled)
    text = report.write(data, runs, points, options.limit, one_in=QUICK_ONE_IN if options.quick else 1)
    _replace(options.out, text)
    Console().print(report.summary(runs, points), markup=False)
    print(f"wrote {options.out}", file=sys.stderr)
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    home = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache"))
    parser.add_argument("--data", type=Path, required=True, help="folder of labelled rows (*.jsonl)")
    parser.add_argument("--out", type=Path, default=Path(__file__).with_name("answers.md"), help="the table to write")
    parser.add_argument("--cache", type=Path, default=home / "plaudit-benchmarks", help="where the peers are installed")
    parser.add_argument("--quick", action="store_true", help=f"one row in {QUICK_ONE_IN}: does it run at all?")
    parser.add_argument("--only", nargs="+", metavar="NAME", help="these graders only")
    parser.add_argument(
        "--reuse", nargs="*", metavar="NAME", help="take what an earlier run found (of all, or of these)"
    )
    parser.add_argument("--limit", type=float, default=LIMIT_SECONDS, help="wall seconds a row may take (%(default)s)")
    parser.add_argument("--no-batch", action="store_true", help="leave the batch curve out")
    return parser.parse_args()


def _measure(grader: Grader, data: rows.Rows, options: argparse.Namespace) -> report.Run:
    by_id = {row["id"]: row for row in data.labelled}
    asked = data.questions()
    began = time.strftime("%Y-%m-%d")
    found, reused = _outcomes(grader, "rows", asked, options)
    judged = [Judged(by_id[one["id"]], one["mode"], outcome) for one, outcome in zip(asked, found, strict=True)]
    run = report.Run(grader, None, judged=judged, reused=reused, date=began)
    if "hostile" in grader.kinds and data.hostile:
        hostile, _ = _outcomes(grader, "hostile", data.hostile_questions(), options)
        run = dataclasses.replace(run, hostile=hostile)
    return run


def _outcomes(
    grader: Grader, kind: str, asked: list[dict[str, Any]], options: argparse.Namespace
) -> tuple[list[dict[str, Any]], bool]:
    """Run a grader over one set of rows, or take its outcomes from an earlier run of it over the very same rows."""
    folder = options.cache / "outcomes"
    folder.mkdir(exist_ok=True)
    questions = "".join(json.dumps(one) + "\n" for one in asked)
    mark = hashlib.sha256(f"{grader} {options.limit} {questions}".encode()).hexdigest()
    marks, outcomes = folder / f"{grader.name}-{kind}.sha256", folder / f"{grader.name}-{kind}.jsonl"
    may_reuse = options.reuse is not None and (not options.reuse or grader.name in options.reuse)
    if may_reuse and marks.exists() and marks.read_text() == mark:
        return [json.loads(line) for line in outcomes.read_text(encoding="utf-8").splitlines()], True
    asked_file = folder / f"{grader.name}-{kind}.asked"
    _replace(asked_file, questions)
    found = _run(grader, kind, asked_file, len(asked), options)
    marks.unlink(missing_ok=True)
    _replace(outcomes, "".join(json.dumps(one) + "\n" for one in found))
    _replace(marks, mark)
    return found, False


def _run(grader: Grader, kind: str, questions: Path, total: int, options: argparse.Namespace) -> list[dict[str, Any]]:
    python = environments.python_of(options.cache / grader.environment) if grader.environment else Path(sys.executable)
    source = environments.source_of(options.cache, grader.wheel) if grader.wheel else options.cache
    launch = runner.Launch(grader.name, python, source, options.limit)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    console = Console(stderr=True)
    with Progress(*columns, TimeRemainingColumn(), console=console, disable=not console.is_terminal) as progress:
        task = progress.add_task(f"{grader.name}, {kind}", total=total)
        return runner.run(launch, questions, total, lambda done: progress.update(task, completed=done))


def _replace(path: Path, text: str) -> None:
    partial = path.with_suffix(path.suffix + ".partial")
    partial.write_text(text, encoding="utf-8")
    partial.replace(path)


if __name__ == "__main__":
    sys.exit(main())
