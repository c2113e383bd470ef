"""One grader over the rows of a file, in a process of its own: JSON lines in, JSON lines out.

`python -m peers.child GRADER ROWS FIRST SOURCE CANARY OUT`. The first line written says that the grader is loaded and
warm; every further one is a row's outcome. Lines go to a file that the parent polls: a pipe would wake it after each
row, and at microseconds a row that shows. Whatever the grader prints goes nowhere.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from pathlib import Path
from typing import Any

from peers.adapters import ADAPTERS, Adapter

ADDRESS_SPACE_BYTES = 4 << 30
# loads whatever a grader loads late: parsers, an engine's process; the same for every grader, none of it in the data
WARM_UP = (
    ("so \\boxed{12}.", "12"),
    ("so \\boxed{\\frac{3}{7}+x}.", "x+3/7"),
    ("so \\boxed{\\sqrt{50}}.", "5\\sqrt{2}"),
    ("so \\boxed{(1,2)}.", "(1,3)"),
    ("so \\boxed{\\{3,4\\}}.", "\\{4,3\\}"),
    ("so \\boxed{\\sin^2 t+\\cos^2 t}.", "1"),
    ("so \\boxed{\\int_0^1 6x\\,dx}.", "3"),
    ("so \\boxed{\\begin{pmatrix}1&2\\end{pmatrix}}.", "\\begin{pmatrix}1&2\\end{pmatrix}"),
    ("so \\boxed{B}.", "B"),
    ("#### 17", "17"),
)


def main() -> None:
    """Grade every row from FIRST on."""
    name, rows, first, source, canary, out = sys.argv[1:]
    _silence()
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE_BYTES, ADDRESS_SPACE_BYTES))
    lines = Path(rows).read_text(encoding="utf-8").splitlines()[int(first) :]
    questions = [json.loads(line) for line in lines]
    adapter = ADAPTERS[name](Path(source))
    for text, gold in WARM_UP:
        _grade(adapter, text, gold, "completion")
    file = os.open(out, os.O_WRONLY | os.O_APPEND)
    _write(file, {"ready": True, "peak_bytes": _peak.after(wall=1.0)})
    clear = _clear_caches if name.endswith("-cold") else None
    for question in questions:
        _write(file, _outcome(adapter, question, Path(canary), clear))


def _silence() -> None:
    if "BENCHMARK_DEBUG" not in os.environ:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 1)
        os.dup2(nowhere, 2)


def _write(file: int, value: dict[str, Any]) -> None:
    os.write(file, (json.dumps(value) + "\n").encode())


def _outcome(adapter: Adapter, row: dict[str, Any], canary: Path, clear: Any) -> dict[str, Any]:
    text = row["text"] if "text" in row else "".join(part * times for part, times in row["parts"])
    armed = "{CANARY}" in text
    text = text.replace("{CANARY}", str(canary)) if armed else text
    if clear is not None:
        clear()
    outcome = _grade(adapter, text, row["gold"], row["mode"])
    if armed and canary.exists():
        outcome["code_ran"] = True
        canary.unlink()
    return outcome


def _grade(adapter: Adapter, text: str, gold: str, mode: str) -> dict[str, Any]:
    whole = mode == "completion"
    given = (adapter.completion if whole else adapter.answer)(text)
    judge = adapter.judge if whole or adapter.judge_answer is None else adapter.judge_answer
    verdict, exception = None, None
    wall, start = time.perf_counter(), time.process_time()
    try:
        verdict = judge(given, gold)
    except BaseException as escaped:  # noqa: BLE001 (what escapes is what is measured; Math-Verify's is no Exception)
        exception = f"{type(escaped).__name__}: {escaped}"[:200]
    seconds = time.process_time() - start
    wall = time.perf_counter() - wall
    return {
        "verdict": verdict,
        "seconds": seconds + _children.seconds_since_last(waited=wall - seconds),
        "wall": wall,
        "exception": exception,
        "peak_bytes": _peak.after(wall),
    }


class Children:
    """What the grader's own child processes cost: looked at only after a row that waited for something."""

    def __init__(self) -> None:
        self._seconds = 0.0
        self.peak_bytes = 0

    def seconds_since_last(self, waited: float) -> float:
        """Processor seconds of live and reaped children since the last look."""
        if waited < 2e-4:
            return 0.0
        live = _live_children()
        reaped = resource.getrusage(resource.RUSAGE_CHILDREN)
        before, self._seconds = self._seconds, reaped.ru_utime + reaped.ru_stime + sum(map(_live_seconds, live))
        self.peak_bytes = max(self.peak_bytes, sum(high_water_bytes(pid) for pid in live))
        return max(0.0, self._seconds - before)


class Peak:
    """Peak resident memory, looked up again only after rows that took long enough to change it."""

    def __init__(self) -> None:
        self._bytes = 0

    def after(self, wall: float) -> int:
        """Bytes of this process and its children, at their highest so far."""
        if wall > 1e-3 or not self._bytes:
            self._bytes = high_water_bytes("self") + _children.peak_bytes
        return self._bytes


_children = Children()
_peak = Peak()


def _live_children() -> list[int]:
    tasks = Path("/proc/self/task")
    try:
        return [int(pid) for task in tasks.iterdir() for pid in (task / "children").read_text().split()]
    except OSError:
        return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit() and _is_ours(entry)]


def _is_ours(process: Path) -> bool:
    try:
        return int((process / "stat").read_text().rpartition(")")[2].split()[1]) == os.getpid()
    except (OSError, ValueError):
        return False


def _live_seconds(pid: int) -> float:
    try:
        return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e9
    except (OSError, ValueError, IndexError):
        return 0.0


def high_water_bytes(pid: int | str) -> int:
    """Peak resident memory of a process; 0 for one that is gone."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    return next((int(line.split()[1]) << 10 for line in status.splitlines() if line.startswith("VmHWM")), 0)


def _clear_caches() -> None:
    for name, module in list(sys.modules.items()):
        if name.startswith("plaudit"):
            for value in list(vars(module).values()):
                if callable(getattr(value, "cache_clear", None)):
                    value.cache_clear()


if __name__ == "__main__":
    main()
