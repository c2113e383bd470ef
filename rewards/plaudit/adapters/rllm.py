"""rLLM: a recipe as an evaluator.

Written against rLLM's main branch of 2026-08-15 (`rllm/eval/evaluator_loader.py`): a function of `task` and `episode`,
found by import path; it may return a mapping with `reward`, `is_correct`, `signals` and `metadata`. It knows no missing
score.
"""

from __future__ import annotations

from typing import Any

from plaudit.adapters.judge import Judge


def evaluate(judge: Judge, task: Any, episode: Any) -> dict[str, Any]:
    """Score an episode by the last thing that its agent said; the gold is the task's `ground_truth`.

    `is_correct` holds from the value that means "right" on; where no value means that, for full marks.

    Raises:
        ConfigError: The judge has no fallback.
    """
    judge.needs_fallback("rLLM")
    row = dict(task if isinstance(task, dict) else getattr(task, "metadata", None) or {})
    prompt = row.get("question") or getattr(task, "instruction", "") or ""
    score = judge.score([judge.sample(said(episode), prompt=prompt, gold=row.get("ground_truth"), row=row)])[0]
    value = judge.value(score)
    return {
        "reward": value,
        "is_correct": score.value is not None and judge.share(value) >= 1.0,
        "signals": judge.numbers(score),
        "metadata": {"reason": score.reason, "extracted": score.extracted},
    }


def said(episode: Any) -> Any:
    """Return what an episode's agent said last: its artifact `answer`, its output, or its last reply.

    >>> from types import SimpleNamespace as Made
    >>> said(Made(artifacts={}, trajectories=[Made(output=None, steps=[Made(output=None, model_response="4")])]))
    '4'
    """
    if "answer" in episode.artifacts:
        return episode.artifacts["answer"]
    if not episode.trajectories:
        return ""
    last = episode.trajectories[-1]
    if last.output:
        return last.output
    if last.steps and last.steps[-1].output:
        return last.steps[-1].output
    return next((step.model_response for step in reversed(last.steps) if step.model_response), "")
