"""Laws 25 to 32: what a reward that reads the gold must make of right and wrong answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from typing import Any

from hypothesis import strategies as st

from plaudit.errors import PlauditError
from plaudit.functions import FunctionReward
from plaudit.registry import option_types
from plaudit.testing.context import Context, same
from plaudit.testing.law import NotApplicableError, Verdict, law
from plaudit.testing.laws.batches import RANDOM
from plaudit.testing.results import Counterexample
from plaudit.testing.statistics import share
from plaudit.testing.strategies import NEUTRAL
from plaudit.testing.tasks import Task

Case = tuple[Task, str, str]
"""A task, an answer, and the reasoning before it."""


def answered(context: Context, which: Callable[[Task], tuple[str, ...]]) -> list[Case]:
    """Every task with each of its answers, behind neutral reasoning."""
    cases = [(task, answer, words) for words in NEUTRAL for task in context.need_gold() for answer in which(task)]
    if not cases:
        raise NotApplicableError("its tasks have no such answers")
    return cases


def _falsify(context: Context, cases: list[Case], broken: Callable[[Case], str | None]) -> Verdict:
    code = _shown(context)
    return context.falsify(st.sampled_from(cases), broken, code, surely=cases)


def _shown(context: Context) -> Callable[[Case], str]:
    return lambda case: context.shown([case[0].sample(case[1], case[2])])


def paid(context: Context, task: Task, answer: str, reasoning: str = "") -> Any:
    """Score a well-formed completion."""
    return context.value(task.sample(answer, reasoning))


@law(
    25,
    "gold-accepted",
    "Every right rendering of the gold is accepted.",
    needs="tasks",
    explain="""A right answer that is refused teaches the model that being right does not pay. Tested with every
    rendering that the tasks promise, behind neutral reasoning.""",
)
def gold_accepted(context: Context) -> Verdict:
    """Law 25."""
    context.need_accept()

    def broken(case: Case) -> str | None:
        value = paid(context, *case)
        return None if context.accepts(value) else f"pays {value} for the right answer {case[1]!r}"

    return _falsify(context, answered(context, lambda task: task.right), broken)


@law(
    26,
    "wrong-refused",
    "No wrong answer is accepted.",
    needs="tasks",
    explain="""A false positive is what reinforcement learning looks for. Every wrong answer of the tasks is tried;
    their share is reported with a 95 % Wilson interval, because none among forty is no proof of none.""",
)
def wrong_refused(context: Context) -> Verdict:
    """Law 26."""
    context.need_accept()
    pairs = [(task, answer) for task in context.need_gold() for answer in task.wrong]
    fooled = [(task, answer) for task, answer in pairs if context.accepts(paid(context, task, answer))]
    if not fooled:
        return f"wrong answers accepted: {share(0, len(pairs))}"
    task, answer = min(fooled, key=lambda case: len(case[1]))
    problem = f"accepts the wrong answer {answer!r} where the gold is {task.gold!r}; {share(len(fooled), len(pairs))}"
    return Counterexample(problem, context.shown([task.sample(answer)]))


@law(
    27,
    "equivalence",
    "Right renderings of one gold earn the same.",
    needs="tasks",
    waived_by=(RANDOM,),
    explain="""If 1/2 earns more than 0.5, the model learns a notation instead of mathematics. Tested with the
    renderings that the tasks declare equal; a reward that pays for one notation only should declare only that one.""",
)
def equivalence(context: Context) -> Verdict:
    """Law 27."""
    many = [task for task in context.need_gold() if len(task.right) > 1]
    if not many:
        raise NotApplicableError("needs a task with two or more right renderings")
    cases = answered(context, lambda task: task.right if task in many else ())

    def broken(case: Case) -> str | None:
        task, answer, reasoning = case
        first, value = paid(context, task, task.right[0], reasoning), paid(context, *case)
        return None if same(first, value) else f"pays {first} for {task.right[0]!r} and {value} for {answer!r}"

    return _falsify(context, cases, broken)


@law(
    28,
    "symmetry",
    "Whether two answers are the same does not depend on which of them is the gold.",
    needs="tasks",
    waived_by=(RANDOM,),
    explain="""A comparison that parses the gold strictly and the answer loosely, or swaps its arguments, shows
    here. Tested by swapping gold and answer; pairs where either way abstains are left out. Tolerances relative to
    the gold are not symmetric by nature, so nearly equal numbers are not tried.""",
)
def symmetry(context: Context) -> Verdict:
    """Law 28."""
    context.need_accept()

    def pairs(task: Task) -> tuple[str, ...]:
        return (*task.right, *task.wrong) if isinstance(task.gold, str) else ()

    def broken(case: Case) -> str | None:
        task, answer, _ = case
        turned = replace(task, gold=answer, right=(), wrong=())
        one, other = paid(context, task, answer), paid(context, turned, str(task.gold))
        if one is None or other is None or context.accepts(one) == context.accepts(other):
            return None
        return f"pays {one} for {answer!r} against the gold {task.gold!r}, but {other} the other way round"

    return _falsify(context, answered(context, pairs), broken)


def decimal(task: Task) -> Decimal | None:
    """Read the gold as a finite decimal number."""
    try:
        value = Decimal(str(task.gold).replace(",", ""))
    except InvalidOperation:
        return None
    return value if value.is_finite() else None


TOLERANCES = ("rel", "abs", "far", "tolerance", "rel_tol", "abs_tol")


@law(
    29,
    "tolerance-monotone",
    "A smaller error never pays less, and neither does a wider tolerance.",
    needs="tasks",
    waived_by=(RANDOM,),
    explain="""Partial credit must fall as the error grows, on both sides of the gold, for negative golds and for
    zero. Ratios to a gold that is negative or zero are the usual slip. Tested with two errors of one sign on each
    numeric gold and, where the reward has a tolerance as an option, with a wider one.""",
)
def tolerance_monotone(context: Context) -> Verdict:
    """Law 29."""
    numeric = [task for task in context.need_gold() if decimal(task) is not None]
    if not numeric:
        raise NotApplicableError("its tasks have no numeric gold")
    steps = st.integers(0, 60).map(lambda step: Decimal(step) / 20)
    cases = st.tuples(st.sampled_from(numeric), st.sampled_from((1, -1)), steps, steps)

    def answers(case: tuple[Task, int, Decimal, Decimal]) -> tuple[str, str]:
        task, sign, one, other = case
        gold = decimal(task) or Decimal(0)
        size = abs(gold) or Decimal(1)
        return str(gold + sign * size * min(one, other)), str(gold + sign * size * max(one, other))

    def broken(case: tuple[Task, int, Decimal, Decimal]) -> str | None:
        nearer, farther = answers(case)
        better, worse = paid(context, case[0], nearer), paid(context, case[0], farther)
        if _number(better) and _number(worse) and worse > better + 1e-9 and Decimal(nearer) != Decimal(farther):
            return f"pays {better} for {nearer} and {worse} for {farther}, where the gold is {case[0].gold}"
        return None

    found = context.falsify(
        cases, broken, lambda case: context.shown([case[0].sample(answer) for answer in answers(case)])
    )
    return found or _wider(context, numeric)


def _wider(context: Context, numeric: list[Task]) -> Verdict:
    name = next((name for name in TOLERANCES if option_types(context.plain).get(name) is float), None)
    if name is None:
        return None
    plain: Any = context.plain
    now = dict(plain.options).get(name, 0.0) if isinstance(plain, FunctionReward) else getattr(plain, name)
    try:
        options = {name: now + 0.05}
        wider = plain.using(**options) if isinstance(plain, FunctionReward) else replace(plain, **options)
    except PlauditError:
        return None
    for task in numeric:
        for answer in (*task.right, *task.wrong):
            before, after = paid(context, task, answer), context.values([task.sample(answer)], wider)[0]
            if _number(before) and _number(after) and after < before:
                problem = f"pays {before} for {answer!r}, and {after} once {name} is {now + 0.05:g} instead of {now:g}"
                return Counterexample(problem, context.shown([task.sample(answer)]))
    return None


def _number(value: Any) -> bool:
    return isinstance(value, (int, float))


@law(
    30,
    "degradation",
    "Damaging a right answer, character by character, never raises its pay.",
    needs="tasks",
    waived_by=(RANDOM,),
    explain="""If a broken answer earns more than a better one, the model learns to break it. Tested by overwriting
    a right answer from its end with #, one character more each time.""",
)
def degradation(context: Context) -> Verdict:
    """Law 30."""
    answers = [(task, answer) for task, answer, words in answered(context, lambda task: task.right) if not words]
    cases = [(task, answer, count) for task, answer in answers for count in range(1, max(1, len(answer)) + 1)]

    def damaged(answer: str, count: int) -> str:
        return answer[: len(answer) - count] + "#" * min(count, len(answer))

    def broken(case: tuple[Task, str, int]) -> str | None:
        task, answer, count = case
        before, after = damaged(answer, count - 1), damaged(answer, count)
        better, worse = paid(context, task, before), paid(context, task, after)
        if _number(better) and _number(worse) and worse > better + 1e-9:
            return f"pays {better} for {before!r} and {worse} for the more damaged {after!r}"
        return None

    return context.falsify(
        st.sampled_from(cases),
        broken,
        lambda case: context.shown(
            [case[0].sample(damaged(case[1], case[2] - 1)), case[0].sample(damaged(case[1], case[2]))]
        ),
        surely=cases,
    )


