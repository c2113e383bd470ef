"""Characters that hide or reorder text, made visible: what a person reads is what the model wrote."""

from __future__ import annotations

import re

_HIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u0600-\u0605\u061c\u06dd\u070f\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f"
    "\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0e\ufeff\uffa0\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e0fff]"
)


def visible(text: str) -> str:
    r"""Return the text with control, bidirectional, zero-width and lone surrogate characters spelt out.

    Line feeds and tabs stay. C0 controls become their pictures (U+2400 on), everything else `⟨U+XXXX⟩`. The result can
    always be encoded as UTF-8.

    >>> visible("4\u202e2\x07\n")
    '4⟨U+202E⟩2␇\n'
    """
    return _HIDDEN.sub(_spell, text)


def _spell(match: re.Match[str]) -> str:
    code = ord(match[0])
    return chr(0x2400 + code) if code < 0x20 else f"⟨U+{code:04X}⟩"
