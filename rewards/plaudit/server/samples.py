"""What the trainers' protocols share: the gold field as columns, the prompt cut off, a score as numbers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from plaudit.adapters.foreign import gold_column
from plaudit.formats import END_TOKENS
from plaudit.server.wire import parse

if TYPE_CHECKING:
    from plaudit.protocol import Score, Spec


def gold_columns(gold: Any, spec: Spec) -> dict[str, Any]:
    """Return the columns that a trainer's one gold field stands for.

    A reward that reads one column gets the field as that column. One that reads several gets them from an object, or
    from the JSON text of one; any other text fills the column that usually holds the gold.

    Args:
        gold: What the trainer sent.
        spec: The facts of the reward.

    >>> from plaudit import Spec
    >>> gold_columns("4", Spec("right", 0, 1, reads=("solution",)))
    {'solution': '4'}
    >>> gold_columns('{"answer": "4", "unit": "m"}', Spec("right", 0, 1, reads=("answer", "unit")))
    {'answer': '4', 'unit': 'm'}
    """
    if len(spec.reads) > 1:
        several = _object(gold)
        if several is not None:
            return several
    name = spec.reads[0] if len(spec.reads) == 1 else gold_column(spec.reads) or "answer"
    return {name: gold}


def _object(gold: Any) -> dict[str, Any] | None:
    if isinstance(gold, str) and gold.lstrip().startswith("{"):
        try:
            gold = parse(gold.encode("utf-8", "surrogatepass"))
        except json.JSONDecodeError:
            return None
    return dict(gold) if isinstance(gold, Mapping) else None


def response_of(query: str, prompt: str) -> str | None:
    """Cut the prompt off a decoded prompt with response, and the end token off its end; None where it isn't in there.

    >>> response_of("<bos>2 + 2?4<|im_end|>", "2 + 2?")
    '4'
    """
    start = query.find(prompt)
    if start < 0:
        return None
    response = query[start + len(prompt) :]
    while (end := next((token for token in END_TOKENS if response.endswith(token)), None)) is not None:
        response = response.removesuffix(end)
    return response


def contributions(score: Score) -> dict[str, float]:
    """Return what each part adds to the total; a part that abstains adds nothing."""
    return {part.name: part.contribution for part in score.parts}
