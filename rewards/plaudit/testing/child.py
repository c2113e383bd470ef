"""The child process: scores batches far from the parent, and says what else the reward did.

Started by `isolated.py` as `python -m plaudit.testing.child`. It reads a pickled job from standard input, and writes
JSON lines, two per batch, to a private copy of standard output, so that what the reward prints can't disturb it.
"""

from __future__ import annotations

import json
import os
import pickle
import random
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

from plaudit.engines.imports import watch_imports

IMPORTING, IMPORTED = '{"import": "begun"}', '{"import": "done"}'

WATCHED_CLOCKS = ("time", "time_ns", "localtime", "gmtime", "strftime", "ctime")
REAL_PROCESS_TIME = time.process_time


class Watch:
    """Notes what a reward touches outside itself while `on`."""

    def __init__(self) -> None:
        self.on = False
        self.seen: dict[str, str] = {}

    def note(self, effect: str, what: str) -> None:
        """Note the first of each kind of effect."""
        if self.on:
            self.seen.setdefault(effect, what)

    def audit(self, event: str, arguments: tuple[Any, ...]) -> None:
        """Take Python's own audit events."""
        if not self.on:
            return
        if event == "open" and not _is_import(str(arguments[0])):
            self.note("files", f"opens {arguments[0]!r}")
        elif event.startswith(("os.remove", "os.rename", "os.mkdir", "os.rmdir", "shutil.")):
            self.note("files", event)
        elif event in ("socket.connect", "socket.getaddrinfo", "socket.sendto"):
            self.note("network", f"{event} {arguments[-1]!r}")

    def clock(self, name: str) -> Callable[[], Any]:
        """Return a clock that notes when it is read."""
        real = getattr(time, name)

        def read() -> Any:
            self.note("clock", f"reads time.{name}()")
            return real()

        return read


def _is_import(path: str) -> bool:
    return path.endswith((".py", ".pyc", ".so", ".pth")) or path.isdigit() or path.startswith(sys.prefix)


def main() -> None:
    """Do one job."""
    report = os.fdopen(os.dup(1), "w")
    with tempfile.TemporaryFile() as printed:
        os.dup2(printed.fileno(), 1)
        job = pickle.load(sys.stdin.buffer)  # noqa: S301 - from our own parent process
        if job["watch"]:
            os.dup2(printed.fileno(), 2)
        watch = Watch()
        if job["watch"]:
            for name in WATCHED_CLOCKS:
                setattr(time, name, watch.clock(name))
        reward, batches = pickle.loads(job["reward"]), pickle.loads(job["batches"])  # noqa: S301 - the same
        imports = Imports(report)
        started = _settings()
        if job["watch"]:
            _score(reward, batches[0])
            sys.addaudithook(watch.audit)
        for number, batch in enumerate(batches):
            report.write(json.dumps({"batch": number, "begun": True}) + "\n")
            report.flush()
            answer = (
                _watched(reward, batch, watch, printed, started) if job["watch"] else _timed(reward, batch, imports)
            )
            report.write(json.dumps({"batch": number, **answer}) + "\n")
            report.flush()


class Imports:
    """Says when an import begins and ends, and how long they took: what a reward imports is not its time."""

    def __init__(self, report: IO[str]) -> None:
        self.seconds = self.waited = 0.0
        self._report = report
        watch_imports(self._begin, self._end)

    def _begin(self) -> None:
        self._say(IMPORTING)
        self.seconds -= REAL_PROCESS_TIME()
        self.waited -= time.monotonic()

    def _end(self) -> None:
        self.seconds += REAL_PROCESS_TIME()
        self.waited += time.monotonic()
        self._say(IMPORTED)

    def _say(self, line: str) -> None:
        self._report.write(line + "\n")
        self._report.flush()


def _timed(reward: Any, batch: Any, imports: Imports) -> dict[str, Any]:
    begun, since = REAL_PROCESS_TIME() - imports.seconds, time.monotonic() - imports.waited
    values = _score(reward, batch)
    spent, waited = REAL_PROCESS_TIME() - imports.seconds - begun, time.monotonic() - imports.waited - since
    return {"values": values, "seconds": spent, "waited": waited}


def _settings() -> dict[str, Any]:
    """What holds for the whole process."""
    import decimal
    import locale

    return {
        "locale": locale.setlocale(locale.LC_ALL),
        "environment": dict(os.environ),
        "folder": Path.cwd(),
        "decimal precision": (decimal.getcontext().prec, decimal.getcontext().rounding),
        "recursion limit": sys.getrecursionlimit(),
    }


def _watched(reward: Any, batch: Any, watch: Watch, printed: Any, started: dict[str, Any]) -> dict[str, Any]:
    sys.stdout.flush()
    sys.stderr.flush()
    random.seed(time.monotonic_ns())
    size, state = os.fstat(printed.fileno()).st_size, random.getstate()
    watch.seen, watch.on = {}, True
    values = _score(reward, batch)
    watch.on = False
    sys.stdout.flush()
    sys.stderr.flush()
    if os.fstat(printed.fileno()).st_size > size:
        watch.seen["output"] = "prints"
    if random.getstate() != state:
        watch.seen["random"] = "draws from the global random generator"
    changed = [name for name, value in _settings().items() if value != started[name]]
    if changed:
        watch.seen["process"] = f"changes the {changed[0]} of the whole process"
    return {"values": values, "effects": watch.seen}


def _score(reward: Any, batch: Any) -> list[Any]:
    from plaudit.failures import FAILED

    try:
        scores = list(reward.score(batch))
    except Exception as error:  # noqa: BLE001 - reported to the parent, which judges it
        return [{"raised": type(error).__name__, "message": str(error)[:200]}] * len(batch)
    return [
        {"raised": score.reason.removeprefix(FAILED).partition(":")[0], "message": score.reason[:200]}
        if score.reason.startswith(FAILED)
        else score.value
        for score in scores
    ]


if __name__ == "__main__":
    main()
