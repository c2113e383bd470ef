"""`plaudit new`: an installable plugin package with a reward, its tasks, and its law test."""

from __future__ import annotations

import keyword
import re
from importlib.resources import files
from pathlib import Path
from string import Template

import rich_click as click

from plaudit.cli.command import PlauditCommand
from plaudit.errors import ConfigError

PLACES = {
    "pyproject.toml.txt": "pyproject.toml",
    "README.md.txt": "README.md",
    "reward.py.txt": "src/{module}/__init__.py",
    "tasks.py.txt": "src/{module}/tasks.py",
    "test_laws.py.txt": "tests/test_laws.py",
}
"""Template -> where it goes."""


@click.command("new", cls=PlauditCommand, examples=["plaudit new my-reward", "plaudit new my-reward --folder plugins"])
@click.argument("name")
@click.option(
    "--folder", type=click.Path(path_type=Path), default=Path(), help="Where to write it; here, unless given."
)
def new(name: str, folder: Path) -> None:
    """Write an installable plugin package for the reward NAME: code, tasks, law test, entry points, README."""
    from plaudit.cli.screen import output, plain

    root = write_plugin(name, folder)
    console = output()
    console.print(plain(f"Wrote {root}: the reward is in src/{module_of(name)}/__init__.py.", "bold"))
    console.print(plain(f"Next:  pip install -e '{root}[test]'  &&  plaudit check {name}  &&  pytest {root}"))


def module_of(name: str) -> str:
    """Return the module of a plugin.

    >>> module_of("my-reward")
    'plaudit_my_reward'
    """
    return "plaudit_" + name.replace("-", "_")


def write_plugin(name: str, folder: Path) -> Path:
    """Write the package, and return where it is.

    Raises:
        ConfigError: The name can't name a reward, or something is there already.
    """
    function = name.replace("-", "_")
    if not re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", name) or keyword.iskeyword(function):
        raise ConfigError(
            f"{name!r} can't name a plugin: use small letters, digits and single hyphens, as in my-reward."
        )
    root = folder / f"plaudit-{name}"
    if root.exists():
        raise ConfigError(f"{root} is there already: choose another name or --folder.")
    words = {"distribution": root.name, "reward": name, "module": module_of(name), "function": function}
    for template, place in PLACES.items():
        text = files("plaudit.cli").joinpath("scaffold", template).read_text(encoding="utf-8")
        target = root / place.format(**words)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(Template(text).substitute(words), encoding="utf-8")
    return root
