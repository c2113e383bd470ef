r"""Choice letters: B, (B), \textbf{(B)}, B. 42, option B."""

from __future__ import annotations

import re

_BARE = re.compile(r"\(?([A-J])\)?\.?", re.ASCII)
_LETTER = re.compile(
    r"(?i:(?:the )?(?:correct )?(?:option|choice|answer)?(?: is)?):? ?\(?([A-Ja-j])\)?(?:([.):]) ?(.*))?",
    re.ASCII | re.DOTALL,
)
_NOISE = re.compile(r"\\(?:text|mathrm|mathbf|mbox|textrm|bf|rm)\w*|[{}$*\\~]", re.ASCII)
_OTHER_LETTER = re.compile(r"(?:^|[^A-Za-z])[A-J](?:$|[^A-Za-z])", re.ASCII)
_CHOICES = frozenset("ABCDEFGHIJ")
_MAX_CHARACTERS = 400


def gold_letter(gold: str) -> str | None:
    r"""Find the letter that a gold consists of, or None.

    >>> gold_letter(r"\text{(B)}")
    'B'
    """
    if len(gold) > 40 or _CHOICES.isdisjoint(gold):
        return None
    match = _BARE.fullmatch(_NOISE.sub("", gold).strip())
    return match[1] if match else None


def chosen_letter(prediction: str, *, with_text: bool) -> str | None:
    """Find the one letter that a prediction chooses, or None.

    >>> chosen_letter("B. 42", with_text=True)
    'B'
    """
    if len(prediction) > _MAX_CHARACTERS:
        return None
    text = _NOISE.sub("", prediction).strip()
    match = _LETTER.fullmatch(text)
    if match is None:
        return None
    letter, mark, rest = match.groups()
    if letter.islower() and not (mark or text.startswith("(") or len(text) > 1):
        return None
    if mark and rest and rest.strip(" .") and (not with_text or _OTHER_LETTER.search(rest)):
        return None
    return str(letter).upper()
