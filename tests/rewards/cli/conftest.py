"""Running the program: in process through click's runner, or as a real process."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

import plaudit
from plaudit.cli import program

RIGHT = {
    "completion": "2 + 2 = 4<end_working_out><SOLUTION>4</SOLUTION>",
    "prompt": [{"role": "user", "content": "2 + 2?"}],
    "answer": "4",
}
WRONG = RIGHT | {"completion": "is it 5?<end_working_out><SOLUTION>5</SOLUTION>"}
SHAPELESS = RIGHT | {"completion": "4"}


@pytest.fixture(autouse=True)
def only_our_plugins(monkeypatch):
    """What else is installed must not decide these tests."""
    monkeypatch.setenv("PLAUDIT_PLUGINS", "")
    monkeypatch.setenv("COLUMNS", "140")


@pytest.fixture
def run():
    """Run the program in process."""

    def invoke(*arguments, input=None):  # noqa: A002 - click's own name
        return CliRunner().invoke(program, [str(argument) for argument in arguments], input=input, prog_name="plaudit")

    return invoke


@pytest.fixture
def process():
    """Run the program as a process of its own, with nothing on its path but Plaudit and what the test adds."""

    def start(*arguments, path=(), environment=None, **settings):
        roots = [str(Path(plaudit.__file__).parents[1]), *map(str, path)]
        variables = os.environ | {"PYTHONPATH": os.pathsep.join(roots)} | (environment or {})
        return subprocess.run(
            [sys.executable, "-m", "plaudit", *map(str, arguments)],
            capture_output=True,
            text=True,
            env=variables,
            timeout=120,
            check=False,
            **settings,
        )

    return start


@pytest.fixture
def rows(tmp_path):
    """Write rows to a file: mappings as JSON, texts as they are."""

    def write(*lines, name="rows.jsonl"):
        path = tmp_path / name
        texts = [line if isinstance(line, str) else json.dumps(line) for line in lines]
        path.write_text("".join(f"{text}\n" for text in texts), encoding="utf-8")
        return path

    return write


@pytest.fixture
def sample_rows(rows):
    """A file with a right, a wrong and a shapeless completion."""
    return rows(RIGHT, WRONG, SHAPELESS)
