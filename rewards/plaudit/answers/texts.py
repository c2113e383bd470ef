"""Answers in words: the same words but for case, articles and punctuation; numbers in words; infinity."""

from __future__ import annotations

import re

from flint import fmpq

from plaudit.answers.exact import rational
from plaudit.answers.tree import Node

_ARTICLES = frozenset(("a", "an", "the"))
_WORD = re.compile(r"[^\W_]+", re.UNICODE)


def _in_order(text: str) -> list[str]:
    return text.split()


_SMALL = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen twenty"
)
_TENS = "thirty forty fifty sixty seventy eighty ninety hundred"
_NUMBER_WORDS = {word: value for value, word in enumerate(_in_order(_SMALL))} | {
    word: 10 * value for value, word in enumerate(_in_order(_TENS), start=3)
}
_INFINITE = frozenset(("infinitely many", "infinite", "infinity", "infinitely many solutions"))
_PUNCTUATION = frozenset(".,;:'\"!?()[]{}*\\-")


def text_key(text: str) -> str:
    """Reduce a text to what is compared: lower case, no articles, no punctuation.

    >>> text_key("The Lake")
    'lake'
    """
    words = text.split()
    if any(not word.isalpha() and word not in _PUNCTUATION for word in words):
        # formulas that nothing could read: every mark and every capital counts
        return " ".join(word for word in words if word not in "{}")
    words = [word.lower() for word in words if word not in _PUNCTUATION]
    return " ".join([word for word in words if word not in _ARTICLES] or words)


def _is_in_capitals(node: Node) -> bool:
    """Whether a product of letters can be meant as a word: EAST."""
    return node.op == "mul" and all(child.op == "sym" and child.value.isupper() for child in node.args)


def same_text(prediction: Node, gold: Node) -> bool | None:
    """Whether a text answer says the same as another; a number may be written in words."""
    if prediction.op == gold.op == "text":
        return text_key(prediction.value) == text_key(gold.value) != ""
    text, other = (prediction, gold) if prediction.op == "text" else (gold, prediction)
    if _is_in_capitals(other):
        return text_key(text.value) == "".join(child.value for child in other.args).lower()
    words = text.value.lower()
    if words in _INFINITE:
        return other.op == "inf"
    value = _NUMBER_WORDS.get(words)
    return value is not None and rational(other) == fmpq(value)
