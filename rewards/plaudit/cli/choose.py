"""The options by which `score` and `explain` are told what to judge with."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import rich_click as click

if TYPE_CHECKING:
    from plaudit.protocol import Reward

F = TypeVar("F", bound=Callable[..., Any])

BESIDE = "recipe.yaml"
"""The recipe in a run folder, taken when none is named."""


def judge_options(command: F) -> F:
    """Add `--recipe`, `--reward`, `--option`, `--map` and `--step`."""
    options = [
        click.option("--recipe", "-r", metavar="NAME|FILE", help="Judge with a recipe, by name or file."),
        click.option("--reward", metavar="NAME", help="Judge with one reward: its name, or module:object."),
        click.option("--option", "-o", "options", multiple=True, metavar="NAME=VALUE", help="An option of --reward."),
        click.option(
            "--map", "renamed", multiple=True, metavar="NAME=COLUMN", help="Take COLUMN for NAME in every row."
        ),
        click.option("--step", type=click.IntRange(min=0), help="Judge as at this training step (for schedules)."),
    ]
    for option in reversed(options):
        command = option(command)
    return command


def chosen_reward(
    recipe: str | None, reward: str | None, options: Sequence[str], step: int | None, sources: Sequence[str]
) -> Reward:
    """Return the reward that the user means.

    Raises:
        click.UsageError: None is named, or two are.
        PlauditError: It can't be found or built.
    """
    from plaudit.composite import at_step

    found: Reward = _found(recipe, reward, options, sources)
    return found if step is None else at_step(found, step)


def _found(recipe: str | None, reward: str | None, options: Sequence[str], sources: Sequence[str]) -> Any:
    if recipe and reward:
        raise click.UsageError("Give --recipe or --reward, not both.")
    if options and not reward:
        raise click.UsageError("--option belongs to --reward; a recipe has its options in its file.")
    if reward:
        return _with_options(reward, pairs(options, "--option"))
    from plaudit.recipe import recipe as load_recipe

    if recipe:
        return load_recipe(recipe)
    return load_recipe(_beside(sources))


def _beside(sources: Sequence[str]) -> str:
    from plaudit.cli.screen import notes, plain
    from plaudit.files import STANDARD_INPUT, path_of

    folders = {path_of(source).parent for source in sources if source != STANDARD_INPUT}
    paths = [folder / BESIDE for folder in folders if (folder / BESIDE).is_file()]
    if len(paths) != 1 or len(folders) != 1:
        raise click.UsageError("Say what to judge with: --recipe NAME, or --reward NAME. `plaudit list` shows rewards.")
    notes().print(plain(f"Judging with {paths[0]}, which lies beside the file.", "dim"))
    return str(paths[0])


def _with_options(name: str, given: dict[str, str]) -> Any:
    from plaudit.registry import find_object, option_types, reward_from

    found = find_object(name)
    hints = option_types(found)
    values = {option: typed(value, hints.get(option, str)) for option, value in given.items()}
    return reward_from(found, name, values)


def typed(text: str, hint: Any) -> Any:
    """Read an option's value from the command line by its declared type; one that doesn't fit stays a text.

    >>> typed("0.1", float), typed("42", str), typed("True", bool), typed("none", float | None)
    (0.1, '42', True, None)
    """
    from plaudit.options import fits

    for candidate in (text, text.lower().replace("none", "null")):
        try:
            value = json.loads(candidate)
        except (ValueError, RecursionError):
            continue
        if fits(value, hint):
            return value
    return text


def pairs(texts: Sequence[str], option: str) -> dict[str, str]:
    """Split `NAME=VALUE` texts.

    Raises:
        click.UsageError: One has no `=`, or a name comes twice.
    """
    found: dict[str, str] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not (name and equals):
            raise click.UsageError(f"{option} takes NAME=VALUE, not {text!r}.")
        if name in found:
            raise click.UsageError(f"{option} sets {name!r} twice.")
        found[name] = value
    return found
