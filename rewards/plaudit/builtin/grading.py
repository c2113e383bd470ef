"""What the answer rewards share: the gold as text, the policy as an option, verdicts remembered."""

from __future__ import annotations

import re
from dataclasses import fields
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from plaudit.answers import Policy, Verdict, equal
from plaudit.errors import ConfigError, UnknownOptionError, nearest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from plaudit.protocol import Sample

_REMEMBERED_CHARACTERS = 1_000


def gold_text(sample: Sample) -> str | None:
    """Return the gold answer as text; None where it is missing or blank."""
    gold = sample.columns["answer"]
    text = gold if isinstance(gold, str) else "" if gold is None else str(gold)
    return text if text.strip() else None


def as_policy(value: Policy | Mapping[str, Any]) -> Policy:
    """Return a policy from a policy, or from the fields that differ from the default.

    Raises:
        UnknownOptionError: No such field; the nearest one is named.
        ConfigError: A value that the field doesn't allow.

    >>> as_policy({"percent": "value"}).percent
    'value'
    """
    if isinstance(value, Policy):
        return value
    known = [item.name for item in fields(Policy)]
    for name in value:
        if name not in known:
            raise UnknownOptionError(f"A policy has no field {name!r}. {nearest(str(name), known)}")
    try:
        return Policy(**value)
    except ValueError as error:
        raise ConfigError(str(error)) from error


def grade(prediction: str, gold: str, policy: Policy) -> Verdict:
    """Compare an answer with the gold; an equal question is answered once, from a bounded cache that threads share."""
    if len(prediction) > _REMEMBERED_CHARACTERS:
        return equal(prediction, gold, policy)
    return _remembered(prediction, gold, policy)


@lru_cache(maxsize=16_384)
def _remembered(prediction: str, gold: str, policy: Policy) -> Verdict:
    return equal(prediction, gold, policy)


def is_undone(prediction: str, gold: str) -> bool:
    """Whether a prediction leaves arithmetic undone that the gold doesn't have: the question, restated.

    >>> is_undone("6*7", "42"), is_undone("84/2", "42"), is_undone("1/2", "0.5"), is_undone("1.2*10^3", "1200")
    (True, True, False, False)
    """
    start = prediction[:10_000]
    if _OPERATION.search(gold) or any(map(str.isalpha, _COMMAND.sub("", start))):
        return False
    divided = gold.strip().lstrip("-").isdigit() and _DIVISION.search(start)
    return bool(divided or _OPERATION.search(start))


_COMMAND = re.compile(r"\\(?:times|cdot|div|[dt]?frac|left|right)")


_OPERATION = re.compile(r"\d[ )}]{0,3}(?:[+*×·-]|\\times|\\cdot)[ ({]{0,3}(?!10\s?\^)\d")
_DIVISION = re.compile(r"\d[ )]{0,3}[/÷][ (]{0,3}\d|\\[dt]?frac\s?\{?-?\d|\\div")
