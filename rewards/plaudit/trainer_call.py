"""The call that TRL-style trainers make: keyword lists in, one number or None per completion out.

Written against TRL 1.16.0 and 1.15.0 (`GRPOTrainer._calculate_rewards`, `RLOOTrainer`): every dataset column comes as a
list with one entry per completion, beside `completion_ids`, `trainer_state`, `log_extra`, `log_metric`, `environments`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from plaudit.engines import inline
from plaudit.errors import ConfigError, DataError, nearest
from plaudit.protocol import Sample, Score

if TYPE_CHECKING:
    from plaudit.algebra import Algebra

NOT_COLUMNS = frozenset({"completion_ids", "trainer_state", "log_extra", "log_metric", "environments"})


def call(reward: Algebra, prompts: Any, completions: Any, extras: Mapping[str, Any]) -> list[float | None]:
    """Score the lists of one trainer step, log the parts of a composite, and return the values.

    Raises:
        ConfigError: No completions were given.
        DataError: A list has the wrong length, or a column that the reward reads is missing.
    """
    samples = samples_from_lists(prompts, completions, extras, reads=reward.spec.reads)
    step = getattr(extras.get("trainer_state"), "global_step", None)
    scores = inline.score(reward if step is None else reward.at(int(step)), samples)
    log_parts(scores, extras.get("log_metric"), extras.get("log_extra"))
    return [score.value for score in scores]


def samples_from_lists(
    prompts: Any, completions: Any, extras: Mapping[str, Any], reads: Sequence[str] = ()
) -> list[Sample]:
    """Turn a trainer's parallel lists into samples; neighbours with equal prompts form a group.

    >>> [sample.group for sample in samples_from_lists(["a", "a", "b"], ["1", "2", "3"], {})]
    [0, 0, 1]
    """
    if completions is None or isinstance(completions, str):
        raise ConfigError("A reward is called with completions=[…], one entry per completion.")
    count = len(completions)
    asked = [""] * count if prompts is None else prompts
    if len(asked) != count:
        raise DataError(f"{len(asked)} prompts came with {count} completions: one prompt per completion, repeated.")
    columns = {name: values for name, values in extras.items() if name not in NOT_COLUMNS}
    if not count:
        return []
    for name in reads:
        _check_column(name, columns, count)
    usable = {name: values for name, values in columns.items() if _fits(values, count)}
    return [
        Sample(completion, prompt, {name: values[row] for name, values in usable.items()}, group)
        for row, (completion, prompt, group) in enumerate(zip(completions, asked, _groups(asked), strict=True))
    ]


def _check_column(name: str, columns: Mapping[str, Any], count: int) -> None:
    if name not in columns:
        raise DataError(f"The reward reads the column {name!r}, which the dataset lacks. {nearest(name, columns)}")
    if not _fits(columns[name], count):
        length = len(columns[name]) if hasattr(columns[name], "__len__") else "no"
        raise DataError(f"The column {name!r} has {length} entries for {count} completions: one each, as a list.")


def _fits(values: Any, count: int) -> bool:
    return not isinstance(values, (str, bytes, Mapping)) and hasattr(values, "__getitem__") and len(values) == count


def _groups(prompts: Sequence[Any]) -> Iterator[int]:
    group = 0
    yield from [0][: len(prompts)]
    for before, prompt in pairwise(prompts):
        group += bool(before != prompt)
        yield group


def log_parts(
    scores: Sequence[Score],
    log_metric: Callable[[str, float], None] | None,
    log_extra: Callable[[str, list[Any]], None] | None,
) -> None:
    """Give each part of a composite its own curve and its own column in the table of completions."""
    for name, parts in _part_columns(scores):
        spoken = [value for value in parts if value is not None]
        if log_metric is not None:
            log_metric(f"rewards/{name}/abstained", 1.0 - len(spoken) / len(parts))
            if spoken:
                log_metric(f"rewards/{name}/mean", sum(spoken) / len(spoken))
        if log_extra is not None:
            log_extra(name, parts)


def _part_columns(scores: Sequence[Score]) -> Iterator[tuple[str, list[float | None]]]:
    columns: dict[str, list[float | None]] = {}
    for row, score in enumerate(scores):
        for name, value in _named_values(score, ""):
            columns.setdefault(name, [None] * len(scores))[row] = value
    return iter(columns.items())


def _named_values(score: Score, prefix: str) -> Iterator[tuple[str, float | None]]:
    for part in score.parts:
        yield prefix + part.name, part.value
        yield from _named_values(part.score, f"{prefix}{part.name}/")
