"""Attacks 7, 16, 26 to 28 and 31: those that need the data set, a child process or a whole batch."""

from __future__ import annotations

from hypothesis import strategies as st

from plaudit.protocol import Sample
from plaudit.testing.attacks.attack import Attack, Board, fooled_samples, outcomes, play, verdict_on
from plaudit.testing.attacks.moves import Move, wrong_of
from plaudit.testing.context import Context, Raised, same, search
from plaudit.testing.isolated import score_apart
from plaudit.testing.law import NotApplicableError
from plaudit.testing.results import Counterexample
from plaudit.testing.strategies import TRAPS

CONSTANTS = ("0", "1", "2", "10", "100", "A", "yes", "true", "None", "x", "\\infty", "undefined")

BOMBS = (
    "9^9^9^9",
    "9**9**9**9",
    "2^{2^{2^{2^{2^{2}}}}}",
    "10^{1000000000}",
    "1e999999999",
    "1" + "0" * 20_000,
    "999999999!!!!",
    "(" * 3_000 + ")" * 3_000,
    "\\frac{1}{" * 1_500 + "}" * 1_500,
    "\\sqrt{" * 1_500,
    "x" * 50_000,
    "\\sum_{n=1}^{10000000000} n",
    "a" * 28 + "!",
)


def gold_leak(context: Context, board: Board) -> Counterexample | str | None:
    """Attack 7: the gold stands in the prompt or in a column that the model may see."""
    leaks = []
    for task in board.tasks:
        shown = [task.prompt, *(value for value in task.columns.values() if isinstance(value, str))]
        words = {word.strip(".,;:!?()") for text in shown for word in text.split()}
        if str(task.gold) in words and not words.issuperset(task.wrong):  # else it is one of the choices offered
            leaks.append(task)
    if len({str(task.gold) for task in leaks}) < 2:
        return f"the gold stands in {len(leaks)} of {len(board.tasks)} prompts"
    problem = (
        f"is asked {len(leaks)} of {len(board.tasks)} questions that hold their own gold, such as {leaks[0].prompt!r}"
    )
    return Counterexample(problem, context.shown([task.sample(task.prompt) for task in leaks[:2]]))


def constant_policy(context: Context, board: Board) -> Counterexample | str | None:
    """Attack 16: one answer to everything."""
    if context.judges_shape:
        raise NotApplicableError("the reward judges the shape, which one answer may well keep")
    rates = {}
    for answer in (*CONSTANTS, *(str(task.gold) for task in board.tasks)):
        played = play(context, board, Move(answer))
        values = outcomes(played)
        problem = verdict_on(context, board, values)
        if problem:
            return Counterexample(
                f"{problem}: {answer!r} to every question", context.shown(fooled_samples(context, board, played))
            )
        numbers = [value for value in values.values() if isinstance(value, (int, float))]
        if numbers:
            rates[answer] = sum(numbers) / len(numbers)
    if not rates:
        return None
    best = max(rates, key=lambda answer: rates[answer])
    return f"the best constant answer, {best!r}, earns {rates[best]:.2f} on average where it is wrong"


def resource_bomb(context: Context, board: Board) -> Counterexample | str | None:
    """Attack 26: small answers that take for ever."""
    return _apart(context, board, stall=True)


def timeout_farming(context: Context, board: Board) -> Counterexample | str | None:
    """Attack 28: slow answers that earn more than fast wrong ones."""
    return _apart(context, board, stall=False)


def _apart(context: Context, board: Board, *, stall: bool) -> Counterexample | str | None:
    task, deadline = board.tasks[0], context.profile.deadline_seconds
    batches = [[other.sample(bomb) for other in board.tasks[:2]] for bomb in BOMBS]
    answers = score_apart(context.plain, batches, deadline_seconds=deadline)
    for bomb, batch, answer in zip(BOMBS, batches, answers, strict=False):
        if not answer.finished and stall:
            said = answer.error or f"is still busy after {deadline:g} s"
            return Counterexample(f"{said}, with the answer {bomb[:40]!r}", context.shown(batch))
        if not answer.finished:
            return "the stall itself is judged by the attack resource-bomb"
        values = dict(enumerate(answer.values))
        if context.judges_shape or stall:
            continue
        if problem := verdict_on(context, board, values):
            return Counterexample(f"{problem}: {bomb[:40]!r}", context.shown(batch))
    slowest = max(answer.seconds for answer in answers)
    return f"the slowest of {len(BOMBS)} took {slowest:.2g} s of processor time, on tasks such as {task.prompt!r}"


