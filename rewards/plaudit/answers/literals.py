"""Reading one written number: digits, separators, decimals, exponents; with caps on both."""

from __future__ import annotations

import re
from typing import NamedTuple

from flint import fmpq

MAX_DIGITS = 1_000
MAX_EXPONENT = 2_000

_LITERAL = re.compile(
    r"([+-]?)[ ]?(?:(\d{1,3}(?:,\d{3})+|\d{1,3}(?: \d{3})+|\d+)(\.\d*)?|(\.\d+))(?:[eE]([+-]?\d{1,5}))?[ ]?(%?)\.?",
    re.ASCII,
)


class Number(NamedTuple):
    """A written number: its exact value (percent not applied), digits after its point, whether it is a percentage."""

    value: fmpq
    decimals: int
    percent: bool


def literal(text: str) -> Number | None:
    """Read a text that is one plain number and nothing else, or None.

    >>> literal("1,234.50").value
    2469/2
    >>> literal("1e999999") is None
    True
    """
    if len(text) > MAX_DIGITS:
        return None
    plain = _plain(text) if text.isascii() else None
    if plain is not None:
        return plain
    match = _LITERAL.fullmatch(text)
    if match is None:
        return None
    sign, whole, tail, bare, exponent, percent = match.groups()
    whole = whole or ""
    digits = (whole.replace(",", "").replace(" ", "")) or "0"
    after = (tail or bare or ".")[1:]
    value = fmpq(int(digits + after), 10 ** len(after)) if after else fmpq(int(digits))
    power = int(exponent) if exponent else 0
    if abs(power) > MAX_EXPONENT:
        return None
    if power:
        value = value * 10**power if power > 0 else value / 10**-power
    return Number(-value if sign == "-" else value, max(0, len(after) - power), percent == "%")


def _plain(text: str) -> Number | None:
    """Read digits, perhaps a minus before them and a point among them: most numbers, without a pattern."""
    unsigned = text[1:] if text[:1] == "-" else text
    if unsigned.isdecimal():
        return Number(fmpq(int(text)), 0, False)
    whole, point, after = unsigned.partition(".")
    if not (point and whole.isdecimal() and after.isdecimal()):
        return None
    value = fmpq(int(whole + after), 10 ** len(after))
    return Number(value if unsigned is text else -value, len(after), False)


def plain_value(digits: str) -> tuple[fmpq, int]:
    """Value and digits after the point of a token that the lexer already knows to be a number."""
    if digits.isdecimal() and len(digits) <= MAX_DIGITS:
        return fmpq(int(digits)), 0
    whole, _, after = digits.partition(".")
    if len(whole) + len(after) > MAX_DIGITS:
        raise ValueError("more digits than the cap")
    if not after:
        return fmpq(int(whole or "0")), 0
    return fmpq(int((whole or "0") + after), 10 ** len(after)), len(after)
