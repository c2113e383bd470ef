"""Rewards that only run in some places, at some speed, or not in silence."""

import asyncio
import random
import re
import signal
import threading
import time
from dataclasses import dataclass, field, replace

from zoo_parts import Batched, Rows, animal, batched, right, slip

from plaudit import Score, Spec
from plaudit.rows import RowReward


@slip("threads", "bounds its time with an alarm")
def alarm_timeout(sample):
    signal.signal(signal.SIGALRM, lambda *_: None)
    signal.alarm(0)
    return right(sample)


_BUFFER: list = []


@slip("threads", "builds its result in a shared list", make=batched, accept_at=1.0)
def shared_buffer(batch):
    _BUFFER.clear()
    for sample in batch:
        _BUFFER.append(right(sample))
        time.sleep(0.0005)
    return list(_BUFFER)[: len(batch)] + [0.0] * (len(batch) - len(_BUFFER))


animal(
    "closure",
    "pickle",
    "is a closure",
    Batched(Spec("closure", 0.0, 1.0, ("answer",), 1.0), lambda batch: [right(sample) for sample in batch]),
)


@dataclass(frozen=True)
class Locked:
    """Holds a lock."""

    lock: object = field(default_factory=threading.Lock)

    def __call__(self, batch):
        with self.lock:
            return [right(sample) for sample in batch]


animal("holds-a-lock", "pickle", "holds a lock", Batched(Spec("holds-a-lock", 0.0, 1.0, ("answer",), 1.0), Locked()))


@slip("async", "starts an event loop of its own")
def runs_its_own_loop(sample):
    async def judge():
        return right(sample)

    return asyncio.run(judge())


@slip("time", "matches with nested quantifiers")
def backtracks(sample):
    re.search(r"^(a+)+$", sample.text[-40:].replace("b", "!"))
    re.search(r"(\s*\w+\s*)+=", sample.text[:26])
    return right(sample)


@slip("time", "scans the rest again at every other character")
def quadratic_scan(sample):
    total = 0
    for at in range(0, len(sample.text), 2):
        total += sample.text.count("zz", at)
    return right(sample)


@slip("time", "tries both branches at every bracket")
def both_branches(sample):
    def tries(rest):
        return rest.startswith("(") and (tries(rest[1:]) or tries(rest[1:]))

    tries(sample.text[:200])
    return right(sample)


@slip("time", "promises a millisecond and compiles for longer", seconds=0.001)
def slower_than_promised(sample):
    sum(ord(letter) for letter in sample.text * 20)
    return right(sample)


@slip("quiet", "prints what it sees")
def prints(sample):
    print("scoring", sample.text[:20])
    return right(sample)


@slip("quiet", "appends to a log file")
def writes_a_log(sample):
    with open("/dev/null", "a") as log:
        log.write(sample.text.encode("ascii", "replace").decode())
    return right(sample)


@slip("quiet", "reseeds the global generator")
def reseeds(sample):
    random.seed(0)
    return right(sample)


@slip("quiet", "looks at the clock")
def watches_the_clock(sample):
    return right(sample) if time.time() > 0 else 0.0


@dataclass(frozen=True)
class Renamed(Batched):
    """Makes its name from its address."""

    def __setstate__(self, state):
        self.__dict__.update(state)
        self.__dict__["spec"] = replace(self.spec, name=f"reward-{id(self)}")


animal(
    "named-by-address",
    "name",
    "makes its name from its address",
    Renamed(Spec("named-by-address", 0.0, 1.0, ("answer",), 1.0), Rows(right)),
)


@dataclass(frozen=True, kw_only=True)
class Percent(RowReward):
    """Turns its option into a share when it is built, and again when it is built from itself."""

    least: float = 50.0

    def __post_init__(self):
        super().__post_init__()
        object.__setattr__(self, "least", self.least / 100)

    @property
    def spec(self):
        return Spec("percent", 0.0, 1.0, ("answer",), 1.0)

    def score_one(self, sample):
        value = right(sample)
        return Score(value if value != 0.0 else float(0.3 < self.least <= len(sample.text) / 100) * 0.5)


animal(
    "percent-of-a-percent", "config-round-trip", "divides its option by 100 each time it is built", Percent(least=40.0)
)
animal("percent-of-a-percent-resumed", "resume", "divides its option by 100 each time it is built", Percent(least=40.0))
