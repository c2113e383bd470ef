"""The last resort: a symbolic engine in a process of its own, killed at its deadline and replaced.

The child gets our expression trees as JSON, never model text, and builds sympy objects node by node. A plain
`subprocess` with pipes works from any thread, under asyncio, after fork and spawn, and inside daemonic processes.
"""

from __future__ import annotations

import atexit
import json
import os
import queue
import subprocess
import sys
import threading
from pathlib import Path
from time import monotonic
from typing import IO, Any

from plaudit.answers.tree import STRUCTURES, Node, walk

MAX_NODES = 400
START_SECONDS = 30.0
MAX_FAILED_STARTS = 3
REST_SECONDS = 300.0
Decision = tuple[bool | None, str]


def decide(prediction: Node, gold: Node, seconds: float) -> Decision:
    """Ask the engine whether two expressions are equal; None where it can't say, is too slow or died.

    One case runs at a time. The deadline is wall time and counts from when the case starts, not from when it queues;
    the first case also waits for the engine to start. Where it can't be started, the verdict says so, and why.
    """
    nodes = [*walk(prediction), *walk(gold)]
    if len(nodes) > MAX_NODES or any(node.op in STRUCTURES and node.op != "empty" for node in nodes):
        return None, "undecided: no layer settles it, and it is nothing for the symbolic engine"
    return engine.ask(prediction, gold, seconds)


class Engine:
    """One child process and the lock that hands it one case at a time."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Forget the child, as a forked process must: its pipes belong to the parent."""
        self._lock = threading.Lock()
        self._failed_starts = 0
        self._failure = ""
        self._rests_until = 0.0
        self._child: subprocess.Popen[str] | None = None
        self._lines: queue.SimpleQueue[str] = queue.SimpleQueue()

    @property
    def pid(self) -> int | None:
        """Process id of the running child, if there is one."""
        return self._child.pid if self._child is not None else None

    def ask(self, prediction: Node, gold: Node, seconds: float) -> Decision:
        """Judge one case."""
        with self._lock:
            if not self._start():
                return None, f"undecided: the symbolic engine could not be started ({self._failure})"
            answer = self._exchange(json.dumps([encode(prediction), encode(gold)]), seconds)
        verdict = {"equal": True, "different": False}.get(answer)
        if verdict is not None:
            return verdict, f"symbolic engine: {answer}"
        return None, f"undecided: the symbolic engine {_REASONS.get(answer, 'could not say')}"

    def _start(self) -> bool:
        if self._child is not None and self._child.poll() is None:
            return True
        self.stop()
        if self._failed_starts >= MAX_FAILED_STARTS and monotonic() < self._rests_until:
            return False
        self._lines = queue.SimpleQueue()
        # run by path, to import none of our package; -P keeps our modules' names from hiding the standard library's
        command = [sys.executable, "-P", str(Path(__file__).with_name("symbolic_worker.py"))]
        try:
            self._child = subprocess.Popen(  # noqa: S603 (our own interpreter and file)
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
                encoding="ascii",
            )
        except OSError as error:
            return self._failed(error.strerror or type(error).__name__)
        threading.Thread(target=_pump, args=(self._child.stdout, self._lines), daemon=True).start()
        first = self._receive(START_SECONDS)
        if first == "ready":
            self._failed_starts = 0
            return True
        return self._failed(_START_FAILURES.get(first, "it said something else than that it is ready"))

    def _failed(self, why: str) -> bool:
        """Count a start that came to nothing; after a few in a row the engine is left alone for a while."""
        self.stop()
        self._failed_starts += 1
        self._failure = why
        if self._failed_starts >= MAX_FAILED_STARTS:
            self._failure += f"; {self._failed_starts} starts failed, the next one is tried in {REST_SECONDS:g} s"
            self._rests_until = monotonic() + REST_SECONDS
        return False

    def _exchange(self, message: str, seconds: float) -> str:
        child = self._child
        if child is None or child.stdin is None:  # pragma: no cover (started above)
            return "died"
        try:
            child.stdin.write(message + "\n")
            child.stdin.flush()
        except OSError:
            self.stop()
            return "died"
        answer = self._receive(seconds)
        if answer in ("late", "died"):
            self.stop()
        return answer

    def _receive(self, seconds: float) -> str:
        try:
            return self._lines.get(timeout=seconds).strip() or "died"
        except queue.Empty:
            return "late"

    def stop(self) -> None:
        """Kill the child, if there is one; the next case starts another."""
        child, self._child = self._child, None
        if child is not None:
            child.kill()
            child.wait()
            if child.stdin is not None:
                try:
                    child.stdin.close()
                except OSError:
                    return  # what was still to be written to a dead process


_START_FAILURES = {
    "late": f"it was not ready within {START_SECONDS:g} s",
    "died": "it ended before it was ready; is sympy installed?",
}
_REASONS = {"late": "ran past its deadline", "died": "died on this case"}


def _pump(stream: IO[str] | None, lines: queue.SimpleQueue[str]) -> None:
    if stream is None:  # pragma: no cover (always a pipe)
        return
    with stream:
        for line in stream:
            lines.put(line)
    lines.put("")


def encode(node: Node) -> list[Any]:
    """Write a tree as JSON: [operation, value, arguments]; fractions as two strings of digits."""
    value = node.value
    if node.op in ("num", "dec"):
        fraction = value if node.op == "num" else value[0]
        return ["num", [str(fraction.numerator), str(fraction.denominator)], []]
    if node.op == "based":
        return ["num", [str(int(*value)), "1"], []]
    return [node.op, list(value) if isinstance(value, tuple) else value, [encode(child) for child in node.args]]


engine = Engine()
atexit.register(engine.stop)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=engine.reset)
