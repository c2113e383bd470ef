"""Laws 1 to 7: what a reward gives back, and what it leaves alone."""

from __future__ import annotations

import copy
import functools
import inspect
import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from plaudit.adapters.foreign import Foreign
from plaudit.protocol import Sample, Score
from plaudit.testing.context import Context, Raised
from plaudit.testing.law import Verdict, law
from plaudit.testing.laws.fixed import few, fixed_batch
from plaudit.testing.strategies import TRAPS, chats, empty_chats, hostile_texts


@law(
    1,
    "length",
    "A reward gives one score per sample.",
    needs="nothing",
    explain="""A trainer assigns the list to a column of the batch; TRL broadcasts a list of one over the whole
    batch without a word, and then every completion has the same pay. Tested on batches of 0 to 5 samples. To mend
    it, build the list in one comprehension over the batch.""",
)
def length(context: Context) -> Verdict:
    """Law 1."""

    def broken(batch: list[Sample]) -> str | None:
        got = context.raw(batch)
        return f"{len(got)} values for {len(batch)} samples" if len(got) != len(batch) else None

    return context.falsify(context.batches(min_size=1), broken, context.shown, surely=[few(context)])


@law(
    2,
    "empty-batch",
    "An empty batch gets an empty list.",
    needs="nothing",
    explain="""The last shard of an uneven batch may be empty. A reward that takes a mean or a maximum over the
    batch divides by zero there. Tested by asking for no samples at all.""",
)
def empty_batch(context: Context) -> Verdict:
    """Law 2."""
    from plaudit.testing.results import Counterexample

    try:
        ask = getattr(context.plain, "raw", context.plain.score)
        got: Any = list(ask([]))
    except Exception as error:  # noqa: BLE001 - any error at all breaks this law
        return Counterexample(f"raises {type(error).__name__}: {error}", context.shown([]))
    return None if got == [] else Counterexample(f"gives {got!r} for no samples", context.shown([]))


def _each(context: Context, problem: Any) -> Verdict:
    def broken(batch: list[Sample]) -> str | None:
        return next((said for value in _numbers(context.raw(batch)) if (said := problem(value))), None)

    surely = ([sample] for sample in fixed_batch(context))
    return context.falsify(context.batches(min_size=1, max_size=3), broken, context.shown, surely=surely)


def _numbers(raw: Sequence[Any]) -> list[Any]:
    bare = [value.value if isinstance(value, Score) else value for value in raw]
    return [value for value in bare if not isinstance(value, Raised)]


@law(
    3,
    "number",
    "Each score is a number, or None to abstain.",
    needs="nothing",
    explain="""A bool, a text or a tensor slips through in one trainer and ends the run in the next. True is no
    score: write float(…). Tested on what the reward's own code returns, before our types refuse it.""",
)
def number(context: Context) -> Verdict:
    """Law 3."""

    def problem(value: Any) -> str | None:
        fine = value is None or (isinstance(value, (int, float)) and not isinstance(value, bool))
        return None if fine else f"gives {value!r} ({type(value).__name__}), not a number"

    return _each(context, problem)


@law(
    4,
    "finite",
    "No score is NaN or infinite.",
    needs="nothing",
    explain="""One NaN poisons the mean of its group, and in some trainers the whole step; TRL reads NaN as an
    abstention that nobody meant. To abstain, return None.""",
)
def finite(context: Context) -> Verdict:
    """Law 4."""

    def problem(value: Any) -> str | None:
        return f"gives {value}" if isinstance(value, float) and not math.isfinite(value) else None

    return _each(context, problem)


@law(
    5,
    "range",
    "Every score lies in the declared range, and tasks reach both ends of it.",
    needs="spec",
    explain="""Clips, normalisation and composition rely on the declared range. A range far wider than what is ever
    paid is as misleading as one that is too narrow, so for a single reward with tasks both ends must be reached by
    some completion: right, wrong, blank or malformed. A composite's range is computed and may be wider than what
    its parts can reach together.""",
)
def declared_range(context: Context) -> Verdict:
    """Law 5."""
    low, high = context.spec.low, context.spec.high

    def problem(value: Any) -> str | None:
        if isinstance(value, (int, float)) and math.isfinite(value) and not low <= value <= high:
            return f"gives {value}, outside the declared range {low:g} to {high:g}"
        return None

    return _each(context, problem) or _ends(context)


