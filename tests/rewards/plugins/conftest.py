"""Distributions to be found beside Plaudit: the example, installed by pip, and small ones written on the spot."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import plaudit

EXAMPLE = Path(__file__).parents[3] / "docs" / "examples" / "plaudit-polite"


@pytest.fixture(scope="session")
def polite(tmp_path_factory):
    """The example plugin as pip installs it, in a folder of its own."""
    target = tmp_path_factory.mktemp("site")
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    offline = ["--no-index", "--no-deps", "--no-build-isolation"]
    subprocess.run([*pip, *offline, "--target", str(target), str(EXAMPLE)], check=True, timeout=300)
    return target


@pytest.fixture
def distribution(tmp_path):
    """Write a distribution: its module, and the metadata that an installer would write."""

    def write(name, code, **groups):
        folder = tmp_path / name
        information = folder / f"{name.replace('-', '_')}-0.2.0.dist-info"
        information.mkdir(parents=True)
        (folder / f"{name.replace('-', '_')}.py").write_text(code)
        (information / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 0.2.0\n")
        named = {"rewards": "plaudit.rewards", "plugins": "plaudit"}
        lines = [f"[{named[group]}]\n" + "\n".join(entries) + "\n" for group, entries in groups.items()]
        (information / "entry_points.txt").write_text("\n".join(lines))
        return folder

    return write


@pytest.fixture
def program():
    """Run `plaudit` as a process that sees these distributions."""

    def start(*arguments, path=(), permitted=None):
        roots = [str(Path(plaudit.__file__).parents[1]), *map(str, path)]
        environment = os.environ | {"PYTHONPATH": os.pathsep.join(roots), "COLUMNS": "200"}
        environment.pop("PLAUDIT_PLUGINS", None)
        if permitted is not None:
            environment["PLAUDIT_PLUGINS"] = permitted
        command = [sys.executable, "-m", "plaudit", *map(str, arguments)]
        return subprocess.run(command, capture_output=True, text=True, env=environment, timeout=120, check=False)

    return start


@pytest.fixture
def listed(program):
    """The JSON that a command prints, by name."""

    def read(*arguments, path=()):
        done = program(*arguments, "--json", path=path)
        assert done.returncode == 0, done.stderr
        return {row["name"]: row for row in json.loads(done.stdout)}

    return read
