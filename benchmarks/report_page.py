"""How large the page of a run is, how long it takes to write, and how long a browser takes to load it.

    python benchmarks/report_page.py [COMPLETIONS ...]

Needs Debian's `chromium` and `chromium-driver`, and `pip install selenium`.
"""

from __future__ import annotations

import importlib.util
import shutil
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

from plaudit.report import write_report

ROOT = Path(__file__).resolve().parents[1]
LOADS = 5
FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking")
TIMES = """
const [page] = performance.getEntriesByType('navigation');
return [page.domContentLoadedEventEnd, page.loadEventEnd, performance.getEntriesByType('resource').length];
"""


def main() -> None:
    """Print one line for each size."""
    found = importlib.util.spec_from_file_location("runs", ROOT / "tests" / "rewards" / "report" / "conftest.py")
    assert found is not None
    assert found.loader is not None
    runs = importlib.util.module_from_spec(found)
    found.loader.exec_module(runs)
    print("| completions | page, MB | written in, s | loaded in, s | other requests |\n|---:|---:|---:|---:|---:|")
    for count in [int(word) for word in sys.argv[1:]] or [1_000, 10_000, 50_000]:
        with tempfile.TemporaryDirectory() as place:
            run = runs.build_run(Path(place) / "run", steps=80, per_step=count // 80, problems=1, group=8)
            began = time.perf_counter()
            page = write_report(run)
            written = time.perf_counter() - began
            loaded, requests = load(page)
            size = page.stat().st_size / 1e6
            print(f"| {count:,} | {size:.1f} | {written:.1f} | {loaded:.2f} | {requests} |", flush=True)


def load(page: Path) -> tuple[float, int]:
    """Load a page several times; return the median seconds to its load event, and how much else was requested."""
    from selenium import webdriver

    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium") or ""
    for flag in FLAGS:
        options.add_argument(flag)
    driver: Any = webdriver.Chrome(options=options, service=webdriver.ChromeService(shutil.which("chromedriver")))
    try:
        seconds, requests = [], 0
        for _ in range(LOADS):
            driver.get(page.resolve().as_uri())
            _, loaded, requests = driver.execute_script(TIMES)
            seconds.append(loaded / 1000)
    finally:
        driver.quit()
    return median(seconds), requests


if __name__ == "__main__":
    main()
