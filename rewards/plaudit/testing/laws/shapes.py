"""Laws 33 to 36: what the shape of a completion may earn, and what neutral text around the answer may not."""

from __future__ import annotations

from itertools import product

from hypothesis import strategies as st

from plaudit.formats import Format
from plaudit.testing.context import Context, same
from plaudit.testing.law import NotApplicableError, Verdict, law
from plaudit.testing.laws.batches import RANDOM
from plaudit.testing.strategies import NEUTRAL, WORDS, completions
from plaudit.testing.tasks import Task

PLAIN = ("42", "-3", "blue", "x + 1", "I give up")
OTHER_WORDS = (*((answer, NEUTRAL[1]) for answer in PLAIN[1:]), (PLAIN[0], "I add the numbers.\n\nThen I check them."))
"""Answers and reasoning that leave the shape as it is."""


def shaped_task(context: Context) -> Task:
    """Return a task of a reward that judges the shape."""
    task = context.need_tasks()[0]
    if context.reads_gold:
        raise NotApplicableError("the reward judges the answer, not the shape")
    return task


@law(
    33,
    "separation",
    "A format reward ignores what the answer says; an answer reward ignores neutral reasoning.",
    needs="tasks",
    waived_by=(RANDOM,),
    explain="""Each judge looks at its own thing, so that a curve means what its name says. A format reward that
    pays more for some answers, or an answer reward that pays more for some reasoning, mixes them. Tested by
    changing only the other's part; a format reward must take reasoning over several lines as well, which a pattern
    without re.DOTALL doesn't.""",
)
def separation(context: Context) -> Verdict:
    """Law 33."""
    tasks = context.need_tasks()
    pairs = (
        [
            (task, (answer, NEUTRAL[1]), (answer, words))
            for words in NEUTRAL[2:]
            for task in tasks
            for answer in (*task.right, *task.wrong)
        ]
        if context.reads_gold
        else [(task, (PLAIN[0], NEUTRAL[1]), other) for task in tasks for other in OTHER_WORDS]
    )

    def broken(case: tuple[Task, tuple[str, str], tuple[str, str]]) -> str | None:
        task, one, other = case
        first, second = context.value(task.sample(*one)), context.value(task.sample(*other))
        part = "reasoning" if context.reads_gold or one[0] == other[0] else "answer"
        return None if same(first, second) else f"pays {first} and {second} where only the {part} differs"

    return context.falsify(
        st.sampled_from(pairs),
        broken,
        lambda case: context.shown([case[0].sample(*one) for one in case[1:]]),
        surely=pairs,
    )


def _built(form: Format, upto: int, reasoning: str, answer: str) -> str:
    """Write a completion with only the first marks."""
    words = [reasoning, answer, "", ""] if not form.solution_open else [reasoning, "", answer, ""]
    opening = "" if form.prefilled else form.reasoning_open
    marks = [mark for mark in (opening, form.reasoning_close, form.solution_open, form.solution_close) if mark]
    if not form.reasoning_close:
        words = words[1:] if form.solution_open else words
    text = "" if opening else words.pop(0)
    for index, mark in enumerate(marks):
        text += (mark if index < upto else "") + (words[index] if index < len(words) else "")
    return text


