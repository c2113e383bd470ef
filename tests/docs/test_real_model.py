"""The pages about a real model say what its runs' facts say, and so do their pictures."""

import copy
import doctest
import json
from types import SimpleNamespace

import pytest
from pages import ROOT, script

from plaudit import Sample, recipe
from plaudit_trainer.settings import resolve

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


def test_what_counts_as_a_true_calculation_is_what_its_examples_say():
    from real_model import facts

    found = doctest.testmod(facts)
    assert (found.failed, found.attempted) == (0, 2)


OTHERWISE = {
    "sampled accuracy is beyond chance": ("trainings", "trl, seed 0", "by_grpo", "sampled", "low"),
    "greedy accuracy is beyond chance": ("trainings", "unsloth, seed 0", "by_grpo", "greedy", "low"),
    "that of the second is not": ("trainings", "unsloth, seed 1", "by_grpo", "greedy", "high"),
    "more of their sums are true": ("trainings", "unsloth, seed 0", "habits", "after_grpo", "true"),
    "tries agree more": ("trainings", "unsloth, seed 0", "surer", "agree", "after_grpo"),
    "ahead of every temperature": ("cooler", "temperatures", 2, "ahead", "low"),
    "a lower temperature helps": ("cooler", "temperatures", 4, "accuracy", "low"),
}


@pytest.mark.parametrize(("claim", "place"), OTHERWISE.items(), ids=OTHERWISE)
def test_runs_that_turned_out_otherwise_than_a_sentence_says_are_refused(claim, place):
    from real_model.facts import _demand

    _, config = resolve(recipe("smollm2-gsm8k"), ["grpo.max_minutes=1"])
    found, run = copy.deepcopy(FACTS), SimpleNamespace(path="runs/x")
    _demand(found, run, config)
    *way, name = place
    part = found
    for key in way:
        part = part[key]
    part[name] = -1.0
    with pytest.raises(SystemExit, match=claim):
        _demand(found, run, config)


def test_a_run_that_was_not_evaluated_at_its_end_is_refused_with_the_way_on():
    from real_model.facts import facts_of

    run = SimpleNamespace(provenance={"seed": 0, "backend": "trl"}, summary={"after_sft": {}}, path="runs/x")
    with pytest.raises(SystemExit, match="runs/x was not evaluated after GRPO; `plaudit train --resume`"):
        facts_of(run, [], "", {})


def test_runs_in_another_order_are_refused_as_the_sentences_say_which_is_which(monkeypatch):
    from real_model import facts

    monkeypatch.setattr(facts, "_training", lambda run: {})
    runs = [SimpleNamespace(provenance={"seed": seed, "backend": "unsloth"}) for seed in (1, 0)]
    with pytest.raises(SystemExit, match="Not of: unsloth, seed 1; unsloth, seed 0"):
        facts.facts_of(runs[0], runs[1:], "", {})


def written(path, stage, tries):
    rows = [
        {"stage": stage, "mode": mode, "prompt": problem, "correct": right}
        for (problem, mode), several in tries.items()
        for right in several
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def test_a_cooler_model_is_compared_problem_by_problem_with_the_mean_of_the_runs(tmp_path):
    from real_model.cooler import cooler_of

    sampled, greedy = {("a", "sampled"): [1, 0], ("b", "sampled"): [0, 0]}, {("a", "greedy"): [1], ("b", "greedy"): [0]}
    cool = written(tmp_path / "cool.jsonl", "evaluate", sampled | greedy)
    for run, right in (("one", 1), ("two", 0)):
        (tmp_path / run).mkdir()
        rows = written(tmp_path / run / "completions.jsonl", "after_sft", greedy).read_text()
        after = {("a", "sampled"): [1, 1], ("b", "sampled"): [right, right]}
        path = written(tmp_path / run / "completions.jsonl", "after_grpo", after)
        path.write_text(rows + path.read_text())
    found = cooler_of({"0.5": cool}, [tmp_path / "one", tmp_path / "two"])
    assert [one["temperature"] for one in found["temperatures"]] == ["0.5", "0"]
    assert [one["accuracy"]["value"] for one in found["temperatures"]] == [0.25, 0.5]
    assert [one["ahead"]["difference"] for one in found["temperatures"]] == [0.5, 0.25]
    assert found["own_greedy"]["ahead"]["difference"] == 0.25
    other = written(tmp_path / "other.jsonl", "evaluate", {("c", "sampled"): [1]})
    with pytest.raises(SystemExit, match="the same problems"):
        cooler_of({"0.5": other}, [tmp_path / "one"])
