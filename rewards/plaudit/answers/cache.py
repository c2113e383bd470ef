"""The gold side, read once per problem: a bounded cache shared by all threads."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from plaudit.answers.boxes import boxed
from plaudit.answers.choices import gold_letter
from plaudit.answers.endings import phrase
from plaudit.answers.lexer import Token, lex
from plaudit.answers.literals import Number, literal
from plaudit.answers.normalize import tidy
from plaudit.answers.reader import read_tokens
from plaudit.answers.tree import Node, Unreadable
from plaudit.once import once

CACHED_GOLDS = 4_096
MAX_CHARACTERS = 20_000
SHORT = 24
_SPEAKING = re.compile(r"[^\W_]|[\\?∅]")


@dataclass(eq=False)
class Side:
    """One side of a comparison: its text, the plain number that this is, if any; on demand its tokens and its tree."""

    raw: str
    text: str
    number: Number | None

    @once
    def tokens(self) -> list[Token]:
        """Lexed tokens; raises Unreadable over the caps."""
        return lex(self.text)

    @once
    def tree(self) -> Node:
        """The read tree; raises Unreadable over the caps."""
        number = self.number
        if number is not None and not number.percent and "e" in self.text.lower():
            return Node("num", (), number.value)  # 6.02e23: the lexer takes its e for the constant
        return read_tokens(self.tokens)

    @once
    def letter(self) -> str | None:
        """The choice letter that a gold is, if it is one."""
        return gold_letter(self.text)


def side(raw: str, boxes: str) -> Side | None:
    """Prepare a text: take it out of its boxes, tidy its characters; None for one that says nothing."""
    text = raw
    if "\\" in text and ("\\boxed" in text or "\\fbox" in text):
        found = boxed(text[-MAX_CHARACTERS:], boxes)  # type: ignore[arg-type]
        if found.text is None:
            return None
        text = found.text
    elif len(text) > 200 and "answer is" in text:
        text = phrase(text).text or text
    if "\\" in text and "\\\\" in text and "begin" not in text:
        text = text.replace("\\\\", "\\")
    text = tidy(text)
    if "*" in text and text.startswith("**") and text.endswith("**") and len(text) > 4:
        text = text[2:-2].strip()
    if "$" in text:
        text = text.replace("\\$", "").replace("$", " ").strip()
    if text[:1].isalnum() or _SPEAKING.search(text) is not None:
        return Side(raw, text, literal(text))
    return None


@lru_cache(maxsize=CACHED_GOLDS)
def gold_side(gold: str, boxes: str) -> Side | None:
    """Give the gold side, or None for a gold that can't be read."""
    if len(gold) > MAX_CHARACTERS:
        return None
    number = literal(gold) if gold.isdecimal() else None
    if number is not None:
        return Side(gold, gold, number)
    made = side(gold.strip(), boxes)
    if made is None or _is_cut_off(made.text):
        return None
    if made.number is not None or _is_under_all_caps(made.text):
        return made  # readable for sure; often no prediction asks for its tree
    try:
        return made if made.tree else None
    except Unreadable:
        return None


def _is_cut_off(text: str) -> bool:
    r"""Whether LaTeX ends in the middle, in `\frac{1` say: a gold like that says nothing, and nobody could match it.

    >>> _is_cut_off(r"\begin{pmatrix} 1"), _is_cut_off(r"\left\{1, \frac{1}{2}\right\}"), _is_cut_off("a {")
    (True, False, False)
    """
    if "\\" not in text:
        return False
    marks = text.replace("\\\\", "")
    opened, closed = (marks.count(brace) - marks.count("\\" + brace) for brace in "{}")
    return opened != closed or marks.count("\\begin{") != marks.count("\\end{")


def _is_under_all_caps(text: str) -> bool:
    """Whether a text is too short for any cap, and holds no environment, whose name may be missing."""
    return len(text) <= SHORT and "\\begin" not in text and "\\end" not in text
