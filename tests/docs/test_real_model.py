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
    "the first of four temperatures is 1": ("cooler", "temperatures", 0, "temperature"),
    "a lower temperature helps": ("cooler", "temperatures", 3, "accuracy", "low"),
    "ahead of every temperature": ("cooler", "temperatures", 2, "ahead", "low"),
    "half of the gain is there": ("cooler", "reached"),
    "the first and third are ahead of theirs": ("cooler", "trained", "trl, seed 0", "ahead", "low"),
    "the second is not": ("cooler", "trained", "unsloth, seed 1", "ahead", "high"),
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


def tries(stage, **right):
    """Rows of a stage: of each problem, the results of its tries, of which `yes` is right."""
    return [
        {"stage": stage, "mode": mode, "prompt": problem, "extracted": result, "correct": result == "yes"}
        for name, results in right.items()
        for problem, mode in [name.split("_")]
        for result in results
    ]


def written(path, *rows):
    path.parent.mkdir(exist_ok=True)
    path.write_text("".join(json.dumps(row) + "\n" for several in rows for row in several))
    return path


GREEDY = {"a_greedy": ["yes"], "b_greedy": ["no"]}


@pytest.fixture
def runs(tmp_path):
    for label, result in (("one", "yes"), ("two", "no")):
        after = tries("after_grpo", a_sampled=["yes", "yes"], b_sampled=[result, result])
        written(tmp_path / label / "completions.jsonl", tries("after_sft", **GREEDY), after)
    return {label: tmp_path / label for label in ("one", "two")}


def test_a_cooler_model_is_compared_problem_by_problem_with_the_mean_of_the_runs(tmp_path, runs):
    from real_model.cooler import cooler_of

    cool = written(tmp_path / "t", tries("evaluate", a_sampled=["yes", "no"], b_sampled=["no", "maybe"], **GREEDY))
    found = cooler_of({"0.5": cool}, runs)
    (one,) = found["temperatures"]
    assert (one["accuracy"]["value"], one["any"], one["agree"], one["ahead"]["difference"]) == (0.25, 0.5, 0.5, 0.5)
    assert (found["greedy"]["ahead"]["difference"], found["reached"]) == (0.25, 0.75)
    assert found["own_greedy"] == 0.5
    assert [(each["any"], each["ahead"]["difference"]) for each in found["trained"].values()] == [(1, 0.5), (0.5, 0)]


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (
            {"a_sampled": ["yes"], "c_sampled": ["yes"], **GREEDY},
            "temperature 0.5, sampled was not evaluated on the same",
        ),
        ({"a_sampled": ["yes"], "b_sampled": ["yes"]}, "temperature 0.5, greedy: no such completions"),
    ],
)
def test_a_cooler_model_that_can_not_be_compared_is_refused_by_name(tmp_path, runs, rows, said):
    from real_model.cooler import cooler_of

    with pytest.raises(SystemExit, match=said):
        cooler_of({"0.5": written(tmp_path / "t", tries("evaluate", **rows))}, runs)
