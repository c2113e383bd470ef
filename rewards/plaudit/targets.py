"""What a name on the command line stands for: a reward, a recipe, or `module:object`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from plaudit.errors import UnknownNameError
from plaudit.plugins import available, hint
from plaudit.recipe import Recipe, recipe, shipped
from plaudit.registry import load


def find_target(name: str, **options: Any) -> Any:
    """Return a reward by name, a recipe by name or file, or any `module:object` (the working folder is searched too).

    Raises:
        UnknownNameError: Nothing is called so; the nearest name is given.

    >>> find_target("unsloth").spec.name
    'unsloth'
    """
    if name.endswith((".yaml", ".yml", ".toml")):
        return Recipe.load(name)
    if ":" in name:
        here = str(Path.cwd())
        if here not in sys.path:
            sys.path.insert(0, here)
        return load(name, **options)
    known = {*available(), *shipped()}
    if name not in known:
        raise UnknownNameError(f"No reward or recipe is called {name!r}. {hint(name, known)}")
    return load(name, **options) if name in available() else recipe(name)
