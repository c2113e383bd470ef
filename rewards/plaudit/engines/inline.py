"""The default engine: score a batch here and now, with the plugins' hooks around it."""

from __future__ import annotations

from concurrent.futures import Future
from typing import TYPE_CHECKING, Self

from plaudit.arrow import Scores
from plaudit.engines.hooks import after, before
from plaudit.failures import score_reward, strictly

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from plaudit.protocol import Reward, Sample, Score


def score(reward: Reward, batch: Sequence[Sample], *, strict: bool | None = None) -> Scores:
    """Score a batch: one score per sample, in order; a list that also becomes a table.

    Args:
        reward: Any reward.
        batch: The samples.
        strict: Raise on the first failure of the reward, instead of letting its row abstain.

    Raises:
        DataError: A column that the reward reads is missing.
        RewardError: The reward failed on every row of 8 or more, or, when strict, on any.

    >>> from plaudit import Sample, load
    >>> score(load("format-exact"), [Sample("so<end_working_out><SOLUTION>4</SOLUTION>")])[0].value
    3.0
    """
    before(reward, batch)
    if strict is None:
        scores = score_reward(reward, batch)
    else:
        with strictly(strict):
            scores = score_reward(reward, batch)
    after(reward, batch, scores)
    return Scores(scores, batch, reward.spec.name)


class Inline:
    """Scores with one reward in this process, batch by batch: no processes, no deadline.

    Args:
        reward: Any reward.
        strict: Raise on the first failure of the reward, instead of letting its row abstain.

    >>> from plaudit import Sample, load
    >>> [scores[0].value for scores in Inline(load("format-exact")).stream([[Sample("4")]])]
    [0.0]
    """

    def __init__(self, reward: Reward, *, strict: bool = False) -> None:
        self.reward, self.strict = reward, strict

    def score(self, batch: Sequence[Sample], /) -> list[Score]:
        """Score a batch: one score per sample, in order.

        Raises:
            DataError: A column that the reward reads is missing.
            RewardError: The reward failed on every row of 8 or more, or, when strict, on any.
        """
        return score(self.reward, batch, strict=self.strict or None)

    def submit(self, batch: Sequence[Sample], /) -> Future[list[Score]]:
        """Score a batch before returning; the future holds what came of it."""
        future: Future[list[Score]] = Future()
        try:
            future.set_result(self.score(batch))
        except Exception as error:  # noqa: BLE001 - whoever waits gets it
            future.set_exception(error)
        return future

    def stream(self, batches: Iterable[Sequence[Sample]], /) -> Iterator[list[Score]]:
        """Score batches, each when it is asked for."""
        return (self.score(batch) if batch else [] for batch in batches)

    def close(self) -> None:
        """Do nothing: there is nothing to end."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()
