"""The pages of the documentation as a list of things to run: Python, shell commands, files."""

import importlib.util
import re
import shlex
import sys
import tomllib
from dataclasses import dataclass, replace
from pathlib import Path

from markdown_it import MarkdownIt

ROOT = Path(__file__).resolve().parents[2]
NOT_OURS = ("_build", "examples")  # what is built, and the example plugin, whose own test installs it
READ_ONLY = {"text", "json"}  # for the eye: nothing in them can be run
FILE_NAME = re.compile(r"# ([\w./-]+\.(?:py|yaml|toml))")


def script(name):
    """Import a script of `docs/`, which is no package, as Python runs it: with its own folder on the path."""
    if str(ROOT / "docs") not in sys.path:
        sys.path.append(str(ROOT / "docs"))
    spec = importlib.util.spec_from_file_location(f"docs_{name}", ROOT / "docs" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@dataclass(frozen=True)
class Step:
    """One thing to do on a page.

    Attributes:
        kind: `python`, `doctest`, `file` (write it) or `shell` (run it and compare what it prints).
        line: Where it stands on the page.
        text: The code, or the command.
        name: The name of the file to write.
        output: What the page says that the command prints.
        status: The exit status that it must end with: 0, unless an `echo $?` after it says otherwise.
    """

    kind: str
    line: int
    text: str
    name: str = ""
    output: str = ""
    status: int = 0


def all_pages() -> list[Path]:
    found = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    return sorted(page for page in found if not set(page.relative_to(ROOT).parts) & set(NOT_OURS))


def steps_of(page: Path) -> list[Step]:
    """Read a page; a block in a language that nobody would run or read is an error, not a gap."""
    steps: list[Step] = []
    for token in MarkdownIt().parse(page.read_text(encoding="utf-8")):
        language = token.info.split(" ")[0]
        if token.type != "fence" or language in READ_ONLY or language.startswith("{"):
            continue
        assert token.map is not None
        line = token.map[0] + 1
        named = FILE_NAME.match(token.content)
        if named and language in ("python", "yaml", "toml"):
            steps.append(Step("file", line, token.content, name=named[1]))
        elif language == "toml":
            tomllib.loads(token.content)  # a fragment of somebody's pyproject.toml
        elif language == "python":
            kind = "doctest" if token.content.startswith(">>>") else "python"
            steps.append(Step(kind, line, token.content))
        elif language == "console":
            steps += _commands(token.content, line)
        else:
            raise AssertionError(f"{page.name}:{line}: a block of {language or 'no language'} is neither run nor read")
    return steps


def _commands(text: str, line: int) -> list[Step]:
    """Split a transcript into commands and what each prints; `cat NAME` writes the file that it shows."""
    steps: list[Step] = []
    for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        command, _, output = part.partition("\n")
        words = shlex.split(command, comments=True)
        if command == "echo $?":
            steps[-1] = replace(steps[-1], status=int(output))
        elif words[0] == "cat" and len(words) == 2:
            steps.append(Step("file", line, output, name=words[1]))
        else:
            steps.append(Step("shell", line, command, output=output))
    return steps
