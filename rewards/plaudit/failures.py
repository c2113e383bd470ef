"""What happens when a reward fails: the one place that decides it.

A row on which a reward raises abstains, with the traceback in its reason. A reward that raises on every row of a real
batch is broken, so that raises. In strict mode the first failure raises. No failure ever becomes a number.
"""

from __future__ import annotations

import traceback
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

from plaudit.errors import DataError, RewardError, nearest
from plaudit.protocol import Reward, Sample, Score, Spec

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

REAL_BATCH = 8
"""From this many rows on, a reward that fails on all of them is itself broken."""

FAILED = "failed: "
"""How the reason of a row begins on which the reward raised; reports count these."""

_STRICT: ContextVar[bool] = ContextVar("plaudit_strict", default=False)


@contextmanager
def strictly(strict: bool = True) -> Iterator[None]:
    """Within this block the first failure of a reward raises, instead of making its row abstain."""
    token = _STRICT.set(strict)
    try:
        yield
    finally:
        _STRICT.reset(token)


def score_rows(score_one: Callable[[Sample], Score], batch: Sequence[Sample], spec: Spec) -> list[Score]:
    """Score row by row under the failure policy.

    Raises:
        DataError: A column that the reward reads is missing; found before any row is scored.
        RewardError: The reward failed on every row of 8 or more, or, in strict mode, on any.

    >>> def shout(sample):
    ...     return Score(1.0 if sample.text.isupper() else 0.0)
    >>> [score.value for score in score_rows(shout, [Sample("HI"), Sample("hi")], Spec("shout", 0, 1))]
    [1.0, 0.0]
    """
    require_columns(spec, batch)
    scores: list[Score] = []
    failures: list[Exception] = []
    for sample in batch:
        try:
            score = score_one(sample)
            _check_range(score, spec)
        except Exception as error:
            if _STRICT.get():
                raise RewardError(f"Reward {spec.name!r} failed: {_summary(error)}") from error
            failures.append(error)
            score = failed_score(error)
        scores.append(score)
    if len(failures) == len(batch) and _is_real(batch):
        raise _broken(spec.name, len(batch), _summary(failures[-1])) from failures[-1]
    return scores


def refuse_broken(reward: Reward, batch: Sequence[Sample], scores: Sequence[Score]) -> None:
    """Refuse the scores of a batch whose rows were scored apart, if the reward or a part failed on every one.

    Raises:
        RewardError: It did, on 8 rows or more.
    """
    if not _is_real(batch):
        return
    failures: dict[str, str] = {}
    for row, score in enumerate(scores):
        failed = dict(_failed_leaves(score, reward.spec.name))
        failures = {name: text for name, text in failed.items() if name in failures or not row}
        if not failures:
            return
    name, failure = min(failures.items())
    raise _broken(name, len(batch), failure)


def _failed_leaves(score: Score, name: str) -> Iterator[tuple[str, str]]:
    """Name the rewards that failed themselves, not those that abstain because a part of theirs did."""
    if not score.parts and score.reason.startswith(FAILED):
        yield name, score.reason.removeprefix(FAILED).partition("\n")[0]
    for part in score.parts:
        yield from _failed_leaves(part.score, part.name)


def _is_real(batch: Sequence[Sample]) -> bool:
    """Whether failing on all of it tells something of the reward; one question's gold may be the culprit instead."""
    groups = {sample.group for sample in batch}
    return len(batch) >= REAL_BATCH and (len(groups) > 1 or None in groups)


def _broken(name: str, rows: int, failure: str) -> RewardError:
    return RewardError(
        f"Reward {name!r} failed on every one of {rows} rows, so the reward is broken, not the data. "
        f"The last failure: {failure}"
    )


def score_reward(reward: Reward, batch: Sequence[Sample]) -> list[Score]:
    """Score a batch with any reward under the failure policy; one that raises for a whole batch is asked row by row.

    Raises:
        DataError: A column that the reward reads is missing.
        RewardError: It failed on every row of a real batch, or returned the wrong number of scores.
    """
    require_columns(reward.spec, batch)
    try:
        scores = list(reward.score(batch))
    except (DataError, RewardError):
        raise
    except Exception as error:
        if _STRICT.get():
            raise RewardError(f"Reward {reward.spec.name!r} failed: {_summary(error)}") from error
        if reward.spec.coupled:
            return score_rows(_raiser(error), batch, reward.spec)
        return score_rows(lambda sample: reward.score([sample])[0], batch, reward.spec)
    if len(scores) != len(batch):
        raise RewardError(
            f"Reward {reward.spec.name!r} returned {len(scores)} scores for {len(batch)} samples: one each, in order."
        )
    return [_checked(score, reward.spec) for score in scores]


def _checked(score: Score, spec: Spec) -> Score:
    try:
        _check_range(score, spec)
    except RewardError as error:
        if _STRICT.get():
            raise
        return failed_score(error)
    return score


def _raiser(error: Exception) -> Callable[[Sample], Score]:
    def again(sample: Sample) -> Score:  # noqa: ARG001 - a coupled reward fails for its whole group
        raise error

    return again


def failed_score(error: BaseException) -> Score:
    """Turn an exception into an abstaining score whose reason holds the traceback."""
    return Score(None, FAILED + _summary(error) + "\n" + "".join(traceback.format_exception(error)).strip())


def has_failed(score: Score) -> bool:
    """Tell whether a score, or any part of it, abstains because the reward raised."""
    if score.reason.startswith(FAILED):
        return True
    return bool(score.parts) and any(part.score.reason.startswith(FAILED) for part in score.walk())


def require_columns(spec: Spec, batch: Sequence[Sample]) -> None:
    """Refuse a batch that lacks a column which the reward reads.

    Raises:
        DataError: It names the column, the first row without it, and the nearest column that is there.
    """
    for row, sample in enumerate(batch):
        for column in spec.reads:
            if column not in sample.columns:
                raise DataError(
                    f"Reward {spec.name!r} reads the column {column!r}, which row {row} lacks. "
                    f"{nearest(column, map(str, sample.columns))}"
                )


def _check_range(score: Score, spec: Spec) -> None:
    if not isinstance(score, Score):
        raise RewardError(f"Reward {spec.name!r} gave {type(score).__name__} where a Score belongs.")
    if score.value is None or spec.low <= score.value <= spec.high:
        return
    slack = 1e-9 * max(1.0, abs(spec.low), abs(spec.high))  # the rounding of a sum
    if not spec.low - slack <= score.value <= spec.high + slack:
        raise RewardError(f"The value {score.value} lies outside the declared range {spec.low} to {spec.high}.")


def _summary(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"
