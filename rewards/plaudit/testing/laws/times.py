"""Law 21: how long a sample may take, and what never ends."""

from __future__ import annotations

from statistics import median

from plaudit.protocol import Sample
from plaudit.testing.context import Context, Rehearsal
from plaudit.testing.isolated import Answer, score_apart
from plaudit.testing.law import NotApplicableError, Verdict, law
from plaudit.testing.laws.fixed import fixed_batch
from plaudit.testing.results import Counterexample

GROWTH: tuple[tuple[str, str], ...] = (
    ("letters", "a"),
    ("spaces", " "),
    ("digits", "9"),
    ("open brackets", "("),
    ("open braces", "{"),
    ("nested boxes", "\\boxed{"),
    ("fractions", "\\frac{1}{"),
    ("powers", "9^"),
    ("open tags", "<think>"),
    ("half tags", "<"),
    ("words", "so "),
    ("lines", "\n"),
    ("commas", "1,"),
    ("backtracking bait", "aaaa b"),
)
SMALL = 64
"""A text of this many characters, in any kind of growth, may turn up in other checks too."""
FLOOR_SECONDS = 0.2


SLOW_SECONDS = 2.0
"""A text that takes longer, and ten times as long as most, is left to this law: the others ask hundreds of times."""


def rehearse(context: Context) -> Rehearsal:
    """Score ordinary and short texts in a process that can be killed, to find those that stall the reward or slow it.

    Whatever is checked in this process comes after it. A reward that can't be sent to another process is not tried.
    """
    batches = [[sample] for sample in fixed_batch(context, whole=True)]
    batches += [_grown(context, text, SMALL) for _, text in GROWTH]
    seconds = context.profile.deadline_seconds
    try:
        answers = score_apart(context.plain, batches, deadline_seconds=seconds)
        last = answers[-1]
        if last.finished or last.error:
            return Rehearsal(slow=_slow(context, batches, answers))
    except NotApplicableError:
        return Rehearsal()
    stuck = min(batches[len(answers) - 1], key=lambda sample: len(sample.text))
    size = len(stuck.text)
    return Rehearsal(
        Counterexample(f"had to be killed after {seconds:g} s on a text of {size} characters", context.shown([stuck]))
    )


def _slow(context: Context, batches: list[list[Sample]], answers: list[Answer]) -> dict[str, float]:
    """Find the slow texts; twice, since the first sample pays for what the reward prepares, and machines get busy."""
    usual = median(answer.waited for answer in answers)

    def found(batches: list[list[Sample]], answers: list[Answer]) -> list[tuple[list[Sample], float]]:
        pairs = [(batch, answer.waited) for batch, answer in zip(batches, answers, strict=False) if answer.finished]
        return [(batch, waited) for batch, waited in pairs if waited > max(SLOW_SECONDS, 10 * usual)]

    again = [batch for batch, _ in found(batches, answers)]
    if not again:
        return {}
    first, *second = score_apart(
        context.plain, [batches[-1], *again], deadline_seconds=context.profile.deadline_seconds
    )
    return {batch[0].text: waited for batch, waited in found(again, second) if first.finished}


@law(
    21,
    "time",
    "Time grows no faster than the input does, and every sample stays within the promised time.",
    needs="nothing",
    explain="""A model finds the input that stalls the run: nested braces for a backtracking pattern, 9^9^9 for a
    symbolic engine. Tested in a child process, which is killed at its deadline, with fourteen kinds of growing text
    inside and outside the answer. Measured in processor time: eight times the input may take 24 times as long, and
    nothing under 0.2 s counts.""",
)
def bounded_time(context: Context) -> Verdict:
    """Law 21."""
    if context.stall is not None:
        return context.stall
    largest = context.profile.growth
    cases = [(kind, text, size) for size in (SMALL, largest // 8, largest) for kind, text in GROWTH]
    batches = [_grown(context, text, size) for _, text, size in cases]
    answers = score_apart(context.plain, batches, deadline_seconds=context.profile.deadline_seconds)
    for index, ((kind, _, size), answer) in enumerate(zip(cases, answers, strict=False)):
        code = context.shown(batches[index])
        if not answer.finished:
            said = answer.error or f"had to be killed after {context.profile.deadline_seconds:g} s"
            return Counterexample(f"{said}, on {size} characters of {kind}", code)
        each = answer.seconds / len(batches[index])
        if context.spec.seconds is not None and each > context.spec.seconds:
            return Counterexample(
                f"takes {each:.2g} s for one sample of {kind}, and promises {context.spec.seconds:g} s", code
            )
        before = answers[index - len(GROWTH)].seconds
        if size == largest and answer.seconds > FLOOR_SECONDS and answer.seconds > 24 * before:
            return Counterexample(
                f"takes {before:.2g} s for {size // 8} characters of {kind}, and {answer.seconds:.2g} s for {size}",
                code,
            )
    slowest = max(answer.seconds for answer in answers)
    slow = "".join(
        f"; {waited:.2g} s for {text!r}, which the other checks leave out" for text, waited in context.slow.items()
    )
    return f"at most {slowest:.2g} s of processor time for {context.profile.growth} characters{slow}"


def _grown(context: Context, text: str, size: int) -> list[Sample]:
    grown = (text * (size // len(text) + 1))[:size]
    if not context.tasks:
        return [Sample(grown, "What is 6 times 7?", dict.fromkeys(context.spec.reads, "42"))]
    task = context.tasks[0]
    return [task.completed(grown), task.sample(grown), task.sample(task.right[0], grown)]
