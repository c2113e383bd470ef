r"""Answers in \boxed{}: the last one, or several side by side as a list."""

from __future__ import annotations

import re
from typing import Literal

from plaudit.answers.lexer import closing_brace
from plaudit.answers.types import Extraction, new_extraction

_BOX = re.compile(r"\\(?:boxed|fbox)\s*(?:\{|(?=[0-9A-Za-z]))")
_NOISE = re.compile(r"\\(?:q?quad|text|mbox|textrm|[()\[\],; ])|[\s$.,;:&{}]+")
_JOINER = re.compile(r"(?:forpart\([a-z]\))?(and|or)?(?:[A-Za-z](?:_?\w)?=)?")
_NEGATED = re.compile(
    r"(?:\b(?:not|never|isnt|cannot|nor)|n't|n’t)\s*(?:be|is|equal|to|the|answer|:|\\\(|\$|\s)*$", re.IGNORECASE
)
_TAKEN_BACK = re.compile(r"[\s$)\\]*(?:is|was|would be)\s+(?:wrong|incorrect|not|false)", re.IGNORECASE)
_LEAST_TAKEN_BACK = len("is not")
_MAX_BOXES = 20
_MAX_BETWEEN = 70
_MAX_BACK = 400
NEVER_CLOSES = "a box that never closes"
_NO_BOX = Extraction("none", None, None, "no box")
_OPEN_BOX = Extraction("none", None, None, NEVER_CLOSES)


def boxed(text: str, boxes: Literal["joined", "last", "refused"] = "joined") -> Extraction:
    r"""Find the content of the last \boxed{} (or \fbox{}); boxes with only `and`, `or`, a comma between are one list.

    A box that never closes is no answer, a box after `not` or before `is wrong` is ambiguous.

    >>> boxed(r"\boxed{1} and \boxed{2}").text
    '1 and 2'
    """
    last = text.rfind("\\boxed")
    behind = text if last < 0 else text[last:]
    if "\\fbox" in behind:
        last = max(last, 0) + behind.rfind("\\fbox")
    if last < 0:
        return _NO_BOX
    inner, brace, _ = behind[7:].partition("}")
    if brace and inner.isalnum() and behind.startswith("\\boxed{"):
        start, end = last + 7, last + 7 + len(inner)
    else:
        found = _content(text, last)
        if found is None:
            return _OPEN_BOX
        start, end = found
    before = text[last - _MAX_BACK if last > _MAX_BACK else 0 : last]
    taken_back = len(text) - end > _LEAST_TAKEN_BACK and _TAKEN_BACK.match(text, end + 1) is not None
    if taken_back or _is_negated(before[-30:]):
        return Extraction("ambiguous", None, (start, end), "a box that the text takes back")
    if "\\" not in before or "x" not in before or "\\boxed" not in before:
        return new_extraction(("found", text[start:end].strip(), (start, end), "boxed"))
    last = _outermost(text, last)
    found = _content(text, last)
    if found is None:
        return _OPEN_BOX
    start, end = found
    if boxes == "last":
        return Extraction("found", text[start:end].strip(), (start, end), "boxed")
    return _joined(text, last, start, end, boxes)


def _is_negated(before: str) -> bool:
    """Whether what stands before a box denies it; most texts hold none of the words and are done with that."""
    low = before.lower()
    denies = "no" in low or "never" in low or "n't" in low or "n’t" in low or "isnt" in low
    return denies and _NEGATED.search(before) is not None


def _content(text: str, position: int) -> tuple[int, int] | None:
    if text.startswith("\\boxed{", position):
        closing = closing_brace(text, position + 6)
        return None if closing is None else (position + 7, closing)
    match = _BOX.match(text, position)
    if match is None:
        return None
    if text[match.end() - 1] != "{":
        return match.end(), match.end() + 1
    closing = closing_brace(text, match.end() - 1)
    return None if closing is None else (match.end(), closing)


def _outermost(text: str, position: int) -> int:
    """Step out of boxes directly around this one."""
    for _ in range(_MAX_BOXES):
        before = text.rfind("\\boxed{", max(0, position - _MAX_BETWEEN), position)
        if before < 0:
            return position
        outer = _content(text, before)
        if outer is None or outer[1] < position:
            return position
        position = before
    return position


def _joined(text: str, last: int, start: int, end: int, boxes: str) -> Extraction:
    pieces = [text[start:end].strip()]
    left = last
    for _ in range(_MAX_BOXES):
        before = text.rfind("\\boxed", max(0, left - _MAX_BACK), left)
        if before < 0:
            break
        found = _content(text, before)
        if found is None or found[1] >= left or left - found[1] > _MAX_BETWEEN:
            break
        match = _JOINER.fullmatch(_NOISE.sub("", text[found[1] + 1 : left]))
        if match is None:
            break
        if boxes == "refused":
            return Extraction("ambiguous", None, (found[0], end), "several boxes")
        pieces.append(" or " if match[1] == "or" else " and ")
        pieces.append(text[found[0] : found[1]].strip())
        start, left = found[0], before
    how = "boxed" if len(pieces) == 1 else "boxed: several boxes side by side"
    return Extraction("found", "".join(reversed(pieces)), (start, end), how)
