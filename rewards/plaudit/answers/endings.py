"""The endings other than boxes, each a linear scan from the end of the text."""

from __future__ import annotations

import re

from plaudit.answers.types import Extraction, new_extraction
from plaudit.answers.vocabulary import words

_NONE = Extraction("none", None, None, "no answer found")
_MAX_ANSWER = 600
_FORMULAS = (("\\[", "\\]"), ("$$", "$$"), ("\\(", "\\)"))
FINAL_ANSWER = "phrase: final answer"
_PHRASE = re.compile(
    r"answers?(?:\s(?:to|for|of)\s(?:the|this|part)\s(?:\w{1,12}|\([a-z]\)))?[\s*\"]{0,4}(?:(?:is|are|=|:|≈)[\s*:]{0,6}|(?=[\\$]))"
    r"(?:\s*(?:the\s)?final answer is:?\s*)?",
    re.IGNORECASE,
)
_SENTENCE_END = re.compile(r"(?<=[^\s.])\.\s+(?=[A-Z*<\"\\])|\.?\s*<\||\s+(?:because|since|which|as)\s|\.\s*I hope|\n")
_NEGATED = re.compile(
    r"(?:\b(?:not|nor|or|neither|either|between|never|than|isnt|maybe|perhaps|possibly|probably)|n't|n’t|≠|!=)"
    r"[\s$\\(]*(?:be|is|equal to)?[\s$\\(]*$",
    re.IGNORECASE,
)
_TAKEN_BACK = re.compile(r"[\s$)\\.}]*(?:is|was|would be|or)\s+(?:wrong|incorrect|not|false|\d)", re.IGNORECASE)
_NUMBER = re.compile(
    r"(?:-\s?)?(?:\\?\$\s?)?(?:\d{1,3}(?:(?:,|\{,\}|\\,|,\\!)\d{3})+(?!\d)|\d+)(?:\.\d+)?(?:[eE][-+]?\d{1,4})?(?:\s?/\s?\d+)?(?:\s?\\?%)?"
    r"|-?\.\d+",
    re.ASCII,
)
_CHOICE = re.compile(r"\b(?:option|choice)\s*(?:is|:)?\s*\(?\**([A-J])\**\)?(?![A-Za-z])", re.ASCII | re.IGNORECASE)
_WORD = re.compile(r"[A-Za-z]{2,}")
_MATH = re.compile(r"\$[^$]*\$|\\[A-Za-z]+(?:\{[^{}]*\})?")
_KNOWN = words("sin cos tan log ln exp sqrt pi and or cm mm km kg ml")


def _between(text: str, opening: str, closing: str, how: str) -> Extraction:
    end = text.rfind(closing)
    start = text.rfind(opening, 0, end) if end >= 0 else -1
    if start < 0:
        return _NONE
    return _trimmed(text, start + len(opening), end, how)


def _trimmed(text: str, start: int, end: int, how: str) -> Extraction:
    piece = text[start:end]
    answer = piece.strip()
    if len(answer) < len(piece):
        start += len(piece) - len(piece.lstrip())
        end = start + len(answer)
    return new_extraction(("found", answer, (start, end), how)) if answer else _NONE


def solution(text: str) -> Extraction:
    """<SOLUTION>x</SOLUTION>, the last closed pair."""
    return _between(text, "<SOLUTION>", "</SOLUTION>", "solution")


def answer_tag(text: str) -> Extraction:
    """<answer>x</answer>, the last closed pair."""
    return _between(text, "<answer>", "</answer>", "answer-tag")


def hash_line(text: str) -> Extraction:
    """`#### x`, the last one; headings of that level (with a colon, or long) are none."""
    start = text.rfind("####") if "#" in text else -1
    if start < 0:
        return _NONE
    start += 4
    end = text.find("\n", start)
    found = _trimmed(text, start, len(text) if end < 0 else end, "hash")
    answer = found.text
    if answer is None or (answer.isdecimal() and len(answer) <= 400):
        return found
    return _NONE if len(answer) > 400 or _is_heading(answer) else found


def _is_heading(text: str) -> bool:
    return text.endswith(":") or text.startswith(("Step ", "Final")) or (len(text) > 80 and _is_prose(text))


