"""Laws that every reward must obey, and attacks that no reward may pay for.

>>> from plaudit import load
>>> from plaudit.testing import check
>>> check(load("answer-match"), laws=["permutation"]).ok
True
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from plaudit.testing.attacks import ATTACKS, Attack
    from plaudit.testing.law import LAWS, Law
    from plaudit.testing.profiles import PROFILES, Profile
    from plaudit.testing.results import CheckReport, CheckResult, Counterexample, Premium
    from plaudit.testing.running import check, laws_for
    from plaudit.testing.tasks import Task

__all__ = [
    "ATTACKS",
    "LAWS",
    "PROFILES",
    "Attack",
    "CheckReport",
    "CheckResult",
    "Counterexample",
    "Law",
    "Premium",
    "Profile",
    "Task",
    "check",
    "laws_for",
]

_PLACES = {"PROFILES": "profiles", "Profile": "profiles", "Task": "tasks"} | dict.fromkeys(
    ("CheckReport", "CheckResult", "Counterexample", "Premium"), "results"
)


def __getattr__(name: str) -> Any:
    """Import on first use: Hypothesis' and pytest's entry points must not cost their users anything.

    Nor must a profile: what a reward's module imports is imported by every process that a law scores it in.
    """
    if name not in __all__:
        raise AttributeError(f"module 'plaudit.testing' has no attribute {name!r}")
    return getattr(import_module(f"plaudit.testing.{_PLACES.get(name, 'running')}"), name)
