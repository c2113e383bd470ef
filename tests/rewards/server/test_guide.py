"""The how-to page, line by line, against a server started as the page says."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"


def has_curl():
    if shutil.which("curl") is None:
        return False
    return "--json" in subprocess.run(["curl", "--help", "all"], capture_output=True, text=True).stdout


@pytest.mark.skipif(not has_curl(), reason="the page uses curl --json, of curl 7.82")
def test_every_curl_of_the_page_answers_what_the_page_says(program, monkeypatch):
    monkeypatch.syspath_prepend(str(DOCS))
    from pages import ROOT, steps_of
    from test_examples import agrees

    asked = [step for step in steps_of(ROOT / "docs/how-to/serve.md") if step.text.startswith("curl")]
    assert len(asked) >= 6
    with program("--recipe", "unsloth", "--workers", "1") as running:
        for step in asked:
            command = step.text.replace("http://127.0.0.1:8900", running.url)
            done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, timeout=120)
            assert done.returncode == 0, f"line {step.line}: {done.stderr}"
            assert agrees(step.output, done.stdout), f"line {step.line}: {step.output} is said, {done.stdout} comes"
    for name in ("pages", "test_examples"):
        sys.modules.pop(name, None)
