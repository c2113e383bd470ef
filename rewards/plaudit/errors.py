"""Every error that Plaudit raises on purpose; each message says what, where, why and the next step."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class PlauditError(Exception):
    """The root of Plaudit's errors: catch this one to catch them all.

    Takes one finished message, so that every error survives pickling between processes.
    """

    exit_code = 1


class ConfigError(PlauditError, ValueError):
    """A reward, recipe or setting that can't be what the user meant."""

    exit_code = 2


class UnknownNameError(ConfigError, LookupError):
    """A name that nothing answers to, with the nearest one that something does."""


class UnknownOptionError(ConfigError, TypeError):
    """An option that the reward does not have, with the nearest one that it has."""


class DataError(PlauditError, ValueError):
    """A row, file or column that can't be scored as it stands."""

    exit_code = 3


class PluginError(PlauditError, ImportError):
    """An installed plugin that can't be loaded, and whose it is."""

    exit_code = 4


class PluginWarning(RuntimeWarning):
    """A plugin that was left out, or one of its hooks that failed, while the rest goes on."""


class RewardError(PlauditError, RuntimeError):
    """A reward that broke its own contract or failed on every row of a batch."""

    exit_code = 5


def nearest(name: object, known: Iterable[object]) -> str:
    """Return the sentence that helps after a misspelt name; a file's keys may be anything.

    >>> nearest("answer-mach", ["answer-match", "format-exact"])
    "Did you mean 'answer-match'?"
    >>> nearest("zzz", ["b", "a"])
    'Known: a, b.'
    """
    names = sorted(map(str, known))
    close = get_close_matches(str(name), names, n=1)
    if close:
        return f"Did you mean {close[0]!r}?"
    return f"Known: {', '.join(names)}." if names else "None is known here."
