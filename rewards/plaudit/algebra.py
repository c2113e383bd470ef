"""What every reward of ours can do besides scoring: be called by a trainer, added, weighted, named and split."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, cast

from plaudit import trainer_call

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from plaudit.protocol import Reward, Sample, Score, Spec
    from plaudit.weighted import WeightedSum


class Split(NamedTuple):
    """The parts of a sum as separate reward functions, with the weights that a trainer should give them."""

    functions: list[Callable[..., list[float | None]]]
    weights: list[float]


class Algebra:
    """The operators of rewards, as a mixin: `+`, `-`, `*` by a number, `named`, `split`, and the trainer's call.

    A class that has `spec` and `score` gets the rest from here; a reward written without it takes part through
    `plaudit.as_reward`.
    """

    if TYPE_CHECKING:

        @property
        def spec(self) -> Spec:
            """The facts about this reward."""
            raise NotImplementedError

        def score(self, batch: Sequence[Sample], /) -> list[Score]:
            """Score every sample of a batch."""
            raise NotImplementedError

    @property
    def __name__(self) -> str:
        """The name under which a trainer logs this reward."""
        return self.spec.name

    def __call__(self, prompts: Any = None, completions: Any = None, **columns: Any) -> list[float | None]:
        """Score as a TRL reward function: keyword lists in, one number or None per completion out.

        Extras that TRL passes (`completion_ids`, `trainer_state`, `environments` …) are taken and used or ignored.
        """
        return trainer_call.call(self, prompts, completions, columns)

    def at(self, step: int) -> Reward:  # noqa: ARG002 - only a schedule reads it
        """Return this reward as it stands at a training step; only schedules change."""
        return self

    def named(self, name: str) -> WeightedSum:
        """Return the same reward under another name, for logs and curves."""
        from plaudit.weighted import WeightedSum

        return WeightedSum.of([(self, 1.0)], name)

    def split(self) -> Split:
        """Return the parts and weights, for trainers that normalise each reward by itself.

        The weights then live in the trainer (`reward_weights`), no longer in the functions.
        """
        return Split([self], [1.0])

    def __add__(self, other: Any) -> WeightedSum:
        return _sum(self, other, 1.0)

    def __sub__(self, other: Any) -> WeightedSum:
        return _sum(self, other, -1.0)

    def __mul__(self, factor: Any) -> WeightedSum:
        from plaudit.weighted import WeightedSum

        if isinstance(factor, bool) or not isinstance(factor, (int, float)):
            return cast("WeightedSum", NotImplemented)
        return WeightedSum.of([(self, float(factor))])

    __rmul__ = __mul__

    def __neg__(self) -> WeightedSum:
        return self * -1.0


def _sum(left: Reward, right: Any, factor: float) -> WeightedSum:
    from plaudit.protocol import Reward
    from plaudit.weighted import WeightedSum

    if isinstance(right, type) or not isinstance(right, Reward):
        return cast("WeightedSum", NotImplemented)
    return WeightedSum.of([(left, 1.0), (right, factor)])
