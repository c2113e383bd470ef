"""The page in a real browser: hostile text stays text, and the table sorts, filters, pages and opens.

Needs Debian's `chromium` and `chromium-driver` and `pip install selenium`; each test says so where one is missing.
Playwright would bring a browser of its own, by a download that no package registry holds; so selenium drives the
system's.
"""

from __future__ import annotations

import json
import random
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from plaudit.report import write_report

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
DRIVER = shutil.which("chromedriver")
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed (apt-get install chromium)")

Driver = Any


@pytest.fixture
def open_page(tmp_path: Path) -> Iterator[Callable[..., Driver]]:
    """Open a page in a headless browser of a given size and colour scheme."""
    webdriver = pytest.importorskip("selenium.webdriver", reason="selenium isn't installed (pip install selenium)")
    if DRIVER is None:
        pytest.skip("no chromedriver is installed (apt-get install chromium-driver)")
    opened: list[Driver] = []

    def start(page: Path, *, width: int = 1280, height: int = 900, scheme: str = "light") -> Driver:
        options = webdriver.ChromeOptions()
        options.binary_location = CHROMIUM
        for flag in [*FLAGS, f"--user-data-dir={tmp_path / 'profile'}"]:
            options.add_argument(flag)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(DRIVER))
        opened.append(driver)
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600}
        driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        feature = {"name": "prefers-color-scheme", "value": scheme}
        driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [feature]})
        driver.get(page.resolve().as_uri())
        return driver

    yield start
    for driver in opened:
        driver.quit()


@pytest.fixture
def page(small_run: Path, tmp_path: Path) -> Path:
    return write_report(small_run, tmp_path / "page.html")


def column(driver: Driver, name: str) -> list[str]:
    return driver.execute_script(
        "return [...document.querySelectorAll('#table tr.row')].map("
        "row => [...row.children].find(cell => cell.dataset.label === arguments[0]).innerText.trim())",
        name,
    )


def numbers(driver: Driver, name: str) -> list[float]:
    return [float(text.replace("−", "-").replace(",", "")) for text in column(driver, name)]


def press(driver: Driver, selector: str) -> None:
    driver.execute_script("document.querySelector(arguments[0]).click()", selector)


def sort_by(driver: Driver, name: str) -> None:
    driver.execute_script(
        "[...document.querySelectorAll('#table thead button')].find(b => b.textContent === arguments[0]).click()", name
    )


def fill(driver: Driver, field: str, value: str) -> None:
    """Set a field as a person would, and wait until the table has followed."""
    driver.execute_async_script(
        "const [field, value, done] = arguments; const input = document.getElementById(field);"
        "input.value = value; input.dispatchEvent(new Event('input', {bubbles: true})); setTimeout(done, 250)",
        field,
        value,
    )


def count(driver: Driver) -> str:
    return driver.execute_script("return document.getElementById('count').textContent")


def test_hostile_completion_does_not_run_and_the_table_still_does(
    make_run: Callable[..., Path], extend: Callable[..., None], hostile: str, tmp_path: Path
) -> None:
    run = make_run()
    part = {"name": hostile, "weight": 1.0, "value": 9.0, "reason": hostile}
    row = {"stage": "after_grpo", "step": 3, "mode": "sampled", "value": 99.0, "parts": [part]}
    extend(run, row | dict.fromkeys(["prompt", "completion", "answer", "extracted", "reason"], hostile))
    page = write_report(run)
    command = [str(CHROMIUM), *FLAGS, f"--user-data-dir={tmp_path / 'profile'}", "--dump-dom", page.resolve().as_uri()]
    dom = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout
    assert "<title>demo · Plaudit report</title>" in dom
    assert "<img" not in dom
    assert ">49 of 49 completions</p>" in dom


def test_hostile_text_shown_by_the_table_script_stays_text(
    make_run: Callable[..., Path], extend: Callable[..., None], hostile: str, open_page: Callable[..., Driver]
) -> None:
    run = make_run()
    extend(run, {"stage": hostile, "mode": hostile, "value": 99.0} | dict.fromkeys(["prompt", "completion"], hostile))
    driver = open_page(write_report(run))
    sort_by(driver, "reward")
    press(driver, "#table .opener")
    assert column(driver, "prompt")[0].startswith("</script><script>")
    assert driver.title == "demo · Plaudit report"
    assert driver.execute_script("return document.querySelectorAll('img, main script').length") == 0


def test_sorting_turns_round_and_puts_missing_values_last(page: Path, open_page: Callable[..., Driver]) -> None:
    driver = open_page(page)
    assert numbers(driver, "reward") != sorted(numbers(driver, "reward"))
    sort_by(driver, "reward")
    high = numbers(driver, "reward")
    assert high == sorted(high, reverse=True)
    assert driver.execute_script("return document.querySelector('th.total').ariaSort") == "descending"
    sort_by(driver, "reward")
    low = numbers(driver, "reward")
    assert low == sorted(low)
    assert low[0] < high[0]
    sort_by(driver, "extracted")
    assert column(driver, "extracted")[0] != "–"


def test_filters_combine_count_and_clear(page: Path, open_page: Callable[..., Driver]) -> None:
    driver = open_page(page)
    everything = count(driver)
    assert everything == "120 of 120 completions"
    fill(driver, "stage", "after_grpo")
    fill(driver, "mode", "greedy")
    assert count(driver) == "12 of 120 completions"
    fill(driver, "outcome", "right")
    assert set(column(driver, "right")) == {"✓"}
    fill(driver, "outcome", "")
    fill(driver, "low", "12")
    assert all(value >= 12 for value in numbers(driver, "reward"))
    fill(driver, "search", "no such words anywhere")
    assert count(driver) == "0 of 120 completions"
    driver.execute_async_script("document.querySelector('[type=reset]').click(); setTimeout(arguments[0], 100)")
    assert count(driver) == everything