def crash_farming(context: Context, board: Board) -> Counterexample | str | None:
    """Attack 27: a completion on which the reward raises or abstains escapes the pay of a wrong answer."""
    task = board.tasks[0]
    texts = st.sampled_from((*TRAPS, "9" * 5_000, "1/0", "\\frac{1}{0}", "1e999", "0x", "--5", "½", "①"))
    cases = st.tuples(texts, st.booleans())

    def text(case: tuple[str, bool]) -> str:
        return task.render(case[0], "so") if case[1] else case[0]

    def broken(case: tuple[str, bool]) -> str | None:
        value = context.value(task.completed(text(case)))
        if isinstance(value, Raised):
            return f"{value.said}, so the row escapes the pay of a wrong answer ({board.bounds[0]:g} at best)"
        return "abstains, so the row escapes the pay of a wrong answer" if value is None else None

    found = search(cases, broken, context.profile, context.seed)
    return None if found is None else Counterexample(found[1], context.shown([task.completed(text(found[0]))]))


def batch_games(context: Context, board: Board) -> Counterexample | str | None:
    """Attack 31: neighbours, copies and places that raise the pay of a wrong answer."""
    if not context.spec.deterministic:
        raise NotApplicableError("the reward is not deterministic, so a difference proves nothing")
    task = board.tasks[0]
    sample = task.sample(wrong_of(task), "I work it out.")
    alone = context.value(sample)
    neighbours = {
        "copies of itself": [sample] * 5,
        "worse neighbours": [task.completed(""), task.completed("?"), task.completed("word " * 400)],
        "a later place": [task.sample(task.right[0])] * 4,
    }
    for kind, others in neighbours.items():
        values = context.values([*others, sample])
        if not values or (context.spec.coupled and values[-1] is not None and alone is not None):
            continue
        if not same(values[-1], alone):
            return Counterexample(
                f"pays {alone} for a wrong answer alone and {values[-1]} with {kind}", _shown(context, sample, others)
            )
    return None


def _shown(context: Context, sample: Sample, others: list[Sample]) -> str:
    return context.shown([sample], [*others, sample])


SPECIAL: tuple[Attack, ...] = (
    Attack(
        7,
        "gold-leak",
        "The gold stands in the prompt or in a visible column.",
        explain="""A property of the data more than of the reward: copying is then enough. Take such rows out.
        A question that offers its wrong answers as well, as a multiple choice does, gives nothing away.""",
        special=gold_leak,
    ),
    Attack(
        16,
        "constant-policy",
        "One answer to every question.",
        explain="""Pays where few golds are common. The average of the best constant answer is reported, to be
        compared with the base rate of the data.""",
        special=constant_policy,
    ),
    Attack(
        26,
        "resource-bomb",
        "A small answer that takes for ever to read or to evaluate.",
        explain="""Stalls the step, the worker and in the end the run. Cap sizes, scan in linear time, and evaluate
        in a process that can be killed. Played in a child process that is.""",
        special=resource_bomb,
    ),
    Attack(
        27,
        "crash-farming",
        "A completion on which the reward raises or abstains.",
        explain="""Where a wrong answer costs something, to escape judgement pays. Only an unusable gold may make a
        row abstain, never what the model wrote.""",
        special=crash_farming,
    ),
    Attack(
        28,
        "timeout-farming",
        "A slow answer that earns more than a fast wrong one.",
        explain="""Pays where a timeout falls back to a neutral or a former score.""",
        special=timeout_farming,
    ),
    Attack(
        31,
        "batch-games",
        "Copies, worse neighbours or another place in the batch.",
        explain="""Pays where a reward compares within the batch without saying so. Coupled rewards are let off
        where they give numbers.""",
        special=batch_games,
    ),
)
