"""Rewards that hang, die, eat memory or leave traces, each where the completion says so."""

import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from plaudit import Sample, Score, Spec, reward
from plaudit.engines.workers import Workers

PIECE = 64 * 1024**2


@reward(low=0.0, high=1.0)
def faulty(completion: str) -> float:
    """Do what the completion orders; anything else is worth 1."""
    order, _, detail = completion.partition(" ")
    if order == "hang":
        while True:
            pass
    if order == "slow":
        time.sleep(float(detail.split()[0]))
    if order == "eat":
        kept = []
        while True:
            kept.append(bytearray(PIECE))
    if order == "die":
        os.kill(os.getpid(), signal.SIGKILL)
    if order == "exit":
        sys.exit(int(detail))
    if order == "import":
        sys.modules.pop("slow_import", None)
        import slow_import

        return float(slow_import.READY)
    if order == "raise":
        raise KeyError(detail)
    if order == "print":
        print("noise")  # noqa: T201 - that is the fault
    if order == "die-once":  # as when somebody else's memory is freed by killing us
        mark = Path(detail)
        if not mark.exists():
            mark.touch()
            os.kill(os.getpid(), signal.SIGKILL)
    if order == "fork":  # and let the fork go on as if it were the worker
        os.fork()
    if order == "nurse":  # hangs with a child of its own, and writes its number down
        child = subprocess.Popen([sys.executable, "-c", "while True: pass"])
        Path(detail).write_text(f"{os.getpid()} {child.pid}")
        child.wait()
    return 1.0


@dataclass(frozen=True)
class Rank:
    """Coupled: each completion is worth its rank by length in its group; a group with `hang` in it hangs."""

    @property
    def spec(self) -> Spec:
        """From 0 up."""
        return Spec("rank", 0.0, 1e6, coupled=True)

    def score(self, batch, /):
        """Rank a group, or several."""
        while any(sample.text == "hang" for sample in batch):
            pass
        return [
            Score(float(sum(len(other.text) < len(sample.text) for other in batch if other.group == sample.group)))
            for sample in batch
        ]


@dataclass
class Worth:
    """A plain dataclass, which can't be hashed: every completion is worth the first of its values."""

    values: list[float]

    @property
    def spec(self) -> Spec:
        """From 0 to 1."""
        return Spec("worth", 0.0, 1.0)

    def score(self, batch, /):
        """Give each the same."""
        return [Score(self.values[0]) for _ in batch]


class Unloadable:
    """A reward that pickles here and fails there."""

    spec = Spec("unloadable", 0.0, 1.0)

    def score(self, batch, /):
        """Never gets so far."""
        return [Score(1.0) for _ in batch]

    def __reduce__(self):
        return _explode, ()


def _explode():
    raise RuntimeError("no licence file here")


class Suicidal(Unloadable):
    """A reward whose module ends the process that loads it."""

    def __reduce__(self):
        return os._exit, (7,)


def score_in_workers(text):
    """Score in workers of whatever process calls this; here, where another process finds it by a plain name."""
    with Workers(faulty, workers=1, deadline_seconds=30.0) as engine:
        return engine.score([Sample(text)])[0].value
