"""`load`: a name and options in, a reward out; and the way back, for recipes."""

from __future__ import annotations

from dataclasses import MISSING, fields, is_dataclass
from functools import cache
from importlib import import_module
from typing import Any, get_type_hints

from plaudit import plugins
from plaudit.composite import as_reward
from plaudit.errors import ConfigError, PlauditError, PluginError, UnknownNameError, UnknownOptionError, nearest
from plaudit.functions import FunctionReward
from plaudit.options import check_options
from plaudit.protocol import Reward


def load(name: str, /, **options: Any) -> Any:
    """Return an installed reward, or one given as `module:object`, with options.

    Raises:
        UnknownNameError: No such reward; the nearest one is named.
        UnknownOptionError: No such option; the nearest one is named.
        ConfigError: An option's value is wrong, or the object is no reward.
        PluginError: The plugin that offers it can't be loaded.

    >>> load("answer-match", near=0.05).near
    0.05
    >>> load("answer-match", neer=0.05)
    Traceback (most recent call last):
        ...
    plaudit.errors.UnknownOptionError: 'answer-match' has no option 'neer'. Did you mean 'near'?
    """
    return reward_from(find_object(name), name, options)


def find_object(name: str) -> Any:
    """Return what a registered name, or `module:object`, stands for."""
    if ":" not in name:
        return _registered(name)
    module, _, attribute = name.partition(":")
    try:
        found: Any = import_module(module)
    except ImportError as error:
        raise PluginError(f"{name!r} can't be loaded: {error}. Is its folder on the Python path?") from error
    for step in attribute.split("."):
        if not hasattr(found, step):
            raise UnknownNameError(f"{module!r} has no {attribute!r}. {nearest(step, vars(found))}")
        found = getattr(found, step)
    return found


@cache
def _registered(name: str) -> Any:
    return plugins.find(name).load()


def reward_from(found: Any, name: str, options: dict[str, Any]) -> Any:
    """Build a reward from a class or a ready reward, and check that it is one."""
    if isinstance(found, FunctionReward):
        return found.using(**options)
    if isinstance(found, type):
        found = _construct(found, name, options)
    elif options:
        raise UnknownOptionError(f"{name!r} is a finished reward and takes no options: {', '.join(options)}.")
    if not isinstance(found, Reward):
        raise ConfigError(f"{name!r} is {type(found).__name__}, not a reward: it lacks `spec` or `score`.")
    return as_reward(found)


def _construct(kind: type, name: str, options: dict[str, Any]) -> Any:
    if not (hasattr(kind, "spec") and hasattr(kind, "score")):
        raise ConfigError(f"{name!r} is the class {kind.__name__}, not a reward: it lacks `spec` or `score`.")
    check_options(name, option_types(kind), options)
    try:
        return kind(**options)
    except PlauditError:
        raise
    except TypeError as error:
        raise ConfigError(f"{name!r} can't be built: {error}. Give each option a default.") from error


def option_types(found: Any) -> dict[str, Any]:
    """Return the options of a reward or reward class, with their declared types.

    >>> sorted(option_types(load("numeric-tolerance")))[:2]
    ['abs', 'format']
    """
    if isinstance(found, FunctionReward):
        return found.option_types
    if not is_dataclass(found):
        return {}
    hints = get_type_hints(found if isinstance(found, type) else type(found))
    return {item.name: hints[item.name] for item in fields(found) if item.init}


def option_defaults(found: Any) -> dict[str, Any]:
    """Return the options of a reward or reward class, with their defaults."""
    if isinstance(found, FunctionReward):
        import inspect

        signature = inspect.signature(found.function).parameters
        return {name: signature[name].default for name in found.option_types}
    if not is_dataclass(found):
        return {}
    return {
        item.name: item.default if item.default_factory is MISSING else item.default_factory()
        for item in fields(found)
        if item.init
    }


def options_of(reward: Any) -> dict[str, Any]:
    """Return the options in which a reward differs from its defaults."""
    if isinstance(reward, FunctionReward):
        return dict(reward.options)
    given = {name: getattr(reward, name) for name in option_types(reward)}
    if MISSING in option_defaults(reward).values():
        return given
    plain = type(reward)()
    return {name: value for name, value in given.items() if value != getattr(plain, name)}


def name_of(reward: Any) -> str:
    """Return the name under which `load` finds a reward again: its registered one, or `module:object`.

    Raises:
        ConfigError: It can't be found again: it was defined inside a function.
    """
    origin = reward.function if isinstance(reward, FunctionReward) else type(reward)
    target = f"{origin.__module__}:{origin.__qualname__}"
    for name, entry in plugins.available().items():
        if entry.target == target:
            return name
    if "<locals>" in target or origin.__module__ == "__main__":
        raise ConfigError(
            f"{reward.spec.name!r} is defined in {target}, where a recipe can't find it: move it to a module."
        )
    return target