@law(
    31,
    "not-constant",
    "Some pair of answers earns different pay, and so does one answer when only the gold moves.",
    needs="tasks",
    waived_by=(RANDOM,),
    explain="""A constant reward has no gradient: every group's advantages are zero, and the run trains on noise. A
    reward that reads the gold and never changes with it compares the wrong things.""",
)
def not_constant(context: Context) -> Verdict:
    """Law 31."""
    tasks = context.need_gold()
    samples = [task.sample(answer) for task in tasks for answer in (*task.right, *task.wrong)]
    values = context.values(samples)
    if all(same(value, values[0]) for value in values):
        return Counterexample(f"pays {values[0]} for every answer, right or wrong", context.shown(samples[:2]))
    for task in tasks:
        for other in tasks:
            moved = replace(task, gold=other.gold, right=(), wrong=())
            if not same(paid(context, task, task.right[0]), context.value(moved.sample(task.right[0]))):
                return None
    if len({str(task.gold) for task in tasks}) == 1:
        raise NotApplicableError("needs tasks with two different golds")
    return Counterexample(
        "pays the same for an answer, whatever the gold is", context.shown([tasks[0].sample(tasks[0].right[0])])
    )


@law(
    32,
    "killing",
    "A real defect put into a right answer lowers its pay.",
    needs="tasks",
    waived_by=(RANDOM,),
    explain="""A reward that is blind passes every law of equivalence. This one guards against that: the sign, a
    digit, a letter or the whole answer is changed so that it is certainly wrong, and the pay must fall.""",
)
def killing(context: Context) -> Verdict:
    """Law 32."""
    cases = [(task, defect) for task in context.need_gold() for defect in defects(str(task.gold))]

    def broken(case: tuple[Task, str]) -> str | None:
        task, defect = case
        right, hurt = paid(context, task, task.right[0]), paid(context, task, defect)
        if not _number(right) or not _number(hurt) or hurt < right:
            return None
        return f"pays {right} for {task.right[0]!r} and {hurt} for {defect!r}, which is wrong"

    return context.falsify(
        st.sampled_from(cases),
        broken,
        lambda case: context.shown([case[0].sample(case[0].right[0]), case[0].sample(case[1])]),
        surely=cases,
    )


def defects(gold: str) -> list[str]:
    """Return answers that are certainly not the gold.

    >>> defects("42"), defects("blue")
    (['5', '142', '-42', '53'], ['5', 'none', 'bluex'])
    """
    other = "5" if gold.strip() not in ("5", "5.0") else "6"
    if gold.replace(".", "").lstrip("-").isdigit():
        digits = gold.translate(str.maketrans("0123456789", "1234567890"))
        return [other, f"1{gold}", gold[1:] if gold.startswith("-") else f"-{gold}", digits]
    return [other, "none", f"{gold}x" if gold.isalpha() else f"{gold}+1"]
