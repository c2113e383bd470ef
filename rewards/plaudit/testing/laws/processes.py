"""Laws 9, 18 to 20 and 22: other processes, threads, pickles, event loops and the world outside."""

from __future__ import annotations

import asyncio
import pickle
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from hypothesis import strategies as st

from plaudit.composite import as_reward
from plaudit.protocol import Sample
from plaudit.testing.context import Context, all_same
from plaudit.testing.isolated import Answer, score_apart
from plaudit.testing.law import NotApplicableError, Verdict, law
from plaudit.testing.laws.batches import RANDOM
from plaudit.testing.laws.fixed import few, fixed_batch
from plaudit.testing.results import Counterexample

ELSEWHERE = {"LC_ALL": "C", "TZ": "Pacific/Kiritimati"}
HASH_SEEDS = ("1", "2", "3", "12345")
"""Several, since a small set may well stand in the same order under two of them."""


def _died(answers: Sequence[Answer]) -> str:
    return next((answer.error or "it ran past its deadline" for answer in answers if not answer.finished), "")


def _differing(context: Context, batch: Sequence[Sample], here: list[Any], there: list[Any], where: str) -> Verdict:
    if all_same(here, there):
        return None
    rows = [row for row in range(len(batch)) if row >= len(there) or not all_same([here[row]], [there[row]])]
    row = min(rows, key=lambda row: len(repr(batch[row].completion)))
    found = there[row] if row < len(there) else "nothing"
    return Counterexample(f"pays {here[row]} here and {found} {where}", context.shown([batch[row]]))


@law(
    9,
    "process-stable",
    "A fresh process with another hash seed, locale and time zone gives the same scores.",
    needs="nothing",
    waived_by=(RANDOM,),
    explain="""Ranks of one run are processes of their own. Pay that hangs on hash(), on the order of a set, on the
    locale or on the time zone differs between them, and between today and tomorrow. Tested in a child process with
    all three changed.""",
)
def process_stable(context: Context) -> Verdict:
    """Law 9."""
    batch = fixed_batch(context)
    here = context.values(batch)
    for seed in HASH_SEEDS:
        answers = score_apart(
            context.reward,
            [batch],
            deadline_seconds=context.profile.deadline_seconds,
            environment={**ELSEWHERE, "PYTHONHASHSEED": seed},
        )
        if problem := _died(answers):
            raise NotApplicableError(f"the reward does not run in another process ({problem}); see the law pickle")
        if found := _differing(context, batch, here, answers[0].values, f"in a fresh process (hash seed {seed})"):
            return found
    return None


@law(
    18,
    "threads",
    "Eight threads at once get the same scores as one.",
    needs="nothing",
    waived_by=(RANDOM,),
    explain="""verl, OpenRLHF, Ray and TRL's asynchronous trainer call rewards off the main thread. Timeouts built
    on signals raise there, and shared buffers mix rows up. Tested with eight threads on the same batches, against
    the main thread.""",
)
def threads(context: Context) -> Verdict:
    """Law 18."""

    def broken(batch: list[Sample]) -> str | None:
        turns = [batch, batch[::-1], batch[1:]] * 8
        alone = [context.values(turn) for turn in turns[:3]] * 8
        with ThreadPoolExecutor(8) as pool:
            together = list(pool.map(context.values, turns))
        wrong = next((pair for pair in zip(together, alone, strict=True) if not all_same(*pair)), None)
        return None if wrong is None else f"gives {wrong[1]} on the main thread and {wrong[0]} on another"

    ordinary = st.sampled_from([sample for sample in fixed_batch(context) if sample.text])
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        drawn = st.lists(ordinary, min_size=1, max_size=5)
        return context.falsify(drawn, broken, context.shown, share=0.25, surely=[few(context)])
    finally:
        sys.setswitchinterval(before)


