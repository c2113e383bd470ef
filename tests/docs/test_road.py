"""The pages that follow one run say what that run's facts say, and these are what the rewards still pay."""

import json
from statistics import mean, stdev

import pytest
from pages import ROOT, script

from plaudit import Sample, recipe

MAKE_ROAD = script("make_road")
FACTS = json.loads(MAKE_ROAD.FACTS.read_text(encoding="utf-8"))
SHOWN = [FACTS["untrained"], *FACTS["three"].values(), *FACTS["group"]["rows"], FACTS["unearned"]["first"]]


@pytest.mark.parametrize(("template", "page"), MAKE_ROAD.PAGES.items(), ids=MAKE_ROAD.PAGES)
def test_the_page_is_its_template_with_the_facts_of_the_run(template, page):
    assert page.read_text(encoding="utf-8") == MAKE_ROAD.rendered(template), "run `python docs/make_road.py`"


@pytest.mark.parametrize("shown", SHOWN, ids=lambda shown: f"line {shown['line']}")
def test_the_rewards_still_pay_what_the_page_shows(shown):
    judge = recipe("demo")
    [score] = judge.score([Sample(shown["completion"], prompt=shown["question"], columns={"answer": shown["answer"]})])
    parts = [{"name": part.name, "value": part.value, "reason": part.score.reason} for part in score.parts]
    assert (score.value, parts) == (shown["value"], shown["parts"])


def test_the_advantages_in_the_picture_are_those_of_the_arithmetic():
    rewards = [row["value"] for row in FACTS["group"]["rows"]]
    worked_out = [(reward - mean(rewards)) / stdev(rewards) for reward in rewards]
    assert [row["advantage"] for row in FACTS["group"]["rows"]] == pytest.approx(worked_out, rel=1e-3)


def test_every_picture_on_the_pages_is_there_and_small():
    pictures = sorted((ROOT / "docs" / "images").glob("road-*.svg"))
    for page in MAKE_ROAD.PAGES.values():
        text = page.read_text(encoding="utf-8")
        assert [picture.name for picture in pictures if f"(../images/{picture.name})" not in text] == []
    assert pictures
    assert max(picture.stat().st_size for picture in pictures) < 60_000


@pytest.mark.parametrize(
    ("parts", "said"), [((3.0, 1.5, 5.0), "3 + 1.5 + 5"), ((0.0, -3.0), "0 − 3"), ((-2.0, 0.0), "−2 + 0")]
)
def test_a_sum_keeps_the_signs_of_its_parts(parts, said):
    assert MAKE_ROAD.sum_of_parts([{"value": value} for value in parts]) == said
