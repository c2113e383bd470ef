"""Laws 14 to 16: what a reward reads of the dataset row."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import product
from typing import Any

from hypothesis import strategies as st

from plaudit.engines import inline
from plaudit.errors import DataError
from plaudit.protocol import Reward, Sample
from plaudit.testing.context import Context, Raised, all_same, same
from plaudit.testing.law import Verdict, law
from plaudit.testing.laws.batches import RANDOM
from plaudit.testing.laws.fixed import few, fixed_batch
from plaudit.testing.results import Counterexample


class Spy(Mapping[str, Any]):
    """A row that notes which columns are looked at."""

    def __init__(self, row: Mapping[str, Any]) -> None:
        self.row, self.touched = dict(row), set[str]()

    def __getitem__(self, name: str) -> Any:
        self.touched.add(name)
        return self.row[name]

    def __contains__(self, name: object) -> bool:
        return name in self.row

    def __iter__(self) -> Iterator[str]:
        return iter(self.row)

    def __len__(self) -> int:
        return len(self.row)


def lists_of(batch: list[Sample]) -> dict[str, Any]:
    """Return a batch as the keyword lists that a trainer passes."""
    columns = {name: [sample.columns[name] for sample in batch] for name in batch[0].columns}
    return {
        "prompts": [sample.prompt for sample in batch],
        "completions": [sample.completion for sample in batch],
        **columns,
    }


class TrainerState:
    """As much of a trainer's state as rewards look at."""

    global_step = 3


def trainer_extras(count: int) -> dict[str, Any]:
    """Return what TRL 1.16 passes besides the dataset's columns."""
    return {
        "completion_ids": [[1, 2]] * count,
        "trainer_state": TrainerState(),
        "log_extra": lambda column, values: None,  # noqa: ARG005 - TRL's signature
        "log_metric": lambda name, value: None,  # noqa: ARG005 - TRL's signature
        "difficulty": ["hard"] * count,
    }


@law(
    14,
    "extra-columns",
    "What a trainer passes besides the columns it reads changes nothing.",
    needs="trainer",
    waived_by=(RANDOM,),
    explain="""Trainers pass every dataset column and more with each version: completion_ids, trainer_state,
    log_metric. A reward without room for them ends the run with a TypeError on the first step. Tested through the
    call that TRL 1.16 makes.""",
)
def extra_columns(context: Context) -> Verdict:
    """Law 14."""

    def broken(batch: list[Sample]) -> str | None:
        lists = lists_of(batch)
        bare = context.full.at(TrainerState.global_step)(**lists)
        try:
            more = context.full(**lists, **trainer_extras(len(batch)))
        except Exception as error:  # noqa: BLE001 - whatever it raises would end the trainer's run
            return f"raises {type(error).__name__} when a trainer passes more: {error}"
        return None if all_same(bare, more) else f"gives {bare}, and {more} when a trainer passes more"

    surely = [few(context)]
    return context.falsify(context.batches(min_size=1, max_size=3), broken, context.shown, surely=surely)


@law(
    15,
    "reads",
    "It declares every column it reads, and a missing one is named before anything is scored.",
    needs="nothing",
    waived_by=(RANDOM,),
    explain="""A reward that quietly reads a column it doesn't declare behaves otherwise on the next dataset. Tested
    by watching which columns it looks at, changing those that it doesn't declare, and dropping those that it does.""",
)
def reads(context: Context) -> Verdict:
    """Law 15."""
    declared = {*context.spec.reads, *getattr(context.plain, "optional", ())}
    extra = ("answer", "solution", "ground_truth", "gold", "label", "difficulty")

    def changed(sample: Sample, touched: set[str]) -> Sample:
        row = {name: "7" if name in touched - declared else value for name, value in sample.columns.items()}
        return replace(sample, columns=row)

    def broken(sample: Sample) -> str | None:
        gold = next(iter(sample.columns.values()), "42")
        spy = Spy({**dict.fromkeys(extra, gold), **sample.columns})
        before = context.value(replace(sample, columns=spy))
        secret = (spy.touched or set(extra)) - declared
        if not secret:
            return None
        after = context.value(changed(replace(sample, columns=spy.row), secret))
        return (
            None if same(before, after) else f"reads the undeclared column {min(secret)!r}: pays {before}, then {after}"
        )

    surely = fixed_batch(context)
    found = context.falsify(context.samples(), broken, lambda sample: context.shown([sample]), surely=surely)
    return found or _dropped(context)


def _dropped(context: Context) -> Verdict:
    row = dict(context.tasks[0].row) if context.tasks else dict.fromkeys(context.spec.reads, "42")
    for name in context.spec.reads:
        rest = {key: value for key, value in row.items() if key != name}
        batch = [Sample("4", "?", rest)]
        try:
            inline.score(context.reward, batch)
        except DataError as error:
            if name in str(error):
                continue
            return Counterexample(f"does not name the missing column {name!r}: {error}", context.shown(batch))
        return Counterexample(f"scores a row without the column {name!r}, which it declares", context.shown(batch))
    return None


@law(
    16,
    "abstain",
    "A gold that can't be used makes the row abstain: never the maximum, never a silent zero.",
    needs="tasks",
    explain="""Datasets hold blank and missing golds. To pay for them teaches the model to write anything; a zero
    teaches it that everything is wrong. Return None, with the reason. Tested with None, empty and blank golds, for
    right, wrong and blank completions; a reward that raises is taken to abstain, since then the row is counted as
    failed.""",
)
def abstain(context: Context) -> Verdict:
    """Law 16."""
    task = context.need_gold()[0]
    texts = ["", "None", *map(task.render, ("", "None", *task.right[:1], *task.wrong[:1]))]
    cases = st.tuples(st.sampled_from([None, "", "  "]), st.sampled_from(texts))

    def sample(case: tuple[Any, str]) -> Sample:
        return replace(task.completed(case[1]), columns={**task.row, task.column: case[0]})

    judges = [leaf for leaf in leaves(context.plain) if task.column in leaf.spec.reads]

    def broken(case: tuple[Any, str]) -> str | None:
        for judge in judges:
            value = context.values([sample(case)], judge)[0]
            if value is not None and not isinstance(value, Raised):
                who = "" if len(judges) == 1 else f" for its part {judge.spec.name}"
                return f"pays {value}{who} where the gold is {case[0]!r}"
        return None

    surely = product((None, "", "  "), texts)
    return context.falsify(cases, broken, lambda case: context.shown([sample(case)]), surely=surely)


def leaves(reward: Any) -> list[Reward]:
    """Return the rewards that a composite is made of, down to those that aren't composed."""
    inner = getattr(reward, "judge", None)
    children = reward.children() if hasattr(reward, "children") else (inner,) if inner is not None else ()
    return [leaf for child in children for leaf in leaves(child)] or [reward]
