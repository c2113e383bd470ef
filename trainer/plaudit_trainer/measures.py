"""What an evaluation says: rates and means with intervals, pass@k, majority@k, and what changed between stages."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from plaudit.answers import equal
from plaudit_trainer import statistics
from plaudit_trainer.statistics import Difference, Estimate

PAIRS = (("before", "after_sft"), ("after_sft", "after_grpo"), ("before", "after_grpo"))
COMPARED = {
    "sampled": ("sampled", "sampled"),
    "greedy": ("greedy", "greedy"),
    "sampled_over_greedy": ("greedy", "sampled"),
}
"""What is compared: the mode in the first stage, and in the second."""
LONGEST_VOTE = 200


@dataclass(frozen=True, slots=True)
class Outcome:
    """What is remembered of one scored completion: how it was judged, and its answer.

    Attributes:
        right: It counts as right.
        value: The reward; None where it abstained.
        exact: It has the format, to the letter.
        truncated: The model had not ended when its tokens ran out.
        answer: The answer as found in it.
        parts: The raw value of each part of the reward.
    """

    right: bool
    value: float | None = None
    exact: bool = False
    truncated: bool = False
    answer: str | None = None
    parts: Mapping[str, float | None] = field(default_factory=dict)


def measure(mode: str, groups: Sequence[Sequence[Outcome]]) -> dict[str, Any]:
    """Return what `summary.json` says of one evaluation in one mode.

    Args:
        mode: `greedy` or `sampled`.
        groups: The completions of each problem.

    >>> found = measure("sampled", [[Outcome(True), Outcome(False)], [Outcome(False), Outcome(False)]])
    >>> found["sampled_accuracy"], found["pass_at"]["2"]["value"]
    (0.25, 0.5)
    """
    accuracy = statistics.share([[float(one.right) for one in group] for group in groups])
    shaped = statistics.share([[float(one.exact) for one in group] for group in groups])
    reward = statistics.mean(_spoken([[one.value for one in group] for group in groups]))
    everything = [one for group in groups for one in group]
    estimates = {f"{mode}_reward": reward, f"{mode}_accuracy": accuracy, f"{mode}_format": shaped}
    facts: dict[str, Any] = {name: found.value if found else None for name, found in estimates.items()}
    facts[f"{mode}_truncated"] = sum(one.truncated for one in everything) / max(1, len(everything))
    facts[f"{mode}_abstained"] = sum(one.value is None for one in everything)
    intervals: dict[str, Any] = {name: _ends(found) for name, found in estimates.items()}
    if mode == "sampled":
        parts = part_means(groups)
        facts["parts"] = {name: found.value for name, found in parts.items()}
        intervals["parts"] = {name: _ends(found) for name, found in parts.items()}
        facts |= several(groups)
    return facts | {"intervals": intervals}


def part_means(groups: Sequence[Sequence[Outcome]]) -> dict[str, Estimate]:
    """Return the mean of each part of the reward, over the completions on which it did not abstain."""
    names = dict.fromkeys(name for group in groups for one in group for name in one.parts)
    found = {
        name: statistics.mean(_spoken([[one.parts.get(name) for one in group] for group in groups])) for name in names
    }
    return {name: estimate for name, estimate in found.items() if estimate is not None}


def several(groups: Sequence[Sequence[Outcome]]) -> dict[str, Any]:
    """Return pass@k for the powers of two up to all samples, and majority@k for all; nothing for a single sample."""
    samples = min(map(len, groups), default=0)
    if samples < 2:
        return {}
    tries = sorted({2**power for power in range(samples.bit_length())} | {samples})
    passed = {
        k: statistics.share([[statistics.pass_at(k, len(group), sum(one.right for one in group))] for group in groups])
        for k in tries
    }
    agreed = statistics.share([[majority(group)] for group in groups])
    return {
        "pass_at": {str(k): found.to_dict() for k, found in passed.items() if found},
        "majority_at": {str(samples): agreed.to_dict()} if agreed else {},
    }


def majority(group: Sequence[Outcome]) -> float:
    """Return whether the answer that most completions of a problem agree on is right; for a tie, the share that is.

    Answers are the same where they are equal as mathematics, not only letter by letter. Completions without an answer
    have no vote, and an answer is as right as the first completion that gave it (Wang et al. 2022, arXiv:2203.11171).

    >>> majority([Outcome(True, answer="1/2"), Outcome(True, answer="0.5"), Outcome(False, answer="2")])
    1.0
    >>> majority([Outcome(True, answer="1"), Outcome(False, answer="2"), Outcome(False)])
    0.5
    """
    ballots: list[tuple[str, bool, int]] = []
    for one in group:
        if not one.answer or not one.answer.strip():
            continue
        place = next((index for index, (text, _, _) in enumerate(ballots) if _same(one.answer, text)), None)
        if place is None:
            ballots.append((one.answer, one.right, 1))
        else:
            text, right, votes = ballots[place]
            ballots[place] = (text, right, votes + 1)
    most = max((votes for _, _, votes in ballots), default=0)
    winners = [right for _, right, votes in ballots if votes == most]
    return sum(winners) / len(winners) if winners else 0.0


def comparisons(path: Path) -> list[dict[str, Any]]:
    """Compare the evaluations of a run problem by problem, from its `completions.jsonl`.

    Sampled accuracy is compared by the share of right completions of each problem, greedy accuracy by McNemar's test.
    `sampled_over_greedy` compares the samples of the second with the greedy answers of the first: samples that have
    only become surer, as at a lower temperature, get about as far as these. Problems that only one of the two has are
    left out, and counted under `unpaired`.
    """
    right = _right_by_problem(path)
    found = []
    for first, second in PAIRS:
        modes = {
            name: _compared(name, right.get((first, before), {}), right.get((second, after), {}))
            for name, (before, after) in COMPARED.items()
        }
        there = {mode: facts for mode, facts in modes.items() if facts}
        if there:
            found.append({"from": first, "to": second, **there})
    return found


def step_seconds(metrics: Iterable[Mapping[str, Any]]) -> dict[str, float]:
    """Return what the steps of GRPO spent their time on, as shares of the whole, and the seconds of a median step.

    >>> step = {"stage": "grpo", "seconds/generation": 3.0, "seconds/rewards": 0.5, "seconds/update": 6.5}
    >>> step_seconds([step | {"seconds/step": 10.0}])
    {'step': 10.0, 'generation': 0.3, 'rewards': 0.05, 'update': 0.65}
    """
    rows = [row for row in metrics if row.get("stage") == "grpo" and "seconds/step" in row]
    whole = sum(row["seconds/step"] for row in rows)
    if not whole:
        return {}
    ordered = sorted(row["seconds/step"] for row in rows)
    shares = {name: sum(row[f"seconds/{name}"] for row in rows) / whole for name in ("generation", "rewards", "update")}
    return {"step": ordered[len(ordered) // 2]} | {name: round(value, 6) for name, value in shares.items()}


def _compared(
    mode: str, before: Mapping[str, Sequence[bool]], after: Mapping[str, Sequence[bool]]
) -> dict[str, Any] | None:
    both = [problem for problem in before if problem in after]
    if not both:
        return None
    ends = [[sum(side[problem]) / len(side[problem]) for problem in both] for side in (before, after)]
    change: Difference = (
        statistics.mcnemar([value > 0 for value in ends[0]], [value > 0 for value in ends[1]])
        if mode == "greedy"
        else statistics.paired(*ends)
    )
    return {
        "problems": len(both),
        "unpaired": len(before.keys() ^ after.keys()),
        "difference": change.value,
        "low": change.low,
        "high": change.high,
        "p": change.p,
        "gained": change.gained,
        "lost": change.lost,
        "test": "McNemar, exact" if mode == "greedy" else "paired by problem, normal",
    }


def _right_by_problem(path: Path) -> dict[tuple[str, str], dict[str, list[bool]]]:
    """Read a file of completions line by line, and keep only what was right; a line that is cut off is left out."""
    found: dict[tuple[str, str], dict[str, list[bool]]] = {}
    stages = {stage for pair in PAIRS for stage in pair}
    if not path.is_file():
        return found
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            if not line.endswith("\n"):
                continue
            row = json.loads(line)
            if row["stage"] in stages:
                problems = found.setdefault((row["stage"], row["mode"]), {})
                problems.setdefault(row["prompt"], []).append(bool(row["correct"]))
    return found


def _spoken(groups: Sequence[Sequence[float | None]]) -> list[list[float]]:
    return [[value for value in group if value is not None] for group in groups]


def _ends(found: Estimate | None) -> list[float | None] | None:
    return [found.low, found.high] if found else None


def _same(first: str, second: str) -> bool:
    """The same answer; long ones, which no person would vote for, only letter by letter."""
    first, second = first.strip(), second.strip()
    if first == second:
        return True
    return max(len(first), len(second)) <= LONGEST_VOTE and equal(first, second).equal is True
