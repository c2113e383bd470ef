"""Answers: is this one the same as that one? So far, numbers only."""

import re
from fractions import Fraction

_NUMBER = re.compile(r"[-+]?(?:\d[\d,]*(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d{1,3})?(?:/\d+)?")


def number(text: str) -> Fraction | None:
    """Read a text that is a number, exactly."""
    stripped = text.strip()
    return _fraction(stripped) if _NUMBER.fullmatch(stripped) else None


def first_number(text: str) -> Fraction | None:
    """Read the first number in a text, exactly."""
    found = _NUMBER.search(text)
    return _fraction(found.group()) if found else None


def _fraction(text: str) -> Fraction | None:
    try:
        return Fraction(text.replace(",", ""))
    except (ValueError, ZeroDivisionError):
        return None
