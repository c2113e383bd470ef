"""The pages on laws and attacks are written from the objects, and have not drifted from them."""

import runpy
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[3] / "docs"
PAGES = runpy.run_path(str(DOCS / "make_law_pages.py"))["pages"]()


@pytest.mark.parametrize("name", PAGES)
def test_a_page_says_what_the_objects_say(name):
    assert (DOCS / "reference" / name).read_text(encoding="utf-8") == PAGES[name], "run docs/make_law_pages.py"
