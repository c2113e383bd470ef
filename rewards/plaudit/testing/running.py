"""Running laws and attacks: on one reward, or as one pytest test each."""

from __future__ import annotations

import io
import os
import shlex
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import redirect_stdout
from dataclasses import replace
from typing import Any, Literal

from plaudit.composite import Composite
from plaudit.errors import ConfigError, UnknownNameError, nearest
from plaudit.formats import Format
from plaudit.functions import FunctionReward
from plaudit.nodes import format_node
from plaudit.protocol import Reward
from plaudit.recipe import Recipe, shipped
from plaudit.registry import name_of, options_of
from plaudit.testing import laws as _laws  # noqa: F401 - enters the laws into the list
from plaudit.testing.attacks import ATTACKS, Attack
from plaudit.testing.context import Context
from plaudit.testing.law import LAWS, Law
from plaudit.testing.profiles import PROFILES, Profile
from plaudit.testing.results import CheckReport, CheckResult
from plaudit.testing.tasks import Task, tasks_for


def check(
    reward: Reward,
    *,
    tasks: Sequence[Task] | None = None,
    laws: Iterable[str] = (),
    profile: str | Profile = "quick",
    seed: int = 0,
    name: str = "",
    target: str = "",
    invocation: str = "",
    progress: Callable[[CheckResult], None] | None = None,
) -> CheckReport:
    """Check a reward against every law and attack, or against those named.

    Raises:
        UnknownNameError: No such law or profile; the nearest one is named.

    >>> from plaudit import load
    >>> check(load("format-exact"), laws=["length", "permutation"]).ok
    True
    """
    context = context_for(reward, tasks=tasks, profile=profile, seed=seed, name=name, target=target)
    context = replace(context, invocation=invocation)
    results = []
    for result in run_all(context, laws):
        results.append(result)
        if progress is not None:
            progress(result)
    return CheckReport(context.name or context.spec.name, context.profile.name, seed, tuple(results))


def run_all(context: Context, laws: Iterable[str] = ()) -> Iterator[CheckResult]:
    """Run the checks one after the other.

    A reward that never finishes an ordinary text would stall this process too. So that is tried first, in a process
    that is killed at its deadline; then only the law `time` is broken, even if it wasn't asked for, and the others
    are reported as not applicable.
    """
    items = chosen(laws)
    if context.stall is not None and LAWS["time"] not in items:
        items = [LAWS["time"], *items]
    for item in items:
        with redirect_stdout(io.StringIO()):  # what a reward prints is the law `quiet`'s matter, not the reader's
            yield run_one(item, context)


def run_one(item: Law | Attack, context: Context) -> CheckResult:
    """Run one check, unless the reward would stall it."""
    if context.stall is None or item is LAWS["time"]:
        return item.run(context)
    kind: Literal["law", "attack"] = "attack" if isinstance(item, Attack) else "law"
    note = "the reward can stall the process: mend what the law `time` found first"
    return CheckResult(item.slug, item.number, item.sentence, "not-applicable", note, kind=kind)


def everything() -> dict[str, Law | Attack]:
    """Return every law, in order, and then every attack."""
    return {item.slug: item for item in sorted(LAWS.values(), key=lambda item: item.number)} | ATTACKS


def chosen(laws: Iterable[str] = ()) -> list[Law | Attack]:
    """Return the laws and attacks named, or all of them, in order."""
    every = everything()
    wanted = list(laws)
    for name in wanted:
        if name not in every:
            raise UnknownNameError(f"No law or attack is called {name!r}. {nearest(name, every)}")
    return [every[name] for name in wanted] if wanted else list(every.values())


def context_for(
    reward: Reward,
    *,
    tasks: Sequence[Task] | None = None,
    profile: str | Profile = "quick",
    seed: int = 0,
    name: str = "",
    target: str = "",
) -> Context:
    """Set up a reward for checking: find its tasks, and how to write it down."""
    if isinstance(profile, str):
        if profile not in PROFILES:
            raise UnknownNameError(f"No profile is called {profile!r}. {nearest(profile, PROFILES)}")
        profile = PROFILES[profile]
    known, written = _written(reward)
    return Context(
        reward=reward,
        tasks=tasks_for(reward, tasks, name or known),
        target=target or written,
        name=name or known,
        profile=profile,
        seed=seed,
    )


def _written(reward: Any) -> tuple[str, str]:
    """How the command line and how Python find a reward again."""
    inner = getattr(reward, "inner", reward)
    if isinstance(reward, Recipe) and reward.name in shipped():
        return reward.name, f"recipe({reward.name!r})"
    if isinstance(inner, (Recipe, Composite)):
        return "", f"...  # {type(inner).__name__} {inner.spec.name!r}"
    try:
        name = name_of(inner)
        options = {} if isinstance(inner, FunctionReward) and not inner.options else options_of(inner)
    except (ConfigError, TypeError, AttributeError):
        return "", f"...  # {type(reward).__name__} {reward.spec.name!r}"
    if not all(map(_is_plain, options.values())):
        return "", f"...  # {type(inner).__name__} {inner.spec.name!r}"
    listed = "".join(f", {key}={_option(value)}" for key, value in options.items())
    return name, f"load({name!r}{listed})"


def _is_plain(value: Any) -> bool:
    if isinstance(value, (tuple, list)):
        return all(map(_is_plain, value))
    return value is None or isinstance(value, (str, int, float, bool, dict, Format))


def _option(value: Any) -> str:
    return repr(format_node(value) if isinstance(value, Format) else value)


def laws_for(
    reward: Reward,
    tasks: Sequence[Task] | None = None,
    *,
    laws: Iterable[str] = (),
    profile: str | Profile = "quick",
    seed: int = 0,
) -> Callable[[Law | Attack], None]:
    """Make a pytest test with one case per law and attack; assign it to a name that begins with `test_`.

    A law that the reward's spec waives, or that lacks what it needs, is reported as skipped, with the reason.
    """
    import pytest

    context = context_for(reward, tasks=tasks, profile=profile, seed=seed)
    items = chosen(laws)

    @pytest.mark.parametrize("law", items, ids=[item.label for item in items])
    def test_law(law: Law | Attack) -> None:
        # the command line knows nothing of tasks that were given here
        node = os.environ["PYTEST_CURRENT_TEST"].rpartition(" ")[0]
        judge(law, context, again=f"pytest {shlex.quote(node)}")

    return test_law


def judge(law: Law | Attack, context: Context, again: str = "") -> None:
    """Run one check as the running pytest test; a reward that stalls fails each of them, whichever were chosen."""
    import pytest

    from plaudit.testing.rendering import failure_text

    result = run_one(law if context.stall is None else LAWS["time"], context)
    if result.outcome == "failed":
        result = replace(result, reproduce=again or result.reproduce)
        pytest.fail(failure_text(result, context.name or context.spec.name), pytrace=False)
    if result.outcome != "passed":
        pytest.skip(f"{result.outcome}: {result.note}")
