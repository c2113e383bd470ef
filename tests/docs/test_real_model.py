"""The pages about a real model say what its runs' facts say, and so do their pictures."""

import json

import pytest
from pages import ROOT, script

from plaudit import Sample, recipe

MAKE = script("make_real_model")
FACTS = json.loads(MAKE.FACTS.read_text(encoding="utf-8"))
WON = FACTS["problems"]["won"]


@pytest.mark.parametrize(("template", "page"), MAKE.PAGES.items(), ids=MAKE.PAGES)
def test_the_page_is_its_template_with_the_facts_of_the_runs(template, page):
    assert page.read_text(encoding="utf-8") == MAKE.rendered(template), "run `python docs/make_real_model.py`"


@pytest.mark.parametrize("stage", ["after_sft", "after_grpo"])
def test_the_rewards_still_pay_what_the_completions_on_the_page_earned(stage):
    judge = recipe("smollm2-gsm8k")
    samples = [Sample(one["text"], columns={"answer": WON["answer"]}) for one in WON[stage]]
    assert [score.value for score in judge.score(samples)] == [one["value"] for one in WON[stage]]


def test_every_picture_can_be_drawn_from_the_facts_and_is_on_both_pages(tmp_path):
    from real_model.pictures import draw_all

    for picture in draw_all(FACTS, tmp_path):
        assert (ROOT / "docs" / "images" / picture.name).stat().st_size < 60_000
        for page in MAKE.PAGES.values():
            assert f"(../images/{picture.name})" in page.read_text(encoding="utf-8")
