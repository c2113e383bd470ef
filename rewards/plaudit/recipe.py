"""Recipes: a YAML or TOML file <-> a composed reward, with the format that trainer and rewards share."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from uuid import uuid4

from plaudit.algebra import Algebra, Split
from plaudit.composite import at_step
from plaudit.errors import ConfigError, UnknownNameError, UnknownOptionError, nearest
from plaudit.formats import Format, as_format
from plaudit.nodes import Builder, format_node, located, to_node
from plaudit.once import once
from plaudit.protocol import Reward, Sample, Score, Spec

KEYS = ("name", "description", "format", "rewards", "train")


@dataclass(frozen=True)
class Recipe(Algebra):
    """A named, composed reward with its format; it is itself a reward, so trainers take it as it is.

    Attributes:
        name: What logs call the total.
        judge: The composed reward.
        format: The format that prompts, demonstrations and rewards share.
        description: What it is for, in a sentence.
        train: Settings of the trainer; kept as they are, checked there.

    >>> unsloth = recipe("unsloth")
    >>> unsloth.spec.name, unsloth.format.name
    ('unsloth', 'unsloth')
    """

    name: str
    judge: Reward
    format: Format | None = None
    description: str = ""
    train: Mapping[str, Any] = field(default_factory=dict, hash=False)

    @once
    def spec(self) -> Spec:
        """The facts of the composed reward, under the recipe's name."""
        return replace(self.judge.spec, name=self.name)

    def score(self, batch: Sequence[Sample], /) -> list[Score]:
        """Score with the composed reward."""
        return self.judge.score(batch)

    def at(self, step: int) -> Recipe:
        """Return the recipe as it stands at a training step."""
        return replace(self, judge=at_step(self.judge, step))

    def split(self) -> Split:
        """Return the parts and weights of its sum."""
        return self.judge.split() if isinstance(self.judge, Algebra) else super().split()

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, source: str = "recipe", trail: tuple[str, ...] = ()) -> Recipe:
        """Build a recipe from plain data.

        Raises:
            ConfigError: A wrong type, an unknown name or option, a cycle; the message says where in the recipe.
        """
        if not isinstance(data, Mapping):
            raise ConfigError(f"{source}: a recipe is a mapping with `rewards`, not {type(data).__name__}.")
        for key in data:
            if key not in KEYS:
                raise UnknownOptionError(f"{source}: unknown key {key!r}. {nearest(str(key), KEYS)}")
        if not data.get("rewards"):
            raise ConfigError(f"{source}: it has no `rewards`.")
        train = data.get("train") or {}
        if not isinstance(train, Mapping):
            raise ConfigError(f"{source}: `train` must be a mapping, not {type(train).__name__}.")
        with located(source):
            form = as_format(data["format"]) if data.get("format") else None
        builder = Builder(form, lambda other: _load(other, Path(source).parent, trail).judge)
        node = data["rewards"]
        where = f"{source}: rewards"
        judge = builder.build_list("sum", node, where) if isinstance(node, list) else builder.build(node, where)
        name = str(data.get("name") or Path(source).stem)
        return cls(name, judge, form, str(data.get("description") or ""), dict(train))

    def to_dict(self) -> dict[str, Any]:
        """Write the recipe as plain data; `from_dict` gives an equal recipe back."""
        node = to_node(self.judge, self.format)
        rewards = node["sum"] if isinstance(node, dict) and set(node) == {"sum"} else [node]
        data: dict[str, Any] = {"name": self.name, "description": self.description}
        if self.format is not None:
            data["format"] = format_node(self.format)
        data |= {"rewards": rewards, "train": dict(self.train)}
        return {key: value for key, value in data.items() if value not in ("", {})}

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Recipe:
        """Read a recipe file (`.yaml`, `.yml` or `.toml`).

        Raises:
            ConfigError: The file is not there, can't be read, or isn't a recipe.
        """
        return _load(str(path), Path(), ())

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the recipe as YAML or TOML, by the file's ending, in one atomic step."""
        target = Path(path)
        write_atomically(target, _dump(self.to_dict(), target))


def recipe(name: str) -> Recipe:
    """Return a recipe that ships with Plaudit, by name, or one from a file.

    Raises:
        UnknownNameError: Neither a file nor a known name; the nearest one is named.
        ConfigError: The file isn't a recipe.

    >>> len(recipe("unsloth").split().weights)
    4
    """
    return _load(name, Path(), ())


def shipped() -> dict[str, Path]:
    """Return the recipes that ship, by name."""
    folders = [Path(place) / "recipes" for package in ("plaudit", "plaudit_trainer") for place in _places(package)]
    return {path.stem: path for folder in folders for path in sorted(folder.glob("*.yaml"))}


def _places(package: str) -> list[str]:
    """Where a package lies, found without importing it."""
    found = find_spec(package)
    return list(found.submodule_search_locations or []) if found else []


def read_data(path: Path) -> Any:
    """Read a YAML or TOML file as plain data.

    Raises:
        ConfigError: It can't be read or parsed; the message says where.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} can't be read: {error}") from error
    if path.suffix == ".toml":
        import tomllib

        try:
            return tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise ConfigError(f"{path} isn't TOML: {error}") from error
    import yaml

    from plaudit.yaml_text import from_yaml

    try:
        return from_yaml(text)
    except (yaml.YAMLError, RecursionError) as error:
        raise ConfigError(f"{path} isn't YAML: {error}") from error


def write_atomically(path: Path, text: str) -> None:
    """Write a text file so that a reader sees the old one or the new one, never half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    scratch = path.with_name(f".{path.name}.{uuid4().hex}.part")  # opened plainly, so that the umask holds
    try:
        scratch.write_text(text, encoding="utf-8")
        scratch.replace(path)
    finally:
        scratch.unlink(missing_ok=True)


def _load(name: str, beside: Path, trail: tuple[str, ...]) -> Recipe:
    path = Path(name)
    if path.suffix not in (".yaml", ".yml", ".toml"):
        known = shipped()
        if name not in known:
            raise UnknownNameError(
                f"No recipe is called {name!r}. {nearest(name, known)} A file ends in .yaml or .toml."
            )
        path = known[name]
    elif not path.is_absolute():
        path = beside / path
    key = str(path.resolve())
    if key in trail:
        raise ConfigError(f"{path}: recipes include each other in a circle: {' -> '.join([*trail, key])}.")
    return Recipe.from_dict(read_data(path), source=str(path), trail=(*trail, key))


def _dump(data: dict[str, Any], path: Path) -> str:
    if path.suffix == ".toml":
        import tomli_w

        return tomli_w.dumps(data)
    if path.suffix in (".yaml", ".yml"):
        from plaudit.yaml_text import to_yaml

        return to_yaml(data)
    raise ConfigError(f"{path}: a recipe file ends in .yaml or .toml.")
