"""Exact reading of a text that is one number, and of the first number in a text."""

from __future__ import annotations

import re
from fractions import Fraction

from flint import fmpq

from plaudit.answers import units
from plaudit.answers.exact import rational
from plaudit.answers.literals import MAX_DIGITS, literal
from plaudit.answers.normalize import tidy
from plaudit.answers.reader import read
from plaudit.answers.tree import Unreadable

_FIRST = re.compile(
    r"(?<![\d.])[-+]?(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:\.\d+)?(?:[eE][-+]?\d{1,5})?(?:\s?\\?%|/\d+)?|[-+]?\.\d+\s?\\?%?",
    re.ASCII,
)
_MAX_CHARACTERS = 2_000


def number(text: str) -> Fraction | None:
    r"""Read a text that is one number, exactly; None for everything else (`nan`, words, formulas with variables).

    Integers, decimals, fractions, mixed numbers, percentages (50% is 1/2), scientific notation, thousands separators
    (also LaTeX's), unicode digits and minus, currency and units, arithmetic of such. Caps: 1,000 digits, exponents up
    to 2,000.

    >>> number("1{,}234.5"), number(r"2\frac{1}{2}"), number("50%"), number("1e999999")
    (Fraction(2469, 2), Fraction(5, 2), Fraction(1, 2), None)
    """
    if len(text) > _MAX_CHARACTERS:
        text = text.strip()
        if len(text) > _MAX_CHARACTERS:
            return None
    plain = literal(text.strip())
    if plain is not None:
        return _fraction(plain.value / 100 if plain.percent else plain.value)
    try:
        node = units.plain(read(tidy(text)))
    except Unreadable:
        return None
    if node.op == "unit":
        if units.hedged(node.value):
            return None
        node = node.args[0]
    value = rational(node)
    return None if value is None else _fraction(value)


def _fraction(value: fmpq) -> Fraction:
    return Fraction(int(value.p), int(value.q))


def first_number(text: str) -> Fraction | None:
    """Find the first number that occurs in a text, exactly; None if there is none.

    Digits, sign, thousands separators, decimals, exponent, a percent sign (divides by 100), a simple fraction.

    >>> first_number("about 1,250 of them, or 3")
    Fraction(1250, 1)
    """
    match = _FIRST.search(tidy(text[:20_000]))
    if match is None or len(match[0]) > MAX_DIGITS:
        return None
    return number(match[0])


_OPERATORS = re.compile(r"[<>^*·÷/!∉]|\\(?:ne|neq|pm|mp|le|ge|leq|geq|lt|gt|sqrt|frac|times|cdot|div)(?![a-zA-Z])")
_HARMLESS = re.compile(r"(?<=[A-Za-z}])\s?\^\{?-?[23]\}?(?!\d)|(?<=[A-Za-z])/(?=[A-Za-z])|\*\*")
"""Powers and quotients of units, and bold type."""
_DENIALS = frozenset(("but", "or", "either", "neither"))


def doubt(text: str) -> str:
    """Say why a text does not state just its first number; empty where it does.

    A second number, words that take it back or scale it, an operator, or letters that it is part of.

    >>> doubt("about 1,250 km^2"), doubt("not 4"), doubt("4 or 5")
    ('', 'words take the number back', 'more than one number')
    """
    whole = tidy(text[:20_000])
    match = _FIRST.search(whole)
    if match is None:
        return "no number"
    if match[0] == whole:  # as nearly every solution is, and nothing stands beside it
        return ""
    before, after = (_HARMLESS.sub("", side) for side in (whole[: match.start()], whole[match.end() :]))
    if any(letter.isdigit() for letter in before + after):
        return "more than one number"
    spoken = set(units.words_of(f"{before} {after}"))
    if units.hedged(f"{before} {after}") or spoken & _DENIALS:
        return "words take the number back"
    if _OPERATORS.search(before) or _OPERATORS.search(after):
        return "an operator stands beside the number"
    if before[-1:].isalpha() or (
        after[:1].isalpha() and not after[1:2].isalpha() and units.meaning([after[0]]) is None
    ):
        return "the number is part of a word"
    return "a word divides the number" if "percent" in spoken else ""
