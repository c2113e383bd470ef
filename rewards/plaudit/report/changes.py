"""What a summary says beside its table, in sentences: what a stage changed, what was dropped, where the time went."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from plaudit.report.lines import finite

STEPS = {
    ("before", "after_sft"): "imitation changed",
    ("after_sft", "after_grpo"): "GRPO changed",
    ("before", "after_grpo"): "both stages changed",
}


def sentences(summary: Mapping[str, Any]) -> list[str]:
    """Return a sentence for each stage that was compared, for problems that were dropped, and for the rewards' time.

    >>> sentences({"step_seconds": {"step": 2.0, "rewards": 0.003}})
    ['Rewards took 0.3 % of a step; half of all steps took 2.0 s or less.']
    """
    compared = summary.get("comparisons")
    pairs = [each for each in compared if isinstance(each, Mapping)] if isinstance(compared, list) else []
    found = [sentence for each in pairs for sentence in (_compared(each), _surer(each))]
    return [sentence for sentence in (*found, _dropped(summary.get("difficulty")), _time(summary)) if sentence]


def _compared(found: Mapping[str, Any]) -> str:
    did = STEPS.get((str(found.get("from")), str(found.get("to"))), "")
    said = [
        clause
        for mode in ("sampled", "greedy")
        if isinstance(found.get(mode), Mapping) and (clause := _clause(mode, found[mode]))
    ]
    return f"Problem by problem, {did} {'; '.join(said)}." if did and said else ""


def _surer(found: Mapping[str, Any]) -> str:
    """Whether GRPO did more than make samples as good as the greedy answers that were there before."""
    if (found.get("from"), found.get("to")) != ("after_sft", "after_grpo"):
        return ""
    over = found.get("sampled_over_greedy")
    change = _change(over, "p") if isinstance(over, Mapping) else ""
    return (
        f"Samples after GRPO against the greedy answers before it: {change}. A model that has only become surer "
        "gets about as far as those answers."
        if change
        else ""
    )


def _clause(mode: str, found: Mapping[str, Any]) -> str:
    change = _change(found, "exact p" if mode == "greedy" else "p")
    return f"{mode} accuracy by {change}" if change else ""


def _change(found: Mapping[str, Any], test: str) -> str:
    change, low, high, p = (finite(found.get(key)) for key in ("difference", "low", "high", "p"))
    if change is None or p is None:
        return ""
    ends = f" (95 %: {_points(low)} to {_points(high)})" if low is not None and high is not None else ""
    return f"{_points(change)} points{ends}, {test} {_small(p)}"


def _dropped(found: Any) -> str:
    if not isinstance(found, Mapping):
        return ""
    counts = [finite(found.get(key)) for key in ("measured", "samples", "solved", "hopeless", "kept")]
    if None in counts:
        return ""
    measured, samples, solved, hopeless, kept = (f"{count or 0:.0f}" for count in counts)
    return (
        f"Of {measured} training problems tried {samples} times each, {solved} were solved and {hopeless} hopeless: "
        f"dropped; {kept} are left."
    )


def _time(summary: Mapping[str, Any]) -> str:
    seconds = summary.get("step_seconds")
    if not isinstance(seconds, Mapping):
        return ""
    step, rewards = finite(seconds.get("step")), finite(seconds.get("rewards"))
    if step is None or rewards is None:
        return ""
    return f"Rewards took {100 * rewards:.2g} % of a step; half of all steps took {step:.1f} s or less."


def _points(share: float) -> str:
    text = f"{100 * share:+.1f}"
    return text[1:] if float(text) == 0 else text.replace("-", "−")


def _small(p: float) -> str:
    return "< 0.001" if p < 0.001 else f"= {p:.2g}"