def _ends(context: Context) -> Verdict:
    """Both ends of the range are reached by something that a model may write."""
    from plaudit.testing.results import Counterexample

    shaping = context.spec.accept_at is None and not context.reads_gold
    if not context.tasks or shaping or hasattr(context.plain, "children") or hasattr(context.plain, "judge"):
        return None
    task = context.tasks[0]
    texts = [task.render(answer) for answer in (*task.right, *task.wrong, "", "no idea", "I " * 300)]
    marks = "".join(task.form.tags)
    texts += [
        "",
        "?",
        marks,
        marks * 2,
        *(text + text for text in texts[:2]),
        *(text + "\n" + text for text in texts[:2]),
    ]
    got = [
        value for value in context.values([task.completed(text) for text in texts]) if isinstance(value, (int, float))
    ]
    for end in (context.spec.low, context.spec.high):
        if got and not any(math.isclose(value, end, abs_tol=1e-9) for value in got):
            seen = f"{min(got):g} to {max(got):g}"
            return Counterexample(
                f"declares {context.spec.low:g} to {context.spec.high:g}, but right, wrong, blank and malformed "
                f"completions earn {seen}: {end:g} is never paid",
                context.shown([task.completed(text) for text in texts[:2]]),
            )
    return None


@law(
    6,
    "total",
    "A reward never raises for anything that a model can write.",
    needs="nothing",
    explain="""Completions come empty, with NUL characters, lone surrogates, right-to-left marks, 100 000 characters
    long, as messages whose content is None (tool calls), or with no message at all. In most trainers one exception
    ends the run. Under our own policy the row abstains and is counted, but a reward that counts on that is still
    broken.""",
)
def total(context: Context) -> Verdict:
    """Law 6."""
    huge = st.sampled_from(("a" * 100_000, "1" * 5_000, "(" * 5_000, "\\frac{" * 2_000))
    text = st.one_of(hostile_texts(), empty_chats(), huge)
    shaped = hostile_texts().flatmap(lambda drawn: st.sampled_from(chats(drawn)))

    def broken(sample: Sample) -> str | None:
        value = context.value(sample)
        return value.said if isinstance(value, Raised) else None

    strategy = st.one_of(context.samples(), context.samples(text), context.samples(shaped))
    like = fixed_batch(context)[0]
    odd = (replace(like, completion=shape) for text in TRAPS for shape in chats(text))
    return context.falsify(
        strategy, broken, lambda sample: context.shown([sample]), share=3, surely=(*fixed_batch(context), *odd)
    )


class _Watched:
    """A stranger's function, with a look at its lists before and after each call."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function, self.changed = function, ""
        functools.update_wrapper(self, function)  # adapters look at the signature

    def __call__(self, *given: Any, **named: Any) -> Any:
        before = copy.deepcopy({name: value for name, value in named.items() if isinstance(value, list)})
        found = self.function(*given, **named)
        self.changed = next((name for name, value in before.items() if named[name] != value), self.changed)
        return found


def _changed_lists(context: Context, batch: list[Sample]) -> str:
    """Score; of a trainer's own function look at the lists that the trainer would hand to the next one."""
    plain: Any = context.plain
    if not isinstance(plain, Foreign) or inspect.iscoroutinefunction(plain.function):
        context.raw(batch)
        return ""
    watched = _Watched(plain.function)
    try:
        replace(plain, function=watched).raw(batch)
    except Exception:  # noqa: BLE001 - the law `total` judges what a reward raises
        return ""
    return f"changes the list {watched.changed!r} that a trainer hands to every reward" if watched.changed else ""


@law(
    7,
    "no-mutation",
    "Scoring changes nothing that was passed in.",
    needs="nothing",
    explain="""The trainer logs the same lists, and hands them to the next reward. A reward that strips, sorts or
    pops in place changes what the others see. Tested by comparing the batch with a deep copy made before.""",
)
def no_mutation(context: Context) -> Verdict:
    """Law 7."""
    shaped = context.samples(st.sampled_from(["4", "<SOLUTION>4</SOLUTION>"]).map(lambda text: chats(text)[-1]))

    def broken(batch: list[Sample]) -> str | None:
        before = copy.deepcopy([sample.__getstate__() for sample in batch])
        if said := _changed_lists(context, batch):
            return said
        after = [sample.__getstate__() for sample in batch]
        if len(before) != len(batch):
            return "adds to the batch, or takes from it"
        changed = [name for old, new in zip(before, after, strict=True) for name in old if old[name] != new[name]]
        return f"changes the {changed[0]} that it was given" if changed else None

    batch = few(context)
    return context.falsify(
        st.lists(st.one_of(context.samples(), shaped), min_size=1, max_size=3),
        broken,
        context.shown,
        surely=[batch, [replace(sample, completion=chats(sample.text)[-1]) for sample in batch]],
    )
