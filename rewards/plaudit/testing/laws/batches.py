"""Laws 10 to 13 and 17: what may depend on the rest of the batch, and on the shape of the message."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import strategies as st

from plaudit.protocol import Sample
from plaudit.testing.context import Context, all_same, same
from plaudit.testing.law import Verdict, law
from plaudit.testing.laws.fixed import few, fixed_batch
from plaudit.testing.strategies import chats

RANDOM = "deterministic=False"


@law(
    10,
    "permutation",
    "Reordering a batch reorders the scores, and changes none.",
    needs="nothing",
    waived_by=(RANDOM,),
    explain="""Where a completion stands in its batch is chance. A reward that compares with the neighbour, breaks
    ties by position, or zips two lists that aren't aligned, pays for chance. Holds for coupled rewards as well.""",
)
def permutation(context: Context) -> Verdict:
    """Law 10."""

    def broken(case: tuple[list[Sample], list[int]]) -> str | None:
        batch, order = case
        moved = context.values([batch[index] for index in order])
        values = context.values(batch)
        expected = [values[index] for index in order]
        return None if all_same(moved, expected) else f"gives {moved} where the order alone changed from {expected}"

    cases = context.batches(min_size=2).flatmap(
        lambda batch: st.tuples(st.just(batch), st.permutations(range(len(batch))))
    )
    batch = few(context)
    return context.falsify(
        cases,
        broken,
        lambda case: context.shown(case[0], [case[0][index] for index in case[1]]),
        surely=[(batch, list(range(len(batch)))[::-1])],
    )


@law(
    11,
    "split",
    "A batch scored in two pieces gets the same scores as in one.",
    needs="nothing",
    waived_by=(RANDOM,),
    explain="""Trainers cut batches by memory and by process. A reward whose pay depends on the rest of the batch
    must say coupled=True; then only cuts between prompt groups are tested.""",
)
def split(context: Context) -> Verdict:
    """Law 11."""

    def broken(case: tuple[list[Sample], int]) -> str | None:
        batch, cut = case
        cut = min(cut, len(batch))
        if context.spec.coupled and 0 < cut < len(batch) and batch[cut - 1].group == batch[cut].group:
            return None
        whole, pieces = context.values(batch), context.values(batch[:cut]) + context.values(batch[cut:])
        return None if all_same(whole, pieces) else f"gives {whole} at once and {pieces} in two pieces"

    cases = st.tuples(context.batches(min_size=2), st.integers(0, 5))
    batch = few(context)
    return context.falsify(
        cases,
        broken,
        lambda case: context.shown(case[0], case[0][: case[1]], case[0][case[1] :]),
        surely=[(batch, cut) for cut in range(len(batch))],
    )


@law(
    12,
    "duplicates",
    "Equal samples in one batch get equal scores.",
    needs="nothing",
    waived_by=(RANDOM,),
    explain="""Two completions that are the same text for the same row deserve the same pay; else the difference is
    noise that the optimiser follows. A penalty for repeated answers must give it to every copy.""",
)
def duplicates(context: Context) -> Verdict:
    """Law 12."""

    def broken(case: tuple[list[Sample], Sample]) -> str | None:
        batch, twin = case
        values = context.values([twin, *batch, replace(twin)])
        return (
            None
            if same(values[0], values[-1])
            else f"pays {values[0]} for the first copy and {values[-1]} for the last"
        )

    cases = st.tuples(context.batches(max_size=3), context.samples())
    return context.falsify(
        cases,
        broken,
        lambda case: context.shown([case[1], *case[0], case[1]]),
        surely=[([], sample) for sample in fixed_batch(context)],
    )


@law(
    13,
    "shape",
    "A reply gets the same score as text, message, content parts, or the last of many turns.",
    needs="nothing",
    waived_by=(RANDOM,),
    explain="""Plain datasets give strings, conversational ones lists of messages, and tools make many turns. Code
    in the wild reads message 0 only, and so judges the wrong turn. Use sample.text, which is the text of the last
    assistant turn.""",
)
def shape(context: Context) -> Verdict:
    """Law 13."""

    def broken(sample: Sample) -> str | None:
        plain = context.value(sample)
        for shaped in chats(sample.text):
            value = context.value(replace(sample, completion=shaped))
            if not same(plain, value):
                return f"pays {plain} for the text and {value} for the same reply as {shaped!r}"
        return None

    def code(sample: Sample) -> str:
        plain, shapes = context.value(sample), [replace(sample, completion=shaped) for shaped in chats(sample.text)]
        return context.shown([sample], *[[shaped] for shaped in shapes if not same(plain, context.value(shaped))][:1])

    return context.falsify(context.samples(), broken, code, surely=fixed_batch(context))


@law(
    17,
    "abstain-local",
    "One row's abstention leaves every other row as it was.",
    needs="tasks",
    waived_by=(RANDOM, "coupled=True"),
    explain="""A gold that can't be read spoils its own row only. A reward that filters the batch first, and then
    zips the results back, shifts every later row by one. Tested by blanking the gold of one row.""",
)
def abstain_local(context: Context) -> Verdict:
    """Law 17."""
    column = context.need_gold()[0].column

    def spoiled(case: tuple[list[Sample], int]) -> list[Sample]:
        batch, at = case
        at %= len(batch)
        return [
            replace(sample, columns={**sample.columns, column: None}) if index == at else sample
            for index, sample in enumerate(batch)
        ]

    def broken(case: tuple[list[Sample], int]) -> str | None:
        batch, at = case
        before, after = context.values(batch), context.values(spoiled(case))
        kept = [index for index in range(len(batch)) if index != at % len(batch)]
        if len(after) == len(before) and all(same(before[index], after[index]) for index in kept):
            return None
        return f"gives {before}, and {after} once the gold of row {at % len(batch)} is None"

    cases = st.tuples(context.batches(min_size=2), st.integers(0, 4))
    batch = few(context)
    return context.falsify(
        cases,
        broken,
        lambda case: context.shown(case[0], spoiled(case)),
        surely=[(batch, at) for at in range(len(batch))],
    )