@law(
    34,
    "monotone-shape",
    "Each required mark, added once in its place, never lowers the pay; a second copy never raises it.",
    needs="tasks",
    waived_by=(RANDOM,),
    explain="""A shaping reward is a slope towards the right shape. Where it falls on the way, the model turns back;
    where a second copy of a tag pays, the model writes tags. Tested by building the shape mark by mark, and by
    doubling each mark.""",
)
def monotone_shape(context: Context) -> Verdict:
    """Law 34."""
    task = shaped_task(context)
    if not task.form.tags:
        raise NotApplicableError(f"the format {task.form.name!r} has no marks")
    count = len(task.form.tags)
    cases = list(product(range(count), product(("so", *NEUTRAL[1:]), PLAIN), (False, True)))

    def texts(case: tuple[int, tuple[str, str], bool]) -> tuple[str, str]:
        mark, (reasoning, answer), doubled = case
        if not doubled:
            return _built(task.form, mark, reasoning, answer), _built(task.form, mark + 1, reasoning, answer)
        whole, tag = task.render(answer, reasoning), task.form.tags[mark]
        return whole.replace(tag, tag + tag, 1), whole

    def broken(case: tuple[int, tuple[str, str], bool]) -> str | None:
        worse, better = texts(case)
        low, high = context.value(task.completed(worse)), context.value(task.completed(better))
        if isinstance(low, (int, float)) and isinstance(high, (int, float)) and low > high + 1e-9:
            return f"pays {low} for {worse!r} and {high} for {better!r}"
        return None

    return context.falsify(
        st.sampled_from(cases),
        broken,
        lambda case: context.shown([task.completed(text) for text in texts(case)]),
        surely=cases,
    )


@law(
    35,
    "anchored",
    "Plain text before or after a completion never turns a refused shape into an accepted one.",
    needs="tasks",
    waived_by=(RANDOM,),
    explain="""A pattern that isn't anchored to the whole completion accepts what stands somewhere inside it. Tested
    by putting words without any mark before and after completions that are refused.""",
)
def anchored(context: Context) -> Verdict:
    """Law 35."""
    task = shaped_task(context)
    context.need_accept()
    if not task.form.solution_open:
        raise NotApplicableError(f"in the format {task.form.name!r} any text after the working is the solution")
    junk = st.lists(st.sampled_from([word for word in WORDS if word.strip()]), min_size=1, max_size=6).map(" ".join)
    marks = [one + other for one in ("", *task.form.tags) for other in task.form.tags]
    cases = st.tuples(st.one_of(st.sampled_from(marks), completions(task.form)), junk, st.booleans())

    def longer(case: tuple[str, str, bool]) -> str:
        text, word, before = case
        return f"{word} {text}" if before else f"{text} {word}"

    def broken(case: tuple[str, str, bool]) -> str | None:
        before, after = context.value(task.completed(case[0])), context.value(task.completed(longer(case)))
        if context.accepts(before) or not context.accepts(after):
            return None
        return f"refuses {case[0]!r} and accepts {longer(case)!r}"

    return context.falsify(
        cases,
        broken,
        lambda case: context.shown([task.completed(case[0]), task.completed(longer(case))]),
        share=3,
        surely=product(marks, ("so", " ".join(word for word in WORDS if word.strip())), (False, True)),
    )


@law(
    36,
    "length-neutral",
    "Neutral filler in the reasoning never raises the pay.",
    needs="tasks",
    waived_by=(RANDOM,),
    explain="""If filler pays, completions grow until they hit the limit. A reward on length itself needs no tasks,
    and then this law doesn't apply. Tested with 1 to 200 copies of a neutral sentence before right and wrong
    answers.""",
)
def length_neutral(context: Context) -> Verdict:
    """Law 36."""
    tasks = context.need_tasks()
    answers = [(task, answer) for task in tasks for answer in (*task.right, *task.wrong)]
    cases = list(product(answers, NEUTRAL[1:], (1, 2, 10, 50, 200)))

    def both(case: tuple[tuple[Task, str], str, int]) -> tuple[str, str]:
        (task, answer), filler, count = case
        return task.render(answer, filler), task.render(answer, " ".join([filler] * (count + 1)))

    def broken(case: tuple[tuple[Task, str], str, int]) -> str | None:
        short, long = both(case)
        before, after = (context.value(case[0][0].completed(text)) for text in (short, long))
        if isinstance(before, (int, float)) and isinstance(after, (int, float)) and after > before + 1e-9:
            return f"pays {before}, and {after} with {case[2]} more copies of {case[1]!r}"
        return None

    return context.falsify(
        st.sampled_from(cases),
        broken,
        lambda case: context.shown([case[0][0].completed(text) for text in both(case)]),
        surely=(case for case in cases if case[2] in (1, 200)),
    )