def phrase(text: str) -> Extraction:
    """Find `the answer is x`, `A: x`, `Final Answer: x`, `**Answer:** x`; the last one that says something."""
    low = text.lower()
    if len(low) != len(text):
        low = text
    position = len(low)
    for _ in range(6):
        position = low.rfind("answer", 0, position)
        if position < 0:
            break
        match = _PHRASE.match(text, position)
        if match is not None:
            final = low.endswith("final ", 0, position) or low.find("final answer", position, match.end()) >= 0
            found = _said(text, match.end(), FINAL_ANSWER if final else "phrase")
            if found.status != "none":
                return found
    if text.startswith("A:"):
        return _said(text, 2, "phrase")
    start = text.rfind("\nA:")
    return _NONE if start < 0 else _said(text, start + 3, "phrase")


def _said(text: str, start: int, how: str) -> Extraction:
    """Cut out what a phrase announces: to the end of its sentence or displayed formula."""
    while start < len(text) and text[start] in " \n\t*\"'":
        start += 1
    window = text[start : start + _MAX_ANSWER]
    if window.isalnum():
        return new_extraction(("found", window, (start, start + len(window)), how))
    for opening, closing in _FORMULAS if window[:1] in ("\\", "$") else ():
        if window.startswith(opening):
            end = window.find(closing, 2)
            if end > 0:
                return _trimmed(text, start + 2, start + end, how)
    match = _SENTENCE_END.search(window)
    end = start + (match.start() if match else len(window))
    while end > start and text[end - 1] in " .*\"'\\\t\r":
        end -= 1
    return _trimmed(text, start, end, how)


def is_compact(found: Extraction) -> bool:
    """Whether an announced answer is short and has a digit or a formula in it."""
    text = found.text or ""
    return len(text) <= 200 and (any(char.isdigit() for char in text) or "$" in text or "\\" in text)


def choice(text: str) -> Extraction:
    """`option B`, `choice (B)`: the last one in the last 400 characters."""
    low = max(0, len(text) - 400)
    last = None
    for match in _CHOICE.finditer(text, low):
        last = match
    if last is None or _NEGATED.search(text[max(0, last.start() - 12) : last.start()]):
        return _NONE
    return Extraction("found", last[1].upper(), last.span(1), "choice")


def bare(text: str) -> Extraction:
    """Take a text that is one short line and no sentence for the answer itself."""
    found = _trimmed(text, 0, len(text), "bare")
    if found.text is None or len(found.text) > 400 or "\n" in found.text or _is_prose(found.text):
        return _NONE
    return found


def _is_prose(text: str) -> bool:
    if text.startswith("$") and text.endswith("$"):
        return False
    words = [word for word in _WORD.findall(_MATH.sub(" ", text)) if word not in _KNOWN]
    has_math = "$" in text or any(char.isdigit() for char in text)
    return has_math and (len(words) >= 4 or (len(words) >= 3 and text[:1].isupper()))


def last_math(text: str) -> Extraction:
    """Find the last formula between dollar signs or LaTeX's brackets, in the last 2,000 characters."""
    low = max(0, len(text) - 2_000)
    best = _NONE
    for opening, closing in (("\\(", "\\)"), ("\\[", "\\]"), ("$", "$")):
        end = text.rfind(closing, low)
        start = text.rfind(opening, low, end) if end > 0 else -1
        if start >= 0 and (best.span is None or start > best.span[0]) and text[start + len(opening) : end].strip():
            if opening == "$" and text[start + 1].isspace() and text.count("$", low) % 2:
                continue
            best = _trimmed(text, start + len(opening), end, "last-math")
    if best.span is None:
        return best
    start, end = best.span
    if _NEGATED.search(text[max(0, start - 24) : start - 1]) or _TAKEN_BACK.match(text, end):
        return Extraction("ambiguous", None, best.span, "a formula that the text takes back")
    return best


def last_number(text: str) -> Extraction:
    """Find the last number, in the last 2,000 characters; after `not` or `or` it is ambiguous."""
    last = _last_match(text)
    if last is None:
        return _NONE
    if _NEGATED.search(text[max(0, last.start() - 24) : last.start()]) or _TAKEN_BACK.match(text, last.end()):
        return Extraction("ambiguous", None, last.span(), "a number that the text takes back")
    return Extraction("found", last[0], last.span(), "last-number")


def _last_match(text: str) -> re.Match[str] | None:
    """Look in a short piece first: most texts have their last number near the end."""
    last = None
    for size in (160, 2_000):
        low = max(0, len(text) - size)
        for match in _NUMBER.finditer(text, low):
            last = match
        # a number right at the cut may have begun before it
        if last is not None and (low == 0 or last.start() > low + 60):
            return last
    return last
