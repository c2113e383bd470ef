"""`Attack`: one way to earn without being right, and the one property that all attacks share."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from hypothesis.strategies import SearchStrategy

from plaudit.protocol import Sample
from plaudit.testing.attacks.moves import Move
from plaudit.testing.context import Context, search
from plaudit.testing.law import NotApplicableError
from plaudit.testing.results import CheckResult, Counterexample, Premium
from plaudit.testing.statistics import premium_of
from plaudit.testing.tasks import Task

MARGIN = 1e-9


@dataclass(frozen=True)
class Board:
    """What honest work earns on each task, to compare an attack with.

    Attributes:
        tasks: The tasks on which the honest answers earn numbers.
        bounds: Per task, what an attack may earn at most: the best honest wrong answer, or the right shape.
        best: Per task, what the best honest answer earns.
    """

    tasks: tuple[Task, ...]
    bounds: tuple[float, ...]
    best: tuple[float, ...]


@dataclass(frozen=True)
class Attack:
    """One attack.

    It fools a reward when one of its moves, on tasks with two or more different golds, reaches `accept_at` or earns
    more than the best honest wrong answer. (For a reward that judges only the shape: more than the right shape.)

    Attributes:
        number: Its place in the list.
        slug: What tests and the command line call it.
        sentence: What it does.
        explain: Why it works on careless rewards, and how to mend them.
        moves: The Hypothesis strategy that draws its moves.
        special: A check of its own, for attacks that no single completion makes.

    >>> from plaudit.testing import ATTACKS
    >>> ATTACKS["hedge"].number
    9
    """

    number: int
    slug: str
    sentence: str
    explain: str
    moves: SearchStrategy[Move] | None = None
    special: Callable[[Context, Board], Counterexample | str | None] | None = None
    needs: str = "tasks"

    @property
    def label(self) -> str:
        """How tables and test ids name it."""
        return f"attack-{self.number:02d}-{self.slug}"

    def on(self, task: Task) -> SearchStrategy[str | None]:
        """Draw completions of one task; None stands for a move that can't be played on it."""
        if self.moves is None:
            raise NotApplicableError(f"the attack {self.slug!r} is not made of single completions")
        return self.moves.map(lambda move: move.on(task))

    def run(self, context: Context) -> CheckResult:
        """Play the attack on one reward."""
        begun = time.perf_counter()
        premium: Premium | None = None
        note, found = "", None
        try:
            board = honest_board(context)
            if self.special is not None:
                verdict = self.special(context, board)
            else:
                verdict, premium = self._play(context, board)
        except NotApplicableError as missing:
            return CheckResult(self.slug, self.number, self.sentence, "not-applicable", str(missing), kind="attack")
        except Exception as error:  # noqa: BLE001 - shown as a failure of this reward, with the error
            verdict = context.odd(error)
        if isinstance(verdict, Counterexample):
            found = verdict
        else:
            note = verdict or (f"premium {premium}" if premium else "")
        return CheckResult(
            law=self.slug,
            number=self.number,
            sentence=self.sentence,
            outcome="failed" if found else "passed",
            note=note,
            counterexample=found,
            reproduce=context.command(self.slug) if found else "",
            seconds=time.perf_counter() - begun,
            kind="attack",
            premium=premium,
        )

    def _play(self, context: Context, board: Board) -> tuple[Counterexample | None, Premium | None]:
        earned: dict[int, float] = {}

        def broken(move: Move) -> str | None:
            played = play(context, board, move)
            for index, (_, value) in played.items():
                if isinstance(value, (int, float)):
                    earned[index] = max(earned.get(index, value), value)
            return verdict_on(context, board, outcomes(played))

        strategy: Any = self.moves
        found = search(strategy, broken, context.profile, context.seed)
        premium = premium_of([value - board.best[index] for index, value in earned.items()]) if earned else None
        if found is None:
            if not earned:
                raise NotApplicableError("none of its moves can be played against what this reward judges")
            return None, premium
        move, problem = found
        return Counterexample(
            problem, context.shown(fooled_samples(context, board, play(context, board, move)))
        ), premium


def honest_board(context: Context) -> Board:
    """Score honest work on every task."""
    tasks = context.need_tasks(2)
    if len({str(task.gold) for task in tasks}) < 2:
        raise NotApplicableError("needs tasks with two or more different golds")
    rows = [(task, *_honest(context, task)) for task in tasks]
    kept = [(task, bound, best) for task, bound, best in rows if bound is not None and best is not None]
    if len({str(task.gold) for task, _, _ in kept}) < 2:
        raise NotApplicableError("needs tasks, of two or more golds, on whose honest answers the reward gives a number")
    return Board(tuple(row[0] for row in kept), tuple(row[1] for row in kept), tuple(row[2] for row in kept))


def _honest(context: Context, task: Task) -> tuple[float | None, float | None]:
    reasoning = ("", "I work it out.")
    right = _numbers(context, [task.sample(answer, before) for answer in task.right for before in reasoning])
    wrong = _numbers(context, [task.sample(answer, before) for answer in task.wrong for before in reasoning])
    if not right:
        return None, None
    best = max(right)
    return (max(right + wrong) if context.judges_shape else max(wrong, default=None)), best


def _numbers(context: Context, samples: Sequence[Sample]) -> list[float]:
    return [value for value in context.values(samples) if isinstance(value, (int, float))]


def play(context: Context, board: Board, move: Move) -> Played:
    """Play one move on every task on which it can be played; return samples and outcomes by task."""
    judged = "shape" if context.judges_shape else "answer"
    if move.breaks not in (judged, "both"):
        return {}
    texts = [move.on(task) for task in board.tasks]
    samples = {index: board.tasks[index].completed(text) for index, text in enumerate(texts) if text is not None}
    values = context.values(list(samples.values()))
    return {index: (sample, value) for (index, sample), value in zip(samples.items(), values, strict=False)}


Played = dict[int, tuple[Sample, Any]]
"""Samples and outcomes, by the number of the task."""


def outcomes(played: Played) -> dict[int, Any]:
    """Return the outcomes alone."""
    return {index: value for index, (_, value) in played.items()}


def fooled_samples(context: Context, board: Board, played: Played) -> list[Sample]:
    """Return two samples that show how the reward was fooled."""
    fooled = _fooled(context, board, outcomes(played))
    return [played[index][0] for index in fooled][:2]


def _fooled(context: Context, board: Board, values: dict[int, Any]) -> list[int]:
    accept = context.spec.accept_at
    return [
        index
        for index, value in values.items()
        if isinstance(value, (int, float))
        and ((accept is not None and value >= accept) or value > board.bounds[index] + MARGIN)
    ]


def verdict_on(context: Context, board: Board, values: dict[int, Any]) -> str | None:
    """Say how an attack fooled the reward: only what holds for two or more different golds counts."""
    accept, fooled = context.spec.accept_at, _fooled(context, board, values)
    golds = {str(board.tasks[index].gold) for index in fooled}
    if len(golds) < 2:
        return None
    index = fooled[0]
    against = (
        f"accepted from {accept:g}"
        if accept is not None and values[index] >= accept
        else f"honest work earns {board.bounds[index]:g}"
    )
    return f"pays {values[index]:g} for it ({against}), and likewise for {len(golds)} different golds"
