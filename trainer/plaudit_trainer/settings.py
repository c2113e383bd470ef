"""From a recipe and `--set key=value` to checked settings; every error names the key and the nearest known one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from plaudit.errors import ConfigError, UnknownOptionError, nearest
from plaudit.recipe import KEYS, Recipe
from plaudit_trainer.config import TrainConfig


def resolve(recipe: Recipe, assignments: Iterable[str] = ()) -> tuple[Recipe, TrainConfig]:
    """Return the recipe with every assignment made and every default written out, and its training settings.

    An assignment is `key=value`: a training setting (`grpo.steps=20`), a reward's option
    (`rewards.answer-match.near=0.2`), or `format=think`. Values are read as YAML.

    Raises:
        ConfigError: No `train` section, an unknown key, or a value that can't be meant.

    >>> import plaudit
    >>> resolve(plaudit.recipe("demo"), ["grpo.steps=3"])[1].grpo.steps
    3
    """
    data = recipe.to_dict()
    train = _thaw(data.get("train") or {})
    for assignment in assignments:
        _assign(data, train, assignment)
    if not train:
        raise ConfigError(f"Recipe {recipe.name!r} has no `train` section, so there is nothing to train with it.")
    config = check(train)
    changed = Recipe.from_dict(data | {"train": {}}, source=f"recipe {recipe.name!r}")
    return replace(changed, train=config.model_dump(mode="json")), config


def check(train: Mapping[str, Any]) -> TrainConfig:
    """Check the `train` section of a recipe.

    Raises:
        ConfigError: It lists everything that is wrong, each with its key.
    """
    try:
        return TrainConfig.model_validate(dict(train))
    except ValidationError as error:
        lines = [_sentence(item) for item in error.errors()]
        raise ConfigError("The training settings don't hold:\n" + "\n".join(f"  {line}" for line in lines)) from error


def _sentence(item: Any) -> str:
    place = [str(step) for step in item["loc"] if not str(step).startswith(("function-", "literal["))]
    key = ".".join(place)
    if item["type"] == "extra_forbidden":
        return f"{key} is unknown. {nearest(place[-1], _known(place[:-1]))}"
    if item["type"] == "missing":
        return f"{key} is needed and not given."
    message = item["msg"].removeprefix("Value error, ")
    given = "" if isinstance(item.get("input"), Mapping) else f" (given: {item.get('input')!r})"
    return f"{key}: {message[:1].lower()}{message[1:]}{given}."


def _known(place: Sequence[str]) -> list[str]:
    section: type[BaseModel] = TrainConfig
    for step in place:
        kinds = [section.model_fields[step].annotation] if step in section.model_fields else []
        options = [kind for outer in kinds for kind in (outer, *get_args(outer))]
        models = [kind for kind in options if isinstance(kind, type) and issubclass(kind, BaseModel)]
        if not models:
            return []
        section = models[0]
    return list(section.model_fields)


def _assign(data: dict[str, Any], train: dict[str, Any], assignment: str) -> None:
    import yaml

    from plaudit.yaml_text import from_yaml

    key, equals, text = assignment.partition("=")
    if not equals or not key.strip():
        raise ConfigError(f"--set takes key=value, as in --set grpo.steps=20, not {assignment!r}.")
    try:
        value = from_yaml(text)
    except yaml.YAMLError as error:
        raise ConfigError(f"--set {key}: the value {text!r} isn't YAML: {error}") from error
    first, *rest = key.strip().removeprefix("train.").split(".")
    if first == "rewards":
        _assign_option(data, key, rest, value)
    elif first in TrainConfig.model_fields:
        _put(train, [first, *rest], value, key)
    elif first in KEYS and not rest:
        data[first] = value
    else:
        known = [*TrainConfig.model_fields, "rewards", "format", "name"]
        raise UnknownOptionError(f"--set {key}: unknown setting {first!r}. {nearest(first, known)}")


def _put(section: dict[str, Any], path: Sequence[str], value: Any, key: str) -> None:
    for index, step in enumerate(path[:-1]):
        inner = section.get(step)
        if inner is None or inner is True:
            inner = {}
        elif isinstance(inner, str) and path[:1] == ["data"] and index == 1:
            inner = {"source": inner}
        if not isinstance(inner, dict):
            raise ConfigError(f"--set {key}: {step!r} is {inner!r} and has no settings inside.")
        section[step] = inner
        section = inner
    section[path[-1]] = value


def _assign_option(data: dict[str, Any], key: str, rest: Sequence[str], value: Any) -> None:
    if len(rest) != 2:
        raise ConfigError(f"--set {key}: write rewards.NAME.OPTION=value, or rewards.NAME.weight=value.")
    name, option = rest
    names: set[str] = set()
    data["rewards"] = _with_option(data["rewards"], name, option, value, names)
    if name not in names:
        raise UnknownOptionError(f"--set {key}: the recipe uses no reward called {name!r}. {nearest(name, names)}")


def _with_option(node: Any, name: str, option: str, value: Any, names: set[str]) -> Any:
    """Rebuild a tree of reward nodes with one option changed wherever the reward occurs; `names` collects all uses."""
    if isinstance(node, list):
        return [_with_option(item, name, option, value, names) for item in node]
    if isinstance(node, str):
        node = {"use": node}
    if "use" in node:
        names.add(node["use"])
        if node["use"] != name:
            return node
        if option == "weight":
            return node | {"weight": value}
        return node | {"options": dict(node.get("options") or {}) | {option: value}}
    inner = {
        kind: _with_option(body, name, option, value, names)
        if isinstance(body, list)
        else body
        | {part: _with_option(body[part], name, option, value, names) for part in ("reward", "on") if part in body}
        for kind, body in node.items()
        if isinstance(body, (list, dict))
    }
    return node | inner


def _thaw(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _thaw(inner) for key, inner in value.items()}
    return [_thaw(inner) for inner in value] if isinstance(value, (list, tuple)) else value
