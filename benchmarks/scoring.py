"""How fast `plaudit score` is, and how much memory it takes, from a thousand rows to a million.

    python benchmarks/scoring.py --data DIR                      # writes benchmarks/scoring.md
    python benchmarks/scoring.py --data DIR --sizes 1000 10000   # the curve up to there

DIR holds gsm8k/train.jsonl. The plain loop with Math-Verify runs in the environment that `answers.py` makes.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import tempfile
from pathlib import Path

from peers.environments import python_of
from scale.completions import completions
from scale.measured import Measured, measured

HERE = Path(__file__).parent
SIZES = (1_000, 10_000, 100_000, 1_000_000)
MIB = 1024**2


def main() -> None:
    """Measure every size with both engines, and the loop on the first rows."""
    options = _options()
    rows: list[str] = []
    with tempfile.TemporaryDirectory(dir=options.scratch) as folder:
        source = Path(folder, "completions.jsonl")
        for size in options.sizes:
            _write(source, options.data, size)
            for engine, arguments in (("inline", []), ("workers, 2", ["--workers", "2"])):
                if size <= options.inline_up_to or arguments:
                    rows.append(_line(engine, size, source, _plaudit(source, arguments)))
                    print(rows[-1], flush=True)
        _write(source, options.data, max(options.sizes[0], options.loop_rows))
        loop = _loop(source, options)
    options.out.write_text(_page(rows, loop), encoding="utf-8")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    parser.add_argument("--inline-up-to", type=int, default=100_000, help="the largest size for the inline engine")
    parser.add_argument("--loop-rows", type=int, default=2_000, help="on how many rows the plain loop runs")
    parser.add_argument("--cache", type=Path, default=Path.home() / ".cache" / "plaudit-benchmarks")
    parser.add_argument("--scratch", type=Path, help="where the rows lie meanwhile: 1.6 GB for a million")
    parser.add_argument("--out", type=Path, default=HERE / "scoring.md")
    return parser.parse_args()


def _write(path: Path, data: Path, size: int) -> None:
    with path.open("w", encoding="utf-8") as file:
        for row in completions(data / "gsm8k" / "train.jsonl", size):
            file.write(json.dumps(row, ensure_ascii=False) + "\n")


def _plaudit(source: Path, arguments: list[str]) -> Measured:
    out = source.with_name("scored.jsonl")
    command = [sys.executable, "-m", "plaudit", "score", source, "--recipe", "math", "--out", out, "--json", *arguments]
    found = measured(command)
    out.unlink()
    return found


def _line(engine: str, size: int, source: Path, found: Measured) -> str:
    summary = json.loads(found.output)
    if summary["rows"] != size or summary["failed"]:
        raise SystemExit(f"{summary['rows']} of {size} rows were scored, {summary['failed']} failed")
    return (
        f"| {engine} | {size:,} | {source.stat().st_size / MIB:,.0f} | {found.wall_seconds:,.1f} | "
        f"{found.processor_seconds:,.1f} | {size / found.wall_seconds:,.0f} | "
        f"{size / found.processor_seconds:,.0f} | "
        f"{found.resident_bytes / MIB:,.0f} | {found.proportional_bytes / MIB:,.0f} |"
    )


def _loop(source: Path, options: argparse.Namespace) -> str:
    python = python_of(options.cache / "antlr-4.13")
    if not python.exists():
        return "The plain loop did not run: make its environment with `answers.py` first."
    found = json.loads(
        measured([python, HERE / "scale" / "trl_loop.py", source, str(options.loop_rows)], cores=1).output
    )
    return (
        f"The plain loop judged the first {found['rows']:,} of the same rows in {found['wall']:.1f} s "
        f"({found['processor']:.1f} s of processor time, import not counted): "
        f"**{found['rows'] / found['wall']:,.0f} rows/s, {found['rows'] / found['processor']:,.0f} rows per processor "
        "second**. It has no deadline but Math-Verify's alarm signal, which works in the main thread only, no reasons, "
        "and writes nothing."
    )


def _page(rows: list[str], loop: str) -> str:
    table = "\n".join(rows)
    load = os.getloadavg()[1]
    return f"""# Scoring a file

Written by `benchmarks/scoring.py`; nothing here is typed in by hand. Completions of GSM8K's size, made from its
training questions (six in ten right), scored by the recipe `math` (four parts) from the command line to a JSON Lines
file with value, parts, reasons and extracted answer. Reading, scoring, writing and starting are all in it.

| engine | rows | MiB in | wall s | processor s | rows/s | rows per processor s | peak RSS MiB | peak PSS MiB |
| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |
{table}

Memory is that of the whole process tree: RSS counts pages that several processes share once for each, PSS once.

## A loop over TRL functions with Math-Verify

{loop}

## The machine

{platform.system()} {platform.machine()}, 2 cores, Python {platform.python_version()}. Mean load over the last five
minutes, at the end: {load:.1f}. A load of more than 2 means that other work was on the two cores, so that wall times
are too long; processor times hold.
"""


if __name__ == "__main__":
    main()
