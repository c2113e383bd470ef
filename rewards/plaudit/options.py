"""Options of rewards: keyword-only, checked when a reward is built, refused with the nearest known name."""

from __future__ import annotations

import math
import types
from collections.abc import Mapping
from typing import Any, Literal, Union, get_args, get_origin

from plaudit.errors import ConfigError, UnknownOptionError, nearest


def check_options(owner: str, hints: Mapping[str, Any], given: Mapping[str, Any]) -> None:
    """Refuse options that the owner doesn't have, or values that aren't of the declared type.

    Raises:
        UnknownOptionError: An unknown name, with the nearest one.
        ConfigError: A value of the wrong type, or a number that isn't finite.

    >>> check_options("answer-match", {"near": float}, {"neer": 0.2})
    Traceback (most recent call last):
        ...
    plaudit.errors.UnknownOptionError: 'answer-match' has no option 'neer'. Did you mean 'near'?
    """
    for name, value in given.items():
        if name not in hints:
            raise UnknownOptionError(f"{owner!r} has no option {name!r}. {nearest(name, hints)}")
        if not fits(value, hints[name]):
            raise ConfigError(
                f"Option {name!r} of {owner!r} must be {describe(hints[name])}, not {value!r} ({type(value).__name__})."
            )


def fits(value: Any, hint: Any) -> bool:
    """Tell whether a value is of a declared type; types that can't be checked cheaply pass.

    >>> fits(1, float), fits(True, float), fits("math", Literal["text", "math"])
    (True, False, True)
    """
    origin = get_origin(hint)
    if origin in (Union, types.UnionType):
        return any(fits(value, choice) for choice in get_args(hint))
    if origin is Literal:
        return value in get_args(hint)
    if hint is float:
        return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
    if hint is int:
        return isinstance(value, int) and not isinstance(value, bool)
    if hint in (None, type(None)):
        return value is None
    kind = origin or hint
    if kind in (bool, str, dict):
        return isinstance(value, kind)
    if kind in (list, tuple):
        return isinstance(value, (list, tuple))
    return True


def describe(hint: Any) -> str:
    """Name a declared type for a person.

    >>> describe(float | None), describe(Literal["text", "math"])
    ('a number or None', "'text' or 'math'")
    """
    if get_origin(hint) in (Union, types.UnionType):
        return " or ".join(describe(choice) for choice in get_args(hint))
    if get_origin(hint) is Literal:
        return " or ".join(map(repr, get_args(hint)))
    names = {float: "a number", int: "a whole number", str: "a text", bool: "true or false", type(None): "None"}
    return names.get(hint, getattr(hint, "__name__", str(hint)))
