"""Rewards written for verl, as rewards of ours: functions of one sample.

Written against verl 0.9.1: `data_source`, `solution_str`, `ground_truth` and `extra_info` by keyword; a number back, or
a mapping with `score`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from plaudit.adapters.foreign import Foreign, called, name_of_function, resolve
from plaudit.protocol import Sample, Spec


@dataclass(frozen=True)
class VerlReward(Foreign):
    """A verl `compute_score` function."""

    data_source: str = "openai/gsm8k"

    def raw(self, batch: Sequence[Sample]) -> list[Any]:
        """Call it as verl's naive reward manager does, once per sample."""
        return [self._one(sample) for sample in batch]

    def _one(self, sample: Sample) -> Any:
        found = called(
            self.function,
            {
                "data_source": sample.columns.get("data_source", self.data_source),
                "solution_str": sample.text,
                "ground_truth": sample.columns["ground_truth"],
                "extra_info": dict(sample.columns.get("extra_info") or {}),
            },
        )
        return found["score"] if isinstance(found, Mapping) else found


def from_verl(
    function: Callable[..., Any] | str,
    *,
    low: float = 0.0,
    high: float = 1.0,
    accept_at: float | None = 1.0,
    data_source: str = "openai/gsm8k",
) -> VerlReward:
    """Wrap a verl reward function, or the one that `module:function` names.

    >>> def compute_score(data_source, solution_str, ground_truth, extra_info=None):
    ...     return {"score": float(solution_str == ground_truth)}
    >>> from_verl(compute_score).score([Sample("4", columns={"ground_truth": "4"})])[0].value
    1.0
    """
    found = resolve(function)
    return VerlReward(found, Spec(name_of_function(found), low, high, ("ground_truth",), accept_at), data_source)
