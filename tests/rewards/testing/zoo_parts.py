"""What the animals of both zoos are made of."""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from plaudit import Score, Spec
from plaudit.algebra import Algebra
from plaudit.testing import PROFILES
from plaudit.testing.tasks import NUMBERS

BOXED = tuple(replace(task, format="boxed") for task in NUMBERS)
TAGGED = tuple(replace(task, format="r1") for task in NUMBERS)
PATIENT = replace(PROFILES["quick"], seconds=60.0)
"""A busy machine must not end a search early."""
NOTATIONS = tuple(replace(task, right=(task.gold, f" {task.gold} ")) for task in BOXED)


@dataclass(frozen=True)
class Slip:
    """One broken reward: the law or attack meant for it, and what slipped."""

    law: str
    story: str
    reward: Any
    tasks: tuple = ()


@dataclass(frozen=True)
class Batched(Algebra):
    """A reward of a whole batch, written without our failure policy, as most are."""

    spec: Spec
    function: Callable[[list], list]

    foreign = True

    def raw(self, batch):
        return self.function(batch)

    def score(self, batch, /):
        return [value if isinstance(value, Score) else Score(value) for value in self.function(batch)]


def batched(function, low=0.0, high=1.0, accept_at=None, reads=("answer",), **facts):
    return Batched(Spec(function.__name__.replace("_", "-"), low, high, reads, accept_at, **facts), function)


def rowwise(function, low=0.0, high=1.0, accept_at=1.0, reads=("answer",), **facts):
    return Batched(Spec(function.__name__.replace("_", "-"), low, high, reads, accept_at, **facts), Rows(function))


@dataclass(frozen=True)
class Rows:
    """Scores row by row."""

    function: Callable

    def __call__(self, batch):
        return [self.function(sample) for sample in batch]


def box(text):
    """The content of the last box; empty where there is none."""
    start = text.rfind("\\boxed{")
    if start < 0:
        return ""
    depth, at = 1, start + 7
    while at < len(text) and depth:
        depth += {"{": 1, "}": -1}.get(text[at], 0)
        at += 1
    return text[start + 7 : at - 1] if not depth else ""


def right(sample):
    """An honest judgement of a boxed answer; None where the gold is unusable."""
    gold = str(sample.columns["answer"] or "").strip()
    if not gold:
        return None
    text = sample.text.partition("<|im_start|>")[0]
    return float(text.count("\\boxed{") == 1 and "not \\boxed" not in text and box(text).strip() == gold)


ZOO: dict[str, Slip] = {}


def slip(law, story, *, tasks=BOXED, make=rowwise, **facts):
    """Enter a function into the zoo."""

    def enter(function):
        ZOO[function.__name__.replace("_", "-")] = Slip(law, story, make(function, **facts), tasks)
        return function

    return enter


def animal(name, law, story, reward, tasks=BOXED):
    ZOO[name] = Slip(law, story, reward, tasks)


def num(text):
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None
