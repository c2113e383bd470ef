"""Law 21: how long a sample may take, and what never ends."""

from __future__ import annotations

from plaudit.protocol import Sample
from plaudit.testing.context import Context
from plaudit.testing.isolated import score_apart
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


def stall(context: Context) -> Counterexample | None:
    """Look for an ordinary or short text that the reward never finishes, in a process that can be killed.

    Whatever is checked in this process comes after it. A reward that can't be sent to another process is not tried.
    """
    batches = [[sample] for sample in fixed_batch(context)] + [_grown(context, text, SMALL) for _, text in GROWTH]
    try:
        answers = score_apart(context.plain, batches, deadline_seconds=context.profile.deadline_seconds)
    except NotApplicableError:
        return None
    last = answers[-1]
    if last.finished or last.error:
        return None
    stuck = min(batches[len(answers) - 1], key=lambda sample: len(sample.text))
    size = len(stuck.text)
    return Counterexample(
        f"had to be killed after {context.profile.deadline_seconds:g} s on a text of {size} characters",
        context.shown([stuck]),
    )


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
    return f"at most {slowest:.2g} s of processor time for {context.profile.growth} characters"


def _grown(context: Context, text: str, size: int) -> list[Sample]:
    grown = (text * (size // len(text) + 1))[:size]
    if not context.tasks:
        return [Sample(grown, "What is 6 times 7?", dict.fromkeys(context.spec.reads, "42"))]
    task = context.tasks[0]
    return [task.completed(grown), task.sample(grown), task.sample(task.right[0], grown)]
