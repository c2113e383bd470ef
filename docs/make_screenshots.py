"""Make the pictures of the documentation: `make screenshots`.

Pages and terminal views are drawn by a headless Chromium (Debian's `chromium` and `chromium-driver`) through selenium;
nothing is downloaded. The run that they show is the demo's, trained here in a minute or two; the files are made from
fixed seeds.

    python docs/make_screenshots.py [FOLDER] [NAME ...]
"""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
from html import escape
from io import StringIO
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
IMAGES = ROOT / "docs" / "images"
DESKTOP, PHONE = (1280, 900), (390, 844)
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--disable-background-networking"]
COLUMNS = "110"

PAGE_VIEWS = {
    "report": (DESKTOP, "light", ""),
    "report-dark": (DESKTOP, "dark", ""),
    "report-phone": (PHONE, "dark", ""),
    "report-table": (DESKTOP, "light", "#completions"),
}
TERMINAL_VIEWS = {
    "diagnose": "plaudit diagnose raw.jsonl --recipe hack.yaml --group-size 8",
    "compare": "plaudit compare answer-match hack.yaml raw.jsonl --group-size 8",
    "explain": "plaudit explain raw.jsonl:2 --recipe hack.yaml",
    "watch": "plaudit watch run --once",
}

REWARD = """\
from plaudit import reward

@reward(low=0.0, high=4.0)
def thorough(completion: str) -> float:
    return min(len(completion.split()) / 25, 4.0)
"""
RECIPE = """\
format: unsloth
rewards:
  - answer-match
  - {use: "thorough:thorough", weight: 2.0}
"""


def main() -> None:
    """Make all pictures, or those named, in docs/images or another folder."""
    words = sys.argv[1:]
    folder = Path(words.pop(0)) if words and "/" in words[0] else IMAGES
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        place = Path(scratch)
        _make_data(place)
        for name, (size, scheme, anchor) in PAGE_VIEWS.items():
            if not words or name in words:
                _draw(place / "run" / "report.html", folder / f"{name}.png", size, scheme, anchor)
        for name, command in TERMINAL_VIEWS.items():
            if not words or name in words:
                page = place / f"{name}.html"
                page.write_text(_terminal(command, place), encoding="utf-8")
                _draw(page, folder / f"{name}.png", (900, 80), "dark", whole=True)


def _make_data(place: Path) -> None:
    _plaudit("plaudit train demo --out run", place, OMP_NUM_THREADS="1")
    (place / "thorough.py").write_text(REWARD)
    (place / "hack.yaml").write_text(RECIPE)
    dice = random.Random(1)
    with (place / "raw.jsonl").open("w") as file:
        for _ in range(64):
            left, right = dice.randint(1, 9), dice.randint(1, 9)
            for _ in range(8):
                said = left + right + dice.choice([0, 0, 1])
                words = [
                    "First",
                    "I",
                    "count",
                    "what",
                    "is",
                    "there",
                    "and",
                    "then",
                    "what",
                    "comes",
                    ",",
                    "and",
                    "I",
                    "check",
                    "it",
                    "twice",
                    ".",
                ] * 5
                text = " ".join(words[: dice.randint(3, 80)]) + f" {left} + {right} = {said}"
                row = {"prompt": f"What is {left} + {right}?", "answer": str(left + right)}
                row["completion"] = f"{text}<end_working_out><SOLUTION>{said}</SOLUTION>"
                file.write(json.dumps(row) + "\n")


def _plaudit(command: str, place: Path, **variables: str) -> str:
    words = command.split()[1:]
    done = subprocess.run(
        [sys.executable, "-m", "plaudit", *words],
        cwd=place,
        env=os.environ | {"PYTHONPATH": f"{place}{os.pathsep}{os.environ.get('PYTHONPATH', '')}"} | variables,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"{command} ended with {done.returncode}: {done.stderr}")
    return done.stdout


def _terminal(command: str, place: Path) -> str:
    """Run a command and lay out what it prints as a page, in its colours."""
    from rich.console import Console
    from rich.terminal_theme import DIMMED_MONOKAI
    from rich.text import Text

    printed = _plaudit(command, place, FORCE_COLOR="1", COLUMNS=COLUMNS, PLAUDIT_PLUGINS="")
    lines = printed.replace(str(place) + "/", "").splitlines()[:38]
    console = Console(record=True, width=int(COLUMNS), file=StringIO(), force_terminal=True)
    console.print(Text.from_ansi("\n".join(lines)))
    body = console.export_html(theme=DIMMED_MONOKAI, inline_styles=True, code_format="{code}")
    font = "font: 13px/1.45 'DejaVu Sans Mono', monospace"
    style = f"background:#14161a;color:#e7e9ee;margin:0;padding:18px;{font}"
    prompt = f'<div style="color:#6ab8f5;margin-bottom:10px">$ {escape(command)}</div>'
    return f'<meta charset="utf-8"><body style="{style}">{prompt}<pre style="margin:0;{font}">{body}</pre>'


def _draw(
    page: Path, target: Path, size: tuple[int, int], scheme: str, anchor: str = "", *, whole: bool = False
) -> None:
    from selenium import webdriver

    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium") or ""
    for flag in FLAGS:
        options.add_argument(flag)
    driver: Any = webdriver.Chrome(options=options, service=webdriver.ChromeService(shutil.which("chromedriver")))
    try:
        _emulate(driver, size, scheme)
        driver.get(page.resolve().as_uri() + anchor)
        if whole:
            height = driver.execute_script("return document.documentElement.scrollHeight")
            _emulate(driver, (size[0], height), scheme)
        driver.save_screenshot(str(target))
    finally:
        driver.quit()
    print(target)


def _emulate(driver: Any, size: tuple[int, int], scheme: str) -> None:
    metrics = {"width": size[0], "height": size[1], "deviceScaleFactor": 1, "mobile": size[0] < 600}
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    feature = {"name": "prefers-color-scheme", "value": scheme}
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [feature]})


if __name__ == "__main__":
    main()
