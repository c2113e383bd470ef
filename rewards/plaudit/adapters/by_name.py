"""Functions that a trainer finds by a dotted path which ends in a recipe's name: `plaudit.adapters.trl.unsloth`."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from plaudit.adapters.judge import Judge
from plaudit.errors import UnknownNameError


@cache
def by_name(module: str, name: str, make: Callable[[Judge], Any]) -> Any:
    """Return what `make` makes of the recipe or reward of that name, the same object at each call.

    Hyphens are written as underscores. The function is one of its module's, so that it pickles by reference.

    Raises:
        AttributeError: No recipe and no reward has that name; the nearest one is named.

    >>> from plaudit.adapters import trl
    >>> trl.unsloth is trl.unsloth, trl.answer_match.__name__
    (True, 'answer_match')
    """
    if name.startswith("__"):
        raise AttributeError(f"module {module!r} has no attribute {name!r}")
    made = make(Judge(_known(module, name)))
    made.__module__, made.__name__, made.__qualname__ = module, name, name
    return made


def _known(module: str, name: str) -> str:
    from plaudit.plugins import available
    from plaudit.recipe import shipped
    from plaudit.targets import find_target

    known = {*available(), *shipped()}
    for spelling in (name, name.replace("_", "-")):
        if spelling in known:
            return spelling
    try:
        find_target(name.replace("_", "-"))
    except UnknownNameError as error:
        raise AttributeError(f"module {module!r} has no attribute {name!r}. {error}") from error
    return name