@law(
    19,
    "pickle",
    "A pickled reward comes back with the same name, spec and scores, in a spawned process too.",
    needs="nothing",
    explain="""Trainers send rewards to workers by pickle. Closures and lambdas don't survive it; objects with a
    lock, a client or a compiled cache don't either. Write a function at module level, or a frozen dataclass of
    options.""",
)
def pickles(context: Context) -> Verdict:
    """Law 19."""
    try:
        copy = pickle.loads(pickle.dumps(context.reward))  # noqa: S301 - pickled one line above
    except Exception as error:  # noqa: BLE001 - any error at all breaks this law
        code = f"import pickle\nreward = {context.target}\npickle.dumps(reward)"
        return Counterexample(f"can't be pickled: {type(error).__name__}: {error}", code)
    if (copy.spec, as_reward(copy).__name__) != (context.spec, context.full.__name__):
        code = f"import pickle\nreward = {context.target}\nprint(reward.spec, pickle.loads(pickle.dumps(reward)).spec)"
        return Counterexample("comes back with another spec", code)
    batch = fixed_batch(context)
    here = context.values(batch)
    if context.spec.deterministic and (
        found := _differing(context, batch, here, context.values(batch, copy), "after a pickle")
    ):
        return found
    answers = score_apart(context.reward, [batch], deadline_seconds=context.profile.deadline_seconds)
    if problem := _died(answers):
        return Counterexample(f"does not score in a spawned process: {problem}", context.shown(batch[:1]))
    return (
        _differing(context, batch, here, answers[0].values, "in a spawned process")
        if context.spec.deterministic
        else None
    )


@law(
    20,
    "async",
    "Awaited from an event loop, and cancelled half way, it still gives the same scores.",
    needs="nothing",
    waived_by=(RANDOM,),
    explain="""Asynchronous trainers run rewards inside an event loop, in a thread of it, and cancel what comes too
    late. Tested by awaiting the score in a thread from a running loop, cancelling one call, and scoring again. A
    foreign async function is awaited by its adapter.""",
)
def asynchronous(context: Context) -> Verdict:
    """Law 20."""
    batch = fixed_batch(context)[:8]
    alone = context.values(batch)

    async def session() -> list[list[Any]]:
        first = await asyncio.to_thread(context.values, batch)
        task = asyncio.ensure_future(asyncio.to_thread(context.values, batch))
        await asyncio.sleep(0)
        task.cancel()
        inside = context.values(batch)
        return [first, inside, await asyncio.to_thread(context.values, batch)]

    with ThreadPoolExecutor(1) as pool:
        found = pool.submit(asyncio.run, session()).result()
    for values, when in zip(found, ("awaited", "inside a running loop", "after a cancelled call"), strict=True):
        if wrong := _differing(context, batch, alone, values, when):
            return wrong
    return None


@law(
    22,
    "quiet",
    "Scoring prints nothing, and touches no file, network, clock, global random generator or setting of the process "
    "unless the spec says so.",
    needs="nothing",
    explain="""A reward runs millions of times, in every worker at once. What it prints buries the log, what it
    writes races, what it draws from the global generator changes the sampling of the run, and what it sets (the
    locale, an environment variable, the folder, the decimal precision, the recursion limit) holds for everybody else
    too. Declare it in `effects` (output, files, network, clock, random, process) or leave it. Tested in a child
    process with Python's audit events, its wall clock, its output and its settings watched; what compiled code does
    on its own is not seen.""",
)
def quiet(context: Context) -> Verdict:
    """Law 22."""
    batch = fixed_batch(context)
    answers = score_apart(
        context.reward,
        [[sample] for sample in batch],
        deadline_seconds=context.profile.deadline_seconds,
        watch=True,
        environment={"LC_ALL": "C.UTF-8"},  # Python starts in C, so that a reward that asks for the user's is seen
    )
    if problem := _died(answers):
        raise NotApplicableError(
            f"the reward does not run in another process ({problem}); see the laws pickle and time"
        )
    for sample, answer in zip(batch, answers, strict=True):
        for effect, what in answer.effects.items():
            if effect not in context.spec.effects:
                return Counterexample(f"{what}, and its spec declares no effect {effect!r}", context.shown([sample]))
    return None
