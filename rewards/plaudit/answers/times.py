"""Times of day and dates, where both answers are one."""

from __future__ import annotations

import re

_TIME = re.compile(r"(\d{1,2}):(\d\d)(?::(\d\d))?\s*(?:([ap])\.?\s?m\b\.?)?", re.ASCII | re.IGNORECASE)
_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_DATE = re.compile(r"([a-z]{3,9})\.? (\d{1,2})(?:st|nd|rd|th)?,? (\d{4})", re.ASCII | re.IGNORECASE)
_DAY_FIRST = re.compile(r"(\d{1,2})(?:st|nd|rd|th)? ([a-z]{3,9})\.?,? (\d{4})", re.ASCII | re.IGNORECASE)
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})", re.ASCII)
_NOISE = re.compile(r"\\text\w*|\\mbox|\\mathrm|[{}$\\~]|\\,")
_COLON_OR_YEAR = re.compile(r":|\d{4}", re.ASCII)
_MAX_CHARACTERS = 60


def moment(text: str) -> tuple[str, tuple[int, ...], str] | None:
    """Read a time of day or a date: its kind, its numbers, and a or p if the half of the day is given.

    >>> moment("4:30 p.m.")
    ('time', (4, 30, 0), 'p')
    >>> moment("January 5, 2024") == moment("2024-01-05")
    True
    """
    if len(text) > _MAX_CHARACTERS or _COLON_OR_YEAR.search(text) is None:
        return None
    text = " ".join(_NOISE.sub(" ", text).split()).strip(" .")
    match = _TIME.fullmatch(text) or _TIME.fullmatch(text + ".")
    if match is not None:
        hour, minute, second, half = int(match[1]), int(match[2]), int(match[3] or 0), (match[4] or "").lower()
        return ("time", (hour, minute, second), half) if hour < 25 and minute < 60 else None
    match = _ISO.fullmatch(text)
    if match is not None:
        return "date", (int(match[1]), int(match[2]), int(match[3])), ""
    named = _DATE.fullmatch(text)
    if named is not None:
        return _date(named[1], named[2], named[3])
    named = _DAY_FIRST.fullmatch(text)
    return _date(named[2], named[1], named[3]) if named is not None else None


def _date(month: str, day: str, year: str) -> tuple[str, tuple[int, ...], str] | None:
    short = month[:3].lower()
    return ("date", (int(year), _MONTHS.index(short) + 1, int(day)), "") if short in _MONTHS else None


def same_moment(prediction: str, gold: str) -> bool | None:
    """Whether two texts are the same time or date; None where they aren't both one."""
    target = moment(gold)
    if target is None:
        return None
    mine = moment(prediction)
    if mine is None or mine[0] != target[0]:
        return None
    return mine[1] == target[1] and (mine[2] == target[2] or not mine[2] or not target[2])
