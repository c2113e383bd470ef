"""Every example in the README and the documentation runs, in order, page by page, as a reader would run it."""

import doctest
import os
import re
import subprocess
import sys
import types

import pytest
from pages import ROOT, Step, all_pages, steps_of

NEEDS_MODEL = "my-model"
NOT_RUN = {
    "curl": "asks a running server; tests/rewards/server/test_guide.py runs the page with one",
    "make": "sets up an environment of its own; the targets are what continuous integration runs",
    "git": "needs the network",
    "pip install": "needs the network; tests/rewards/cli installs the example plugin",
    "plaudit audit": "needs the audited packages, math-verify and verl among them; benchmarks/gallery.py runs them",
    "plaudit serve --reward format-exact --fallback 0 &": "runs until it is stopped; tests/rewards/server asks it",
    "plaudit serve --recipe unsloth &": "runs until it is stopped; tests/rewards/server/test_guide.py runs the page",
    "plaudit serve --recipe unsloth --host 0.0.0.0 --token-file": "the same",
    "plaudit train": "trains a model for minutes; tests/trainer runs it",
    "python benchmarks/": "measures for minutes, or reads runs that take minutes",
    "plaudit explain runs/road": "reads a run that takes a minute; test_road.py checks what the page says of it",
    "plaudit watch runs/road": "the same",
    "plaudit report runs/road": "the same",
    "python docs/make_road.py": "writes into the repository, from such a run",
    "python docs/generate.py": "writes into the repository; test_generated.py checks the same",
}
PROGRAMS = {"plaudit": "-m plaudit", "pytest": "-m pytest -p no:cacheprovider", "python": ""}


def marked(page):
    marks = [pytest.mark.trainer] if NEEDS_MODEL in page.read_text(encoding="utf-8") else []
    return pytest.param(page, marks=marks, id=str(page.relative_to(ROOT)))


ELSEWHERE = {
    ROOT / "docs/explanation/gallery.md",  # benchmarks/gallery.py writes it from what it ran, with peers' packages
    ROOT / "docs/how-to/ray.md",  # tests/rewards/engines/test_ray.py runs it, where Ray is
}


@pytest.mark.parametrize("page", [marked(page) for page in all_pages() if page not in ELSEWHERE and steps_of(page)])
def test_every_example_on_the_page_runs(page, tmp_path, monkeypatch, request):
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    if NEEDS_MODEL in page.read_text(encoding="utf-8"):
        (tmp_path / "my-model").symlink_to(request.getfixturevalue("tiny_model"))
    module = types.ModuleType("page")
    monkeypatch.setitem(sys.modules, "page", module)
    shell = Shell(tmp_path)
    known = set(sys.modules)
    try:
        for step in steps_of(page):
            run(step, module.__dict__, shell, f"{page.relative_to(ROOT)}:{step.line}")
    finally:
        for name in set(sys.modules) - known:
            if str(getattr(sys.modules[name], "__file__", "")).startswith(str(tmp_path)):
                del sys.modules[name]


def run(step: Step, namespace: dict, shell: "Shell", place: str) -> None:
    if step.kind == "python":
        exec(compile(step.text, place, "exec"), namespace)
    elif step.kind == "doctest":
        check_doctest(step, namespace, place)
    elif step.kind == "file":
        target = shell.folder / step.name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(step.text, encoding="utf-8")
    else:
        shell.run(step, place)


def check_doctest(step: Step, namespace: dict, place: str) -> None:
    parsed = doctest.DocTestParser().get_doctest(step.text, {}, place, place, 0)
    parsed.globs = namespace
    heard: list[str] = []
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE, verbose=False)
    assert parsed.examples, place
    assert runner.run(parsed, out=heard.append, clear_globs=False).failed == 0, "".join(heard)


class Shell:
    """Runs the commands of a page, with this environment's programs, and compares what they print."""

    def __init__(self, folder):
        self.folder = folder
        self.programs = folder / ".programs"
        self.programs.mkdir()
        for name, module in PROGRAMS.items():
            program = self.programs / name
            program.write_text(f'#!/bin/sh\nexec "{sys.executable}" {module} "$@"\n')
            program.chmod(0o755)

    def run(self, step: Step, place: str) -> None:
        if any(step.text.startswith(prefix) for prefix in NOT_RUN) and "--dry-run" not in step.text:
            return
        program = step.text.split()[0]
        assert program in PROGRAMS, f"{place}: {program!r} is neither run nor listed in NOT_RUN with a reason"
        search = os.pathsep.join([str(self.programs), os.environ["PATH"]])
        environment = os.environ | {"PATH": search, "COLUMNS": "110", "NO_COLOR": "1"}
        done = subprocess.run(
            ["bash", "-c", step.text], cwd=self.folder, env=environment, capture_output=True, text=True, timeout=300
        )
        printed = done.stdout + done.stderr
        assert done.returncode == step.status, f"{place} ended with {done.returncode}:\n{printed}"
        assert agrees(step.output, printed), f"{place}: the page says\n{step.output}\nand it prints\n{printed}"


def agrees(said: str, printed: str) -> bool:
    """Compare by words, since tables are as wide as the terminal; `…` alone stands for anything."""
    wanted = [".*?" if word == "…" else re.escape(word) for word in said.split()]
    return re.search(r"(^|\s)" + r"\s+".join(wanted).replace(r"\s+.*?", ".*?"), printed, re.DOTALL) is not None


def test_a_failing_command_is_noticed_by_the_page_that_shows_it(tmp_path):
    shell = Shell(tmp_path)
    with pytest.raises(AssertionError, match="the page says"):
        shell.run(Step("shell", 1, "plaudit show answer-match", output="range 0 … 1\n"), "here:1")
    with pytest.raises(AssertionError, match="ended with 2"):
        shell.run(Step("shell", 1, "plaudit show nothing-like-it"), "here:1")
    with pytest.raises(AssertionError, match="neither run nor listed"):
        shell.run(Step("shell", 1, "wget example.org"), "here:1")


def test_words_are_compared_not_widths():
    assert agrees("a  b\n… d", "x\na b\nc c\n   d\n")
    assert not agrees("a c", "a b c")
