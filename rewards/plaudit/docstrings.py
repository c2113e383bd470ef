"""What a docstring says, as data: its first sentence, its list of attributes, its examples."""

from __future__ import annotations

import inspect
import re
from typing import Any

from plaudit.functions import FunctionReward

_ENTRY = re.compile(r"    (\w+)(?: \([^)]*\))?: (.*)")


def documented(found: Any) -> str:
    """Return the docstring of a reward, of its class, or of the function that it was made from."""
    if isinstance(found, FunctionReward):
        source: Any = found.function
    else:
        source = found if isinstance(found, type) else type(found)
    own = source.__doc__ or ""
    generated = own.startswith(f"{source.__name__}(")  # what dataclasses write where the author wrote nothing
    return "" if generated else inspect.cleandoc(own)


def summary(text: str) -> str:
    r"""Return the first sentence or paragraph, on one line.

    >>> summary("Pay for\npoliteness. A lot.\n\nMore.")
    'Pay for politeness.'
    """
    paragraph = " ".join(text.split("\n\n", 1)[0].split())
    sentence, stop, _ = paragraph.partition(". ")
    return sentence + stop.strip()


def meanings(text: str) -> dict[str, str]:
    r"""Return what the sections `Attributes:` and `Args:` say of each name.

    >>> meanings("Pay.\n\nAttributes:\n    near: How far it\n        may be.\n    far: Further.\n\nRaises:\n    E: No.")
    {'near': 'How far it may be.', 'far': 'Further.'}
    """
    found: dict[str, str] = {}
    inside, name = False, ""
    for line in text.splitlines():
        entry = _ENTRY.fullmatch(line)
        if line and not line.startswith(" "):
            inside = line in ("Attributes:", "Args:")
        elif inside and entry:
            name = entry[1]
            found[name] = entry[2]
        elif inside and name and line.startswith("        "):
            found[name] += " " + line.strip()
    return found


def examples(text: str) -> str:
    r"""Return the examples of a docstring, each with its result.

    >>> examples("Double.\n\n>" + ">> 2 * 2\n4\n\nThat's all.")
    '>>> 2 * 2\n4'
    """
    kept, inside = [], False
    for line in text.splitlines():
        inside = line.startswith(">>>") or (inside and bool(line.strip()))
        if inside:
            kept.append(line)
    return "\n".join(kept)
