"""What a process imports while it scores, so that its clock can stand still meanwhile: an import is nobody's answer."""

from __future__ import annotations

import threading
from collections.abc import Callable
from importlib import _bootstrap
from typing import Any


def watch_imports(begin: Callable[[], None], end: Callable[[], None]) -> None:
    """Have `begin` and `end` called around each import in this thread of a module that isn't loaded yet.

    Imports that a module makes while it is imported belong to it. What is loaded already costs nothing: Python asks
    the function that is wrapped here, its own, only for what it has to find. There is no way back, so this is for a
    process that does nothing else.
    """
    machinery: Any = _bootstrap  # there is no public place
    find_and_load, depth, thread = machinery._find_and_load, 0, threading.get_ident()

    def timed(*arguments: Any) -> Any:
        nonlocal depth
        if threading.get_ident() != thread:
            return find_and_load(*arguments)
        if not depth:
            begin()
        depth += 1
        try:
            return find_and_load(*arguments)
        finally:
            depth -= 1
            if not depth:
                end()

    machinery._find_and_load = timed