def test_search_finds_words_of_a_reason(page: Path, open_page: Callable[..., Driver]) -> None:
    driver = open_page(page)
    fill(driver, "search", "IDENTICAL to the gold")
    assert set(column(driver, "answer-match")) == {"5.00"}


def test_pages_turn_and_a_row_opens_with_its_reasons(page: Path, open_page: Callable[..., Driver]) -> None:
    driver = open_page(page)
    first = column(driver, "#")
    press(driver, "#next")
    assert not set(first) & set(column(driver, "#"))
    press(driver, "#last")
    assert driver.execute_script("return document.getElementById('next').disabled") is True
    press(driver, "#table .opener")
    detail = driver.execute_script("return document.querySelector('tr.detail').innerText")
    assert "numeric-tolerance" in detail
    assert driver.execute_script("return document.activeElement.ariaExpanded") == "true"


def test_theme_follows_the_system_until_the_button_is_pressed(page: Path, open_page: Callable[..., Driver]) -> None:
    driver = open_page(page, scheme="dark")
    paper = "return getComputedStyle(document.body).backgroundColor"
    assert driver.execute_script(paper) == "rgb(20, 22, 26)"
    press(driver, "#theme")
    assert driver.execute_script(paper) == "rgb(255, 255, 255)"


@pytest.mark.parametrize("width", [360, 768, 1280])
def test_no_width_makes_the_page_scroll_sideways(width: int, page: Path, open_page: Callable[..., Driver]) -> None:
    driver = open_page(page, width=width)
    assert driver.execute_script("return document.documentElement.scrollWidth") <= width


def test_console_stays_silent_so_the_policy_blocks_nothing_of_ours(
    page: Path, open_page: Callable[..., Driver]
) -> None:
    driver = open_page(page)
    sort_by(driver, "reward")
    assert driver.get_log("browser") == []


FINDINGS = "return [...document.querySelectorAll('.findings li')].map(item => item.innerText)"


@pytest.fixture
def hacked(tmp_path: Path) -> Path:
    """The page of a scored file in which length pays, and a third of the winners give two solutions."""
    dice = random.Random(0)
    rows = []
    for group in range(30):
        for _ in range(6):
            words = dice.randint(3, 90)
            text = " ".join(f"w{dice.randrange(999)}" for _ in range(words)) + r" \boxed{1} \boxed{2}" * (words > 80)
            parts = [{"name": "thorough", "weight": 1.0, "value": words / 30, "reason": f"{words} words"}]
            row = {"prompt": f"question {group}", "completion": text, "value": words / 30, "parts": parts}
            rows.append(row | {"step": group // 3, "reason": "by length"})
    path = tmp_path / "hacked.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return write_report(path)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_findings_are_read_first_in_both_themes_and_on_a_phone(
    scheme: str, width: int, hacked: Path, open_page: Callable[..., Driver]
) -> None:
    driver = open_page(hacked, width=width, height=844, scheme=scheme)
    found = driver.execute_script(FINDINGS)
    assert found[0].startswith("Length pays: the longer completion of a group gets the higher reward")
    top = "return document.querySelector('.findings li').getBoundingClientRect().top"
    assert driver.execute_script(top) < 844
    assert driver.execute_script("return document.documentElement.scrollWidth") <= width
    assert contrast(driver, ".findings li b") >= 4.5
    assert contrast(driver, ".findings li span") >= 4.5


def contrast(driver: Driver, selector: str) -> float:
    """The contrast of a text with the page, by WCAG 2."""
    colours = driver.execute_script(
        "return [getComputedStyle(document.querySelector(arguments[0])).color,"
        " getComputedStyle(document.body).backgroundColor]",
        selector,
    )
    light, dark = sorted(map(luminance, colours), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    channels = [int(number) / 255 for number in re.findall(r"\d+", colour)[:3]]
    linear = [each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_a_scored_file_has_curves_of_its_steps_and_its_table_sorts_and_filters(
    hacked: Path, open_page: Callable[..., Driver]
) -> None:
    driver = open_page(hacked)
    titles = "return [...document.querySelectorAll('figcaption b')].map(title => title.innerText)"
    assert {"total reward", "thorough", "groups without signal (all equal)"} <= set(driver.execute_script(titles))
    sort_by(driver, "thorough")
    assert numbers(driver, "thorough")[0] == max(numbers(driver, "thorough"))
    fill(driver, "search", r"\boxed{2}")
    boxed = count(driver)
    assert boxed.endswith("of 180 completions")
    assert not boxed.startswith(("0 ", "180 "))
    fill(driver, "low", "2.9")
    assert all(value >= 2.9 for value in numbers(driver, "reward"))


def test_a_page_that_is_watched_loads_itself_again_unless_a_row_is_open(
    small_run: Path, tmp_path: Path, open_page: Callable[..., Driver]
) -> None:
    from plaudit.report.page import write
    from plaudit.report.run import read_run

    driver = open_page(write(read_run(small_run), tmp_path / "page.html", 1.0))
    driver.execute_script("window.same = true")
    wait_until(driver, "return window.same !== true")
    press(driver, "#table .opener")
    driver.execute_script("window.same = true")
    driver.execute_async_script("setTimeout(arguments[0], 2500)")
    assert driver.execute_script("return window.same") is True


def wait_until(driver: Driver, script: str) -> None:
    from selenium.webdriver.support.wait import WebDriverWait

    WebDriverWait(driver, 60).until(lambda page: page.execute_script(script))
