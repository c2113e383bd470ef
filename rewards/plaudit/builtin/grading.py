"""What the answer rewards share: the gold as text, the policy as an option, verdicts remembered."""

from __future__ import annotations

import numbers
import re
from dataclasses import fields
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from plaudit.answers import Policy, Verdict, equal, number
from plaudit.errors import ConfigError, UnknownOptionError, nearest

if TYPE_CHECKING:
    from collections.abc import Mapping
    from fractions import Fraction

    from plaudit.protocol import Sample

_REMEMBERED_CHARACTERS = 1_000


def gold_text(sample: Sample) -> str | None:
    """Return the gold answer as text; None where it is missing or blank."""
    gold = sample.columns["answer"]
    if not isinstance(gold, str) and isinstance(gold, numbers.Number) and not isinstance(gold, bool) and gold == gold:
        gold = str(gold)
    return gold if isinstance(gold, str) and gold.strip() else None


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
    try:
        return _remembered(prediction, gold, policy)
    except _UndecidedError as undecided:
        return undecided.verdict


@lru_cache(maxsize=16_384)
def _remembered(prediction: str, gold: str, policy: Policy) -> Verdict:
    verdict = equal(prediction, gold, policy)
    if verdict.equal is None and verdict.gold_readable:
        raise _UndecidedError(verdict)  # what no layer could decide, perhaps for want of time, is asked again next time
    return verdict


class _UndecidedError(Exception):
    def __init__(self, verdict: Verdict) -> None:
        self.verdict = verdict


@lru_cache(maxsize=4_096)
def _number_of_short(text: str) -> Fraction | None:
    return number(text)


def number_of(text: str) -> Fraction | None:
    """Read a text as one number, as `plaudit.answers.number` does; an equal text is read once.

    >>> number_of("1/2")
    Fraction(1, 2)
    """
    return number(text) if len(text) > _REMEMBERED_CHARACTERS else _number_of_short(text)


def restates(prediction: str, gold: str, prompt: str) -> bool:
    """Whether a prediction is arithmetic that the question itself holds, handed back where a plain number is asked for.

    A fraction is a number of its own, unless a whole number is asked for.

    >>> restates("(6 × 7)", "42", "What is 6 * 7?"), restates("40+2", "42", "What is 6 * 7?")
    (True, False)
    >>> restates("1/2", "0.5", "Heads has chance 1/2. What is the mean?"), restates("84/2", "42", "What is 84/2?")
    (False, True)
    """
    wanted = gold.strip().lstrip("-").replace(",", "")
    if not wanted.replace(".", "", 1).isdigit():
        return False
    if prediction.isdecimal():
        return False
    expression = _bare(prediction[:1_000])
    found = (_OPERATION_OR_DIVISION if wanted.isdigit() else _OPERATION).search(expression)
    return bool(found) and expression in _bare(prompt[:20_000])


def _bare(text: str) -> str:
    for mark in ("\\times", "\\cdot", "×", "·", "⋅"):
        text = text.replace(mark, "*")
    for mark in ("\\div", "÷"):
        text = text.replace(mark, "/")
    return "".join(text.replace("$", "").split()).strip("()")


_OPERATION = re.compile(r"\d\)?[+*^-]\(?\d")
_OPERATION_OR_DIVISION = re.compile(r"\d\)?[+*/^-]\(?\d")
