"""The door for rewards and plugins, ours and everybody's: two entry-point groups, loaded on first use.

`plaudit.rewards` holds rewards (`name = "package.module:object"`); `plaudit` holds pluggy plugins. A broken one never
takes the program down and is never silent. `PLAUDIT_PLUGINS` names the distributions that may take part (commas; empty:
only Plaudit itself).
"""

from __future__ import annotations

import os
import re
import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.metadata import EntryPoint, PackageNotFoundError, distribution, entry_points
from typing import Any

import pluggy

from plaudit import hookspecs
from plaudit.errors import PluginError, PluginWarning, UnknownNameError, nearest

REWARDS = "plaudit.rewards"
PLUGINS = "plaudit"
_OF_EXTRA = re.compile(r"""([\w.-]+)[^;]*;.*\bextra\s*==\s*['"]([^'"]+)['"]""")
"""A requirement of an extra, as metadata writes it: `math-verify>=0.8; extra == 'math-verify'`."""

OURS = "plaudit"
"""The distribution whose names nobody can take."""


@dataclass(frozen=True)
class Entry:
    """One thing that a distribution offers: known by name, not imported yet.

    >>> available()["answer-match"].distribution
    'plaudit'
    """

    name: str
    group: str
    target: str
    distribution: str
    version: str

    def load(self) -> Any:
        """Import the object.

        Raises:
            PluginError: The import fails; the message says whose fault it is and how to find out more.
        """
        try:
            return EntryPoint(self.name, self.target, self.group).load()
        except (Exception, SystemExit) as error:  # a module that exits when imported must not take us along
            raise PluginError(
                f"{self.name!r} from {self.distribution} {self.version} can't be loaded "
                f"({self.target}): {type(error).__name__}: {error}. Reinstall or remove {self.distribution}."
            ) from error


def available() -> dict[str, Entry]:
    """Return every installed reward by name, without importing any.

    A name that two distributions offer is listed as `distribution/name` for each of them; but a name of Plaudit's own
    stays its own, or installing a stranger's package would break the recipes that ship.

    >>> sorted(available())[:2]
    ['answer-match', 'format-approx']
    """
    found: dict[str, list[Entry]] = {}
    for entry in entries(REWARDS):
        found.setdefault(entry.name, []).append(entry)
    return {
        entry.name if len(same) == 1 or entry.distribution == OURS else f"{entry.distribution}/{entry.name}": entry
        for same in found.values()
        for entry in same
    }


def find(name: str) -> Entry:
    """Return the entry of a reward.

    Raises:
        UnknownNameError: No such reward (the nearest one is named), or several distributions offer it.
    """
    known = available()
    if name in known:
        return known[name]
    owners = sorted(key for key in known if key.endswith(f"/{name}"))
    if owners:
        raise UnknownNameError(f"Several distributions offer {name!r}: say which, as in {' or '.join(owners)}.")
    raise UnknownNameError(f"No reward is called {name!r}. {hint(name, known)} `plaudit list` shows all.")


def hint(name: str, known: Iterable[str]) -> str:
    """Say what to do about a reward's name that isn't known: install what it waits for, or take the nearest name.

    >>> hint("answer-mach", available())
    "Did you mean 'answer-match'?"
    """
    waits = {package for point in entry_points(group=REWARDS) if point.name == name for package in _missing(point)}
    if not waits:
        return nearest(name, known)
    return f"It is there once this is installed: pip install {' '.join(sorted(waits))}."


def entries(group: str) -> list[Entry]:
    """List what the permitted distributions declare in an entry-point group, sorted by name.

    An entry point that names extras (`module:object [extra]`) is there when what its distribution asks for under them
    is installed, and is no plugin otherwise: neither listed nor broken.
    """
    chosen = os.environ.get("PLAUDIT_PLUGINS")
    permitted = None if chosen is None else {OURS, *chosen.replace(" ", "").split(",")}
    listed = [_entry(point, group) for point in entry_points(group=group) if not _missing(point)]
    unique = {(entry.name, entry.distribution, entry.target): entry for entry in listed}
    kept = [entry for entry in unique.values() if permitted is None or entry.distribution in permitted]
    return sorted(kept, key=lambda entry: (entry.name, entry.distribution))


def _entry(point: EntryPoint, group: str) -> Entry:
    owner, version = (point.dist.name, point.dist.version) if point.dist else ("unknown", "?")
    return Entry(point.name, group, point.value.partition("[")[0].strip(), owner, version)


def _missing(point: EntryPoint) -> list[str]:
    """Name the packages that an entry point's extras ask for and that aren't there."""
    # not `point.extras`: Python up to 3.11 takes math-verify for the two extras math and verify
    wanted = {name.strip() for name in point.value.partition("[")[2].rstrip("] ").split(",") if name.strip()}
    if not wanted or point.dist is None:
        return []
    return [
        found[1]
        for line in point.dist.requires or ()
        if (found := _OF_EXTRA.match(line)) is not None and found[2] in wanted and not _installed(found[1])
    ]


@cache
def _installed(distribution_name: str) -> bool:
    try:
        distribution(distribution_name)
    except PackageNotFoundError:
        return False
    return True


@cache
def manager() -> pluggy.PluginManager:
    """Return the plugin manager, with every plugin that is sound; warns once about each that isn't."""
    made = _empty_manager()
    for entry in entries(PLUGINS):
        problem = problem_of(entry)
        if not problem and made.is_registered(entry.load()):
            problem = f"{entry.target} is registered already, under another name"
        if problem:
            message = f"Plugin {entry.name!r} of {entry.distribution} left out: {problem}"
            warnings.warn(message, PluginWarning, stacklevel=2)
        else:
            made.register(entry.load(), name=f"{entry.distribution}:{entry.name}")
    return made


def _empty_manager() -> pluggy.PluginManager:
    made = pluggy.PluginManager("plaudit")
    made.add_hookspecs(hookspecs)
    return made


def call_hook(hook: str, **arguments: Any) -> None:
    """Call a hook of every plugin; one that raises is named in a warning and stops neither the others nor us."""
    plugins = manager()
    for implementation in getattr(plugins.hook, hook).get_hookimpls():
        others = [plugin for plugin in plugins.get_plugins() if plugin is not implementation.plugin]
        try:
            plugins.subset_hook_caller(hook, others)(**arguments)
        except Exception as error:  # noqa: BLE001 - a stranger's hook may raise anything; the warning says so
            message = f"Plugin {implementation.plugin_name!r} failed in {hook}: {type(error).__name__}: {error}"
            warnings.warn(message, PluginWarning, stacklevel=2)


@dataclass(frozen=True)
class State:
    """How one installed reward or plugin is doing."""

    entry: Entry
    problem: str

    @property
    def ok(self) -> bool:
        """It loads, and it is what its group demands."""
        return not self.problem


def states() -> list[State]:
    """Load everything that is installed and say what is broken, and why."""
    return [State(entry, problem_of(entry)) for group in (REWARDS, PLUGINS) for entry in entries(group)]


def problem_of(entry: Entry) -> str:
    """Load one entry and say why it is broken; empty where it is sound."""
    from plaudit.registry import reward_from

    try:
        loaded = entry.load()
        if entry.group == REWARDS:
            reward_from(loaded, entry.name, {})
        else:
            scratch = _empty_manager()
            scratch.register(loaded)
            scratch.check_pending()
    except Exception as error:  # noqa: BLE001 - whatever a stranger's package raises is what the table shows
        return str(error) or type(error).__name__
    return ""
