"""What can be wrong with the gradient of a step: a run trains on to its end all the same, and nothing comes of it."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

VANISHED = 1e-9
"""A gradient's norm below this is one of rounding, or of a loss that something has scaled down to nothing."""

FAULTS = {
    "gradient/zero": (
        "the gradient was zero although rewards differed within a group: nothing was to be learnt from it. If every "
        "completion was cut off and grpo.mask_truncated is on, raise grpo.max_completion_length. If vLLM is in use, it "
        "may hold other weights than the trainer: grpo.extra.vllm_importance_sampling_correction scales the gradient "
        "by the ratio of their probabilities."
    ),
    "gradient/not_finite": (
        "the gradient was not finite: such a step is skipped, or ruins the weights. Lower the stage's learning_rate, "
        "or set model.dtype to bfloat16 or float32."
    ),
}
"""What is said, by the name under which the step's row in `metrics.jsonl` has it."""


def fault_of(logs: Mapping[str, Any], *, differ: bool) -> str | None:
    """Return what is wrong with the gradient of a step: a key of `FAULTS`, or None.

    Args:
        logs: What the trainer logged.
        differ: Rewards differed within a group, so that there was something to learn.

    >>> fault_of({"grad_norm": 6.6e-19}, differ=True), fault_of({"grad_norm": 0.0}, differ=False)
    ('gradient/zero', None)
    """
    norm = logs.get("grad_norm")
    if norm is None:
        return None
    if not math.isfinite(norm):
        return "gradient/not_finite"
    return "gradient/zero" if differ and norm < VANISHED else None


class Watch:
    """Notes what is wrong with the gradient of each logged step, and tells of the first of each kind.

    Args:
        stage: What the steps belong to.
        tell: Takes one sentence.

    >>> watch = Watch("grpo", print)
    >>> [watch.note(step, {"grad_norm": 0.5}, differ=True) for step in (1, 2)]
    [{}, {}]
    """

    def __init__(self, stage: str, tell: Callable[[str], None]) -> None:
        self._stage, self._tell, self._told = stage, tell, set[str]()

    def note(self, step: int, logs: Mapping[str, Any], *, differ: bool) -> dict[str, float]:
        """Return what the step's row in `metrics.jsonl` says of it: nothing where nothing is wrong."""
        fault = fault_of(logs, differ=differ)
        if fault is None:
            return {}
        if fault not in self._told:
            self._told.add(fault)
            self._tell(f"{self._stage}: in step {step} {FAULTS[fault]}")
        return {fault: 1.0}


def faults(metrics: Sequence[Mapping[str, Any]]) -> list[str]:
    """Say, for each stage and fault, in how many of the logged steps the gradient had it.

    >>> faults([{"stage": "sft"}, {"stage": "sft", "gradient/not_finite": 1.0}])[0][:48]
    'sft: in 1 of 2 steps the gradient was not finite'
    """
    steps = Counter(str(row["stage"]) for row in metrics)
    found = Counter((str(row["stage"]), fault) for row in metrics for fault in FAULTS if row.get(fault))
    return [f"{stage}: in {count} of {steps[stage]} steps {FAULTS[fault]}" for (stage, fault), count in found.items()]
