r"""TeX's `{a \over b}` and `{n \choose k}`, halves of a group, as LaTeX's commands with arguments."""

from __future__ import annotations

import re

_LONGEST = 2_000
_MOST = 20
_BETWEEN = re.compile(r"\\(over|choose)(?![A-Za-z])")
_COMMANDS = {"over": "frac", "choose": "binom"}
_ENDS = frozenset("=<>,;$&")
"""Where a half ends that no group encloses: nobody means the equals sign to be in the numerator."""


def with_arguments(text: str) -> str:
    r"""Rewrite the halves of a group as two arguments; a long text, and one with more than twenty, stays as it is.

    >>> with_arguments(r"1+{x+1\over 2}"), with_arguments(r"{10\choose3}"), with_arguments(r"y = 3 \over 4")
    ('1+{\\frac{x+1}{ 2}}', '{\\binom{10}{3}}', 'y =\\frac{ 3 }{ 4}')
    """
    if len(text) > _LONGEST:
        return text
    begin = 0
    for _ in range(_MOST):
        found = _BETWEEN.search(text, begin)
        if found is None:
            break
        start, end = _half(text, found.start(), -1), _half(text, found.end(), 1)
        if not text[start : found.start()].strip():  # `\choose{10}{3}`: the arguments are where LaTeX has them
            begin = found.end()
            continue
        halves = f"{{{text[start : found.start()]}}}{{{text[found.end() : end]}}}"
        text = f"{text[:start]}\\{_COMMANDS[found[1]]}{halves}{text[end:]}"
    return text


def _half(text: str, place: int, step: int) -> int:
    """Walk from a place to the end of its half: the brace of the group, or what ends a formula outside one."""
    opening, closing = ("{", "}") if step > 0 else ("}", "{")
    deep, index, outside = 0, place if step > 0 else place - 1, None
    while 0 <= index < len(text):
        char = text[index]
        if char in "{}" and (index == 0 or text[index - 1] != "\\"):
            if char == closing and deep == 0:
                return index if step > 0 else index + 1
            deep += 1 if char == opening else -1
        elif char in _ENDS and deep == 0 and outside is None:
            outside = index if step > 0 else index + 1
        index += step
    return outside if outside is not None else max(0, index + (step < 0))
