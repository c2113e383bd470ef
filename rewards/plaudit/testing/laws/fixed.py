"""The completions that a law tries besides those that Hypothesis draws: the same ones every time."""

from __future__ import annotations

from plaudit.protocol import Sample
from plaudit.testing.context import Context
from plaudit.testing.strategies import NEUTRAL, TRAPS


def fixed_batch(context: Context, *, whole: bool = False) -> list[Sample]:
    """Return a batch of ordinary and odd completions; without those that take the reward seconds, unless `whole`."""
    batch = _fixed(context)
    return batch if whole else [sample for sample in batch if context.is_quick(sample)]


def _fixed(context: Context) -> list[Sample]:
    texts = [*(word for word in TRAPS if word != "\ud800"), *NEUTRAL]
    if not context.tasks:
        columns = dict.fromkeys(context.spec.reads, "42")
        return [Sample(text, "What is 6 times 7?", columns, group="a") for text in texts]
    answered = [
        task.sample(answer, reasoning)
        for task in context.tasks[:3]
        for answer in (*task.right, *task.wrong[:2])
        for reasoning in NEUTRAL[:2]
    ]
    return [*answered, *(context.tasks[0].completed(text) for text in texts)]


def few(context: Context) -> list[Sample]:
    """Return a right, a wrong and a missing answer to each of three tasks, in the order of their prompts."""
    if not context.tasks:
        return fixed_batch(context)[-6:]
    rows = [
        task.completed(text)
        for task in context.tasks[:3]
        for text in (*(task.render(answer) for answer in (*task.right[:1], *task.wrong[:1])), NEUTRAL[1])
    ]
    return sorted(rows, key=lambda sample: str(sample.group))
