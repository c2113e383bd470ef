"""Pages that are written from the code and the tests have not drifted, and links between pages hold."""

import re

import pytest
from pages import ROOT, all_pages, script

from plaudit.nodes import KINDS, WRAPPER_OPTIONS

LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)#\s]+)(?:#[^)]*)?\)")


GENERATE = script("generate")


@pytest.mark.parametrize("page", GENERATE.pages(), ids=lambda page: page.name)
def test_generated_tables_are_what_the_tests_say(page):
    text = page.read_text(encoding="utf-8")
    assert GENERATE.rewritten(text) == text, "run `python docs/generate.py`"


def test_no_marker_is_left_open():
    for page in all_pages():
        text = page.read_text(encoding="utf-8")
        assert text.count("<!-- table: ") == text.count("<!-- /table -->") == len(GENERATE.BLOCK.findall(text)), page


@pytest.mark.parametrize("page", all_pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_links_to_files_lead_somewhere(page):
    for target in LINK.findall(page.read_text(encoding="utf-8")):
        if "://" not in target and not target.startswith("mailto:"):
            assert (page.parent / target).exists(), target


def test_the_recipe_page_names_every_kind_of_node_and_its_options():
    text = (ROOT / "docs" / "reference" / "recipe.md").read_text(encoding="utf-8")
    names = [*KINDS, *(option for options in WRAPPER_OPTIONS.values() for option in options)]
    assert [name for name in names if f"`{name}`" not in text] == []


FRAGMENT = re.compile(r"[\w-]+\.(added|changed|deprecated|removed|fixed|security)\.md")


def test_every_changelog_fragment_has_a_known_kind_and_says_something():
    for fragment in (ROOT / "changelog.d").iterdir():
        assert fragment.name == "README.md" or FRAGMENT.fullmatch(fragment.name), fragment.name
        assert fragment.read_text(encoding="utf-8").strip(), fragment.name
