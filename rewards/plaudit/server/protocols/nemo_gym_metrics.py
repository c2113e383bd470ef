"""NeMo-Gym's `/aggregate_metrics`: the means of a run's rollouts, by task and over all.

Written against NeMo-Gym 0.7.0 (`reward_profile.compute_aggregate_metrics`), which asks for it once the rollouts are
verified: rows without prompt and response, each with its task, its repeat and what `/verify` answered. Every number in
them gets mean, max, min, median and standard deviation. What NeMo-Gym derives from repeats (confidence intervals, means
across repeats) is not computed here: its lists stay empty, as for one repeat.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from statistics import fmean, median, stdev
from typing import Any

from pydantic import BaseModel

from plaudit.server.problems import Problem

TASK, REPEAT, MASK = "_ng_task_index", "_ng_rollout_index", "mask_sample"

Row = Mapping[str, Any]


class AggregateRequest(BaseModel):
    """What NeMo-Gym sends: the rollouts of a run."""

    verify_responses: list[dict[str, Any]]


class AggregateAnswer(BaseModel):
    """What it expects."""

    group_level_metrics: list[dict[str, Any]]
    agent_metrics: dict[str, float]
    key_metrics: dict[str, float]
    perf_summary: dict[str, Any] | None
    repeat_level_metrics: list[dict[str, Any]]


def aggregated(rows: Sequence[Row]) -> dict[str, Any]:
    """Return the metrics of a run; masked rollouts are counted, and left out of every mean.

    Raises:
        Problem: A task or repeat is no whole number, or the numbers are too large to be averaged.

    >>> found = aggregated([{"_ng_task_index": 0, "reward": 1.0}, {"_ng_task_index": 1, "reward": 0.0}])
    >>> found["key_metrics"]
    {'mean/reward': 0.5}
    """
    for row in rows:
        if not all(isinstance(row.get(name, 0), int) for name in (TASK, REPEAT)):
            raise Problem(422, "invalid_request", f"{TASK} and {REPEAT} must be whole numbers.")
    scored = [row for row in rows if not row.get(MASK)]
    tasks: dict[int, list[Row]] = {}
    for row in scored:
        tasks.setdefault(row.get(TASK, 0), []).append(row)
    coverage = _coverage(rows, scored, tasks)
    overall = _statistics(scored)
    repeats = {"num_repeats": len({row.get(REPEAT, 0) for row in rows})} if scored else {}
    return {
        "group_level_metrics": [
            {TASK: task, **_statistics(tasks[task]), "num_rollouts": len(tasks[task])} for task in sorted(tasks)
        ],
        "agent_metrics": {**overall, **coverage, **repeats},
        "key_metrics": {name: value for name, value in overall.items() if name.startswith("mean/")} | coverage,
        "perf_summary": None,
        "repeat_level_metrics": [],
    }


def _coverage(rows: Sequence[Row], scored: Sequence[Row], tasks: Mapping[int, Any]) -> dict[str, int]:
    if len(scored) == len(rows):
        return {}
    return {
        "coverage/measured_rollouts": len(scored),
        "coverage/masked_rollouts": len(rows) - len(scored),
        "coverage/measured_tasks": len(tasks),
        "coverage/fully_masked_tasks": len({row.get(TASK, 0) for row in rows} - set(tasks)),
    }


def _statistics(rows: Sequence[Row]) -> dict[str, float]:
    numbers: dict[str, list[float]] = {}
    try:
        for row in rows:
            for name, value in _numbers(row).items():
                numbers.setdefault(name, []).append(float(value))
        found = {
            f"{kind}/{name}": compute(values)
            for kind, compute in (("mean", fmean), ("max", max), ("min", min), ("median", median), ("std", _deviation))
            for name, values in numbers.items()
        }
    except OverflowError:
        found = {"too large": math.inf}
    if not all(map(math.isfinite, found.values())):
        raise Problem(422, "invalid_request", "The numbers are too large to be averaged.")
    return found


def _numbers(row: Row) -> dict[str, Any]:
    response = row.get("response")
    usage = response.get("usage") if isinstance(response, Mapping) else None
    fields = {**row, **usage} if isinstance(usage, Mapping) else row
    wanted = {name: value for name, value in fields.items() if not name.startswith("_") and name != MASK}
    return {name: value for name, value in wanted.items() if isinstance(value, (bool, int, float))}


def _deviation(values: Sequence[float]) -> float:
    return stdev(values) if len(values) > 1 else 0.0
