"""`plaudit new` writes a plugin that installs, is found by its entry points, and passes its own law test."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

import plaudit
from plaudit.cli import program
from plaudit.cli.new import write_plugin
from plaudit.errors import ConfigError


def run(*command, path, **options):
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, path))}
    return subprocess.run(command, capture_output=True, text=True, env=environment, check=False, **options)


def test_a_new_plugin_installs_and_passes_its_own_laws(tmp_path):
    answer = CliRunner().invoke(program, ["new", "last-line", "--folder", str(tmp_path)])
    assert answer.exit_code == 0, answer.output
    root, site = tmp_path / "plaudit-last-line", tmp_path / "site"
    core = Path(plaudit.__file__).parents[1]
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation", "--no-index"]
    installed = run(*pip, "--target", str(site), str(root), path=[])
    assert installed.returncode == 0, installed.stderr
    path = [site, core]
    found = run(
        sys.executable, "-m", "plaudit", "check", "last-line", "--law", "gold-accepted", path=path, cwd=tmp_path
    )
    assert found.returncode == 0, found.stdout + found.stderr
    tested = run(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", path=path, cwd=root)
    assert tested.returncode == 0, tested.stdout
    assert "passed" in tested.stdout


@pytest.mark.parametrize("name", ["My Reward", "my_reward", "../up", "class", "", "-x", "a--b"])
def test_a_name_that_can_not_be_a_package_is_refused(name, tmp_path):
    with pytest.raises(ConfigError, match="can't name a plugin"):
        write_plugin(name, tmp_path)


def test_nothing_is_overwritten(tmp_path):
    write_plugin("again", tmp_path)
    with pytest.raises(ConfigError, match="there already"):
        write_plugin("again", tmp_path)
