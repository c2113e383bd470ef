"""Law 8: a reward must not remember what it has scored."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations, count

from hypothesis import strategies as st

from plaudit.protocol import Sample
from plaudit.testing.context import Context, all_same, same
from plaudit.testing.law import Verdict, law
from plaudit.testing.laws.addresses import MOST_COPIES, PLACES, Place
from plaudit.testing.laws.batches import RANDOM
from plaudit.testing.laws.fixed import fixed_batch
from plaudit.testing.results import Counterexample
from plaudit.testing.strategies import chats
from plaudit.testing.writing import scoring

MOST_PAIRS = 3


@law(
    8,
    "repeatable",
    "The same batch gets the same scores again, whatever was scored in between.",
    needs="nothing",
    waived_by=(RANDOM,),
    explain="""A reward with a memory (a cache keyed by id, a running mean, a counter) pays for the order of calls,
    which the trainer chooses. Tested by scoring a batch, then another one, then the first again. A cache keyed by
    id() pays one completion for another when that takes over the address; the law doesn't wait for this to happen: it
    drops what was scored, and makes other objects until one stands where the sample, its completion, its row or its
    batch stood. Key a cache by the text, or keep the object with its score.""",
)
def repeatable(context: Context) -> Verdict:
    """Law 8."""

    def broken(pair: tuple[list[Sample], list[Sample]]) -> str | None:
        batch, other = pair
        first = context.values(batch)
        context.values([replace(sample) for sample in other])
        again = context.values([replace(sample) for sample in batch])
        return None if all_same(first, again) else f"gives {first}, and for the same batch again {again}"

    pairs = st.tuples(context.batches(min_size=1), context.batches())
    surely: list[tuple[list[Sample], list[Sample]]] = [([_never_seen(context)], []), (fixed_batch(context), [])]
    return taken_for_another(context) or context.falsify(
        pairs, broken, lambda pair: context.shown(pair[0], pair[1], pair[0]), surely=surely
    )


_NUMBERS = count(1)


def _never_seen(context: Context) -> Sample:
    """Return a right answer behind words that no check has used: a reward may remember all others already."""
    words = f"Let me try this once more, as I did {next(_NUMBERS)} times before."
    if not context.tasks:
        return replace(fixed_batch(context)[0], completion=words)
    task = context.tasks[0]
    return task.sample(task.right[0], words)


Pair = tuple[Sample, object, Sample, object]


def taken_for_another(context: Context) -> Verdict:
    """Score one sample, drop it, and score another that stands at the same address.

    Whoever goes by the address pays both alike. They are paid differently while both live, so one of the two values
    has changed, whatever else is remembered.
    """
    texts = fixed_batch(context)
    messages = [replace(sample, completion=chats(sample.text)[2]) for sample in texts]
    for samples in (texts, messages):
        for pair in _paid_differently(context, samples):
            for place in PLACES:
                if found := _swapped(context, pair, place):
                    return found
    return None


def _paid_differently(context: Context, samples: list[Sample]) -> list[Pair]:
    """Pairs that the reward pays differently; those of equal length first, since one text fits the other's place."""
    valued = [(sample, context.values([sample])[0]) for sample in samples]
    pairs = [(*left, *right) for left, right in combinations(valued, 2) if not same(left[1], right[1])]
    pairs.sort(key=lambda pair: abs(len(pair[0].text) - len(pair[2].text)))
    return pairs[:MOST_PAIRS]


def _swapped(context: Context, pair: Pair, place: Place) -> Counterexample | None:
    left, left_value, right, right_value = pair
    first, second = place.maker(left), place.maker(right)
    held: list[object] = [None] * MOST_COPIES  # all at once: to grow it later would take the place that gets free
    thing = first()
    address = id(thing)
    before = context.values_of(place.batch(left, thing))[0]
    del thing
    for index in range(MOST_COPIES):
        held[index] = second()
        if id(held[index]) == address:
            after = context.values_of(place.batch(right, held[index]))[0]
            if same(before, left_value) and same(after, right_value):
                return None
            if not all_same(context.values([left]) + context.values([right]), [left_value, right_value]):
                return None  # it changes by itself, whatever the address: the drawn batches show that better
            problem = (
                f"pays {left_value} and {right_value} for two samples while both live, but {before} and {after} "
                f"when the second's {place.name} takes over the address of the first's"
            )
            return Counterexample(problem, scoring(context.target, lines=_lines(left, right, place)))
    return None


def _lines(left: Sample, right: Sample, place: Place) -> list[str]:
    """Write the case: by functions, since Python keeps every constant of the pasted text alive."""
    return [
        "from functools import partial",
        f"first, second = {place.written_maker(left)}, {place.written_maker(right)}",
        f"def left(it): return {place.written_batch(left)}",
        f"def right(it): return {place.written_batch(right)}",
        "print([reward.score(batch)[0].value for batch in (left(first()), right(second()))])",
        f"it, held = first(), [None] * {MOST_COPIES}",
        "address = id(it)",
        "print(reward.score(left(it))[0].value)",
        "del it",
        f"for index in range({MOST_COPIES}):",
        "    held[index] = second()",
        "    if id(held[index]) == address:",
        "        print(reward.score(right(held[index]))[0].value)",
        "        break",
    ]
