"""Finding the answer in a completion: tags, boxes, `####`, phrases, choices; by scanning from the end.

Every ending is a function from text to an Extraction. None looks further back than `last_characters`, and each scans
its text a fixed number of times, so that the cost is linear whatever the text is.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable
from typing import Literal

from plaudit.answers import endings
from plaudit.answers.boxes import NEVER_CLOSES, boxed
from plaudit.answers.types import Extraction

LAST_CHARACTERS = 20_000
_LEAST_OUTDOING = len("####")
_WEAK = frozenset(("bare", "last-math", "last-number"))
_NOTHING = Extraction("none", None, None, "no answer found")
_REASONING = (("<think>", "</think>"), ("<start_working_out>", "<end_working_out>"), ("<reasoning>", "</reasoning>"))
# Looking for one character is some fifty times faster than looking for two, so here and in the endings a
# search for a mark comes behind one for its rarest character.

FORMATS: dict[str, Callable[[str], Extraction]] = {
    "solution": endings.solution,
    "answer-tag": endings.answer_tag,
    "boxed": boxed,
    "hash": endings.hash_line,
    "phrase": endings.phrase,
    "choice": endings.choice,
    "bare": endings.bare,
    "last-math": endings.last_math,
    "last-number": endings.last_number,
}
_WITHOUT_BOX = (
    endings.hash_line,
    endings.phrase,
    endings.choice,
    endings.bare,
    endings.last_math,
)
ANY_ORDER = ("solution", "answer-tag", "boxed", "hash", "phrase", "choice", "bare", "last-math", "last-number")


def extract(
    text: str,
    format: str | tuple[str, ...] = "any",  # noqa: A002 (the name users know from the recipes)
    *,
    last_characters: int = LAST_CHARACTERS,
    boxes: Literal["joined", "last", "refused"] = "joined",
) -> Extraction:
    r"""Find the answer that a completion ends with.

    `format` is the ending that counts, or a tuple of endings tried in order: "solution" (<SOLUTION> tags),
    "answer-tag" (<answer> tags), "boxed" (\boxed{}), "hash" (#### x), "phrase" (the answer is x; A: x; Answer: x),
    "choice" (option B), "bare" (a short line that is itself the answer), "last-math" (the last $...$), "last-number".
    "any" is all of them in this order, except that a later #### or "final answer" outdoes an earlier box. Reasoning in
    think tags is left out.
    Only the last `last_characters` are looked at. Raises ValueError for an unknown ending.

    >>> extract("6 * 7 = 42. The answer is 42.").text
    '42'
    >>> extract(r"so \boxed{\frac12}").how
    'boxed'
    """
    names = () if format == "any" else _names(format)
    cut = max(0, len(text) - last_characters)
    start, tail = cut, text[cut:] if cut else text
    tagged = "<" in tail and "/" in tail and "</" in tail
    if tagged or ("<" in tail and ("<end_working_out>" in tail or tail.lstrip()[:1] == "<")):
        skipped = _after_reasoning(tail)
        if skipped < 0:
            return Extraction("none", None, None, "the reasoning never ends")
        start, tail = start + skipped, tail[skipped:] if skipped else tail
    found = _any(tail, boxes, tagged=tagged) if format == "any" else _first_of(tail, names, boxes)
    if not start:
        return found
    if start == cut and found.how in _WEAK and text.rfind("\\boxed", 0, cut) >= 0:
        return Extraction("none", None, None, "a box longer than what is looked at")
    if found.span is None:
        return found
    return Extraction(found.status, found.text, (found.span[0] + start, found.span[1] + start), found.how)


def _names(format: str | tuple[str, ...]) -> tuple[str, ...]:  # noqa: A002
    names = (format,) if isinstance(format, str) else tuple(format)
    for name in names:
        if name != "any" and name not in FORMATS:
            near = difflib.get_close_matches(str(name), ["any", *FORMATS], n=1, cutoff=0.3)
            hint = f" Did you mean {near[0]!r}?" if near else ""
            raise ValueError(f"extract(format={name!r}): no such ending.{hint} Known: any, {', '.join(FORMATS)}.")
    return names


def _after_reasoning(text: str) -> int:
    """Where the reasoning ends; -1 if it is still open at the end."""
    position = 0
    for opening, closing in _REASONING:
        end = text.rfind(closing)
        if end >= 0:
            position = max(position, end + len(closing))
        elif text.lstrip().startswith(opening):
            return -1
    return position


def _first_of(text: str, names: tuple[str, ...], boxes: Literal["joined", "last", "refused"]) -> Extraction:
    found = _NOTHING
    for name in names:
        if name in ("any", "boxed"):
            found = _any(text, boxes, tagged="</" in text) if name == "any" else boxed(text, boxes)
        else:
            found = FORMATS[name](text)
        if found.status != "none":
            return found
    return found


def _any(text: str, boxes: Literal["joined", "last", "refused"], *, tagged: bool) -> Extraction:
    if tagged:
        for tag in (endings.solution, endings.answer_tag):
            found = tag(text)
            if found.status != "none" and not (found.span and "\\boxed" in text[found.span[1] :]):
                return found
    if "\\" in text:
        box = boxed(text, boxes)
        if box.span is not None:
            end = box.span[1]
            return box if len(text) - end <= _LEAST_OUTDOING else _outdoing(text, end) or box
        if box.how == NEVER_CLOSES:
            return box
    for ending in _WITHOUT_BOX:
        found = ending(text)
        if found.status != "none":
            return found
    return endings.last_number(text)


def _outdoing(text: str, box_end: int) -> Extraction | None:
    """Find the later `####` or short `final answer` that counts instead of a box, by looking behind the box only."""
    behind = text[box_end:]
    if "####" in behind:
        hashed = endings.hash_line(text)
        if hashed.span is not None:
            return hashed
    if "answer" in behind.lower():
        phrase = endings.phrase(text)
        is_final = phrase.span is not None and phrase.span[0] > box_end and phrase.how == endings.FINAL_ANSWER
        if is_final and endings.is_compact(phrase):
            return phrase
    return None
