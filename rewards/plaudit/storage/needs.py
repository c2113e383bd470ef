"""Packages that only some formats need, imported when such a file is met."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from plaudit.errors import ConfigError


def needed(module: str, what: str) -> Any:
    """Import a module of the extra `data`.

    Raises:
        ConfigError: It is not installed; the message says for what it is needed and how to get it.

    >>> needed("no_such_module", "a file of no known kind")
    Traceback (most recent call last):
        ...
    plaudit.errors.ConfigError: A file of no known kind needs no_such_module, ...: pip install 'plaudit[data]'.
    """
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        package = module.partition(".")[0]
        what = what[:1].upper() + what[1:]
        raise ConfigError(f"{what} needs {package}, which is not installed: pip install 'plaudit[data]'.") from error
