"""Trainers that pip can't bring to a CPU: their source, and what of them has to be left out."""

import importlib.util
import os
import subprocess
import sys
import types
from pathlib import Path

import pytest

SOURCES = os.environ.get("PLAUDIT_SOURCES", "")
"""A folder with checkouts of the trainers that are not on PyPI, each under its repository's name."""


def checkout(repository, inside=""):
    """Put a checkout on the path and return its version; skip the module where there is none."""
    path = Path(SOURCES) / repository
    if not SOURCES or not path.is_dir():
        pytest.skip(f"no checkout of {repository}: PLAUDIT_SOURCES names the folder of them", allow_module_level=True)
    sys.path.insert(0, str(path / inside))
    said = subprocess.run(
        ["git", "-C", str(path), "log", "-1", "--format=%cs %h", "--abbrev=8"],
        capture_output=True,
        text=True,
        check=True,
    )
    date, commit = said.stdout.split()
    return f"main of {date} ({commit})"


def bare_package(name, **attributes):
    """Make a package whose modules can be imported without running its own `__init__`."""
    spec = importlib.util.find_spec(name)
    assert spec is not None, name
    module = types.ModuleType(name)
    module.__path__ = list(spec.submodule_search_locations or [])
    module.__spec__ = spec
    for key, value in attributes.items():
        setattr(module, key, value)
    sys.modules[name] = module
    return module


def stand_in(name, **attributes):
    """Put a module of our own in the place of one that needs a GPU or a cluster."""
    module = types.ModuleType(name)
    for key, value in attributes.items():
        setattr(module, key, value)
    sys.modules[name] = module
    return module
