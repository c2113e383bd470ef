"""The version of a reward: a digest of all that decides what it gives, as far as that can be seen from outside."""

from __future__ import annotations

import hashlib
import inspect
import json
from collections.abc import Iterator
from dataclasses import asdict
from functools import cache
from importlib.metadata import PackageNotFoundError, packages_distributions, version
from pathlib import Path
from typing import Any

from plaudit.composite import Adopted, Composite
from plaudit.functions import FunctionReward
from plaudit.nodes import to_node
from plaudit.protocol import Reward
from plaudit.recipe import Recipe


def reward_version(reward: Reward) -> str:
    """Return a digest of a reward: its composition and options, its facts, its code, and the packages it comes from.

    The code is the text of the module in which each reward is defined, with the version of its package, and the text of
    all of Plaudit. What a reward's module imports from its neighbours is seen by the version of their package alone.

    Raises:
        ConfigError: A reward in it can't be written down, so that it has no version: it was defined in a function.

    >>> from plaudit import load
    >>> near, far = load("answer-match"), load("answer-match", near=0.2)
    >>> reward_version(near) == reward_version(load("answer-match")) != reward_version(far)
    True
    """
    judge, form = (reward.judge, reward.format) if isinstance(reward, Recipe) else (reward, None)
    leaves = sorted({_origin(leaf) for leaf in _leaves(judge)})
    facts = {
        "reward": to_node(judge, form),
        "spec": asdict(reward.spec),
        "code": [[module, name, *_code(module)] for module, name in leaves],
        "plaudit": _plaudit(),
    }
    text = json.dumps(facts, sort_keys=True, default=repr)
    return hashlib.sha256(text.encode("utf-8", "backslashreplace")).hexdigest()


def _leaves(reward: Reward) -> Iterator[Any]:
    if isinstance(reward, Recipe):
        yield from _leaves(reward.judge)
    elif isinstance(reward, Adopted):
        yield from _leaves(reward.inner)
    elif isinstance(reward, Composite):
        for child in reward.children():
            yield from _leaves(child)
    else:
        yield reward


def _origin(reward: Any) -> tuple[str, str]:
    origin = reward.function if isinstance(reward, FunctionReward) else type(reward)
    return origin.__module__, origin.__qualname__


@cache
def _code(module: str) -> tuple[str, str]:
    """Return the versions of the distributions that a module comes from, and the digest of its text."""
    package = module.partition(".")[0]
    try:
        versions = f"{package}={version(package)}"
    except PackageNotFoundError:  # under another name, if it comes from a distribution at all; finding that takes long
        owners = sorted(set(packages_distributions().get(package, [])))
        versions = ",".join(f"{owner}={version(owner)}" for owner in owners)
    path = inspect.getsourcefile(inspect.getmodule(None, module) or __import__(module, fromlist=["_"]))
    return versions, hashlib.sha256(Path(path).read_bytes()).hexdigest() if path else ""


@cache
def _plaudit() -> str:
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()
