"""A file in which rows hang, kill their worker and are malformed: what that costs, and what a kill -9 changes.

    python benchmarks/faults.py --data DIR --rows 20000          # writes benchmarks/faults.md

One row in a hundred hangs, one in a thousand takes memory until its worker is killed, one in a thousand is no JSON.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from scale.completions import completions

from plaudit.engines.workers import FIRST_SECONDS

HERE = Path(__file__).parent
STARTS = 5


def main() -> None:
    """Score the file whole, score it with a kill in the middle, and compare."""
    options = _options()
    os.environ["PYTHONPATH"] = os.pathsep.join([str(HERE), os.environ.get("PYTHONPATH", "")])
    with tempfile.TemporaryDirectory(dir=options.scratch) as name:
        folder = Path(name)
        clean, bad = folder / "clean.jsonl", folder / "bad.jsonl"
        faults = _write(clean, bad, options)
        start = _start_seconds(folder, options)
        plain = _score(clean, folder / "clean-scored.jsonl", options)
        whole = _score(bad, folder / "whole.jsonl", options)
        cuts = _score_with_kills(bad, folder / "cut.jsonl", options)
        _check(bad, folder / "whole.jsonl", whole, faults)
        if (folder / "whole.jsonl").read_bytes() != (folder / "cut.jsonl").read_bytes():
            raise SystemExit("the output of the killed run differs")
    options.out.write_text(_page(options, faults, start, plain, whole, cuts), encoding="utf-8")
    print(options.out.read_text(encoding="utf-8"))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--deadline", type=float, default=1.0)
    parser.add_argument("--kills", type=int, default=3)
    parser.add_argument("--scratch", type=Path)
    parser.add_argument("--out", type=Path, default=HERE / "faults.md")
    return parser.parse_args()


def _write(clean: Path, bad: Path, options: argparse.Namespace) -> Counter[str]:
    kinds = _kinds(options.rows)
    with clean.open("w", encoding="utf-8") as good, bad.open("w", encoding="utf-8") as file:
        for kind, row in zip(kinds, completions(options.data / "gsm8k" / "train.jsonl", options.rows), strict=True):
            good.write(json.dumps(row) + "\n")
            line = json.dumps(row | {"completion": kind} if kind in ("hang", "eat") else row)
            file.write((line[: len(line) // 2] if kind == "malformed" else line) + "\n")
    return Counter(kinds)


def _kinds(rows: int) -> list[str]:
    """Shuffle exact shares: 1 % that hang, 0.1 % that eat, 0.1 % malformed."""
    few = max(1, rows // 1000)
    kinds = ["hang"] * (10 * few) + ["eat"] * few + ["malformed"] * few
    kinds += ["sound"] * (rows - len(kinds))
    random.Random(11).shuffle(kinds)
    return kinds


def _command(source: Path, out: Path, options: argparse.Namespace) -> list[str]:
    settings = ["--workers", options.workers, "--deadline", options.deadline, "--memory-per-worker", 256]
    reward = ["--reward", "scale.fault_rewards:faulty", "--bad-rows", "abstain", "--json"]
    return [str(part) for part in [sys.executable, "-m", "plaudit", "score", source, "--out", out, *reward, *settings]]


def _score(source: Path, out: Path, options: argparse.Namespace) -> dict[str, object]:
    begun = time.perf_counter()
    done = subprocess.run(_command(source, out, options), stdout=subprocess.PIPE, check=True)
    found: dict[str, object] = json.loads(done.stdout)
    return found | {"wall": time.perf_counter() - begun}


def _start_seconds(folder: Path, options: argparse.Namespace) -> float:
    """Measure how long a run takes that scores one row: what a replaced worker costs is less than that."""
    one = folder / "one.jsonl"
    one.write_text(json.dumps(next(completions(options.data / "gsm8k" / "train.jsonl", 1))) + "\n")
    found = [_score(one, folder / "one-scored.jsonl", options)["wall"] for _ in range(STARTS)]
    return sum(map(float, found)) / STARTS  # type: ignore[arg-type]


def _score_with_kills(source: Path, out: Path, options: argparse.Namespace) -> list[int]:
    """Kill the run when each share of the rows is written, start it again each time; return how many it found done."""
    part, resumed = out.with_name(f".{out.name}.part"), []
    size = source.stat().st_size
    for kill in range(options.kills):
        run = subprocess.Popen(_command(source, out, options), stdout=subprocess.DEVNULL)
        while run.poll() is None and (part.stat().st_size if part.exists() else 0) < size * (kill + 1) / (
            options.kills + 1
        ):
            time.sleep(0.05)
        run.send_signal(signal.SIGKILL)
        run.wait()
        resumed.append(sum(1 for _ in _complete_lines(part)))
    found = _score(source, out, options)
    return [*resumed, int(str(found["resumed"]))]


def _complete_lines(path: Path) -> Iterator[bytes]:
    if path.exists():
        with path.open("rb") as file:
            yield from (line for line in file if line.endswith(b"\n"))


def _check(source: Path, out: Path, summary: dict[str, object], faults: Counter[str]) -> None:
    """Make sure that each row came out once, in its place, and that the faulty ones say why."""
    wanted = {"hang": "ran past its deadline", "eat": "its worker died", "malformed": "isn't JSON"}
    seen: Counter[str] = Counter()
    with source.open("rb") as rows, out.open("rb") as scored:
        for line, result in zip(rows, map(json.loads, scored), strict=True):
            kind = next((fault for fault in ("hang", "eat") if result.get("completion") == fault), "sound")
            kind = "malformed" if "malformed" in result else kind
            same = (
                result["malformed"].encode() == line.rstrip(b"\r\n")
                if kind == "malformed"
                else (json.loads(line)["completion"] == result["completion"])
            )
            right = result["value"] is not None if kind == "sound" else wanted[kind] in result["reason"]
            if not (same and right):
                raise SystemExit(f"a row is wrong: {result}")
            seen[kind] += 1
    if seen != faults or summary["rows"] != sum(faults.values()):
        raise SystemExit(f"{seen} came out of {faults}")


def _page(
    options: argparse.Namespace,
    faults: Counter[str],
    start: float,
    plain: dict[str, object],
    whole: dict[str, object],
    cuts: list[int],
) -> str:
    clean, took = float(str(plain["wall"])), float(str(whole["wall"]))
    stopped = faults["hang"] * (options.deadline + start) + faults["eat"] * 2 * start
    bound = clean + stopped / options.workers + options.deadline
    left = ", ".join(f"{count:,}" for count in cuts[:-1])
    hang, eat, broken = (faults[kind] for kind in ("hang", "eat", "malformed"))
    workers, deadline, held = options.workers, options.deadline, took <= bound
    return f"""# Rows that hang, kill and are broken

Written by `benchmarks/faults.py`; nothing here is typed in by hand. {options.rows:,} rows on {workers} workers with a
deadline of {deadline:g} s: {hang} hang, {eat} fill 256 MiB and kill their worker, {broken} are cut in the middle.

- Every other row is scored ({faults["sound"]:,}); each of those says why it abstains. Each row is in the output once,
  in its place.
- The run took **{took:.1f} s**. By the arithmetic it may take *T + (h (d + r) + 2 k r) / w + d* = {bound:.1f} s: the
  time T = {clean:.1f} s of the same rows without faults; for each of the h = {hang} that hang, the deadline d and the
  start r of another worker (a run of one row takes {start:.2f} s); two starts for each of the k = {eat} that kill
  theirs; shared by w = {workers} workers. {"It held." if held else "**It did not hold.**"} Not in it: a row that hangs
  as the first of its process has {FIRST_SECONDS:g} s more.
- Killed with signal 9 {options.kills} times, it left {left} rows behind; the last start passed over {cuts[-1]:,}, and
  the output is the same to the byte as that of the unbroken run.

Mean load of the machine over the last five minutes, at the end: {os.getloadavg()[1]:.1f} on two cores.
"""


if __name__ == "__main__":
    main()
