"""Recipes: YAML and TOML files that round-trip, and every way to write one wrongly."""

import pytest
from hypothesis import given
from rewards_for_tests import polite, same_city
from test_compose import BATCHES, TREES

from plaudit import ConfigError, Format, Recipe, UnknownNameError, UnknownOptionError, gate, load, recipe, schedule
from plaudit.recipe import shipped


@pytest.mark.parametrize("ending", [".yaml", ".toml"])
def test_a_recipe_file_round_trips(tmp_path, ending):
    form = Format("own", solution_open="<A>", solution_close="</A>", end_tokens=("<end>",))
    answer = load("answer-match", format=form, near=0.05)
    judge = answer + 0.5 * polite.using(greeting="Oi") + gate(same_city, on=answer, otherwise=None).named("bonus")
    whole = Recipe("mine", judge, form, "what it is for", {"seed": 1, "grpo": {"steps": 3}})
    whole.save(tmp_path / f"r{ending}")
    assert recipe(str(tmp_path / f"r{ending}")) == whole


def test_a_weight_on_a_named_sum_stays_outside_the_name():
    judge = 2 * (load("format-exact") + 0.5 * polite).named("shape") + (0.5 * polite).named("half")
    assert Recipe.from_dict(Recipe("mine", judge).to_dict()).judge == judge


def test_a_recipe_inside_another_can_be_written_down():
    outer = Recipe("outer", recipe("unsloth") + polite)
    text = "<end_working_out><SOLUTION>4</SOLUTION>"
    assert Recipe.from_dict(outer.to_dict())(completions=[text], answer=["4"]) == [13.0]


@given(TREES, BATCHES)
def test_every_composition_round_trips_through_plain_data(tree, batch):
    whole = Recipe("mine", tree)
    again = Recipe.from_dict(whole.to_dict())
    assert [score.value for score in again.score(batch)] == [score.value for score in whole.score(batch)]
    assert Recipe.from_dict(again.to_dict()) == again


def test_a_schedule_moved_to_a_step_is_saved_where_it_stands():
    judge = schedule(load("format-exact"), over_steps=10).at(5)
    again = Recipe.from_dict(Recipe("mine", judge).to_dict())
    assert again(completions=["<end_working_out><SOLUTION>4</SOLUTION>"]) == [1.5]


@pytest.mark.parametrize("name", sorted(shipped()))
def test_every_shipped_recipe_loads_and_round_trips(name, tmp_path):
    loaded = recipe(name)
    assert loaded.name == name
    loaded.save(tmp_path / "again.yaml")
    assert recipe(str(tmp_path / "again.yaml")) == loaded


def test_the_format_of_a_recipe_reaches_every_reward_that_takes_one():
    judge = Recipe.from_dict({"format": "r1", "rewards": ["format-exact", {"use": "answer-match"}]})
    text = "<think>x</think><answer>4</answer>"
    assert judge(completions=[text], answer=["4"]) == [8.0]


def test_a_recipe_may_use_another_beside_it(tmp_path):
    (tmp_path / "inner.yaml").write_text("rewards: [format-exact]")
    (tmp_path / "outer.yaml").write_text("rewards: [{recipe: inner.yaml, weight: 2}, format-approx]")
    assert recipe(str(tmp_path / "outer.yaml")).split().weights == [2.0, 1.0]


WRONG = {
    "nothing": ("", "mapping"),
    "a list": ("- format-exact", "mapping"),
    "no rewards": ("name: x", "no `rewards`"),
    "an unknown key": ("rewards: [format-exact]\nformt: unsloth", "Did you mean 'format'"),
    "an unknown reward": ("rewards: [answer-mach]", r"rewards\[0\].*'answer-match'"),
    "an unknown option": ("rewards: [{use: answer-match, options: {neer: 1}}]", "'near'"),
    "an option of the wrong type": ("rewards: [{use: answer-match, options: {near: much}}]", "a number"),
    "an unknown format": ("format: unslot\nrewards: [format-exact]", "'unsloth'"),
    "a weight that is no number": ("rewards: [{use: format-exact, weight: heavy}]", "a number"),
    "a number for a reward": ("rewards: [3]", "a name or a mapping"),
    "two kinds at once": ("rewards: [{use: format-exact, sum: [format-approx]}]", "exactly one of"),
    "options of a sum": ("rewards: [{sum: [format-exact], options: {a: 1}}]", "only `use`"),
    "an empty sum": ("rewards: [{sum: []}]", "a list of rewards"),
    "an unknown kind": ("rewards: [{ues: format-exact}]", "Did you mean 'use'"),
    "a gate on nothing": ("rewards: [{gate: {reward: format-exact}}]", "`on`"),
    "a gate of nothing": ("rewards: [{gate: {on: format-exact}}]", "needs a `reward`"),
    "a schedule without steps": ("rewards: [{schedule: {reward: format-exact}}]", "over_steps"),
    "a schedule before its beginning": (
        "rewards: [{schedule: {reward: format-exact, over_steps: 3, step: -1}}]",
        "0 or",
    ),
    "an unknown bound": ("rewards: [{clip: {reward: format-exact, lo: 1}}]", "'low'"),
    "training settings that are no mapping": ("rewards: [format-exact]\ntrain: [1]", "`train` must be"),
    "broken YAML": ("rewards: [", "isn't YAML"),
    "a tree that contains itself": ("rewards: &a\n  - sum: *a", "contains itself"),
    "itself": ("rewards: [{recipe: wrong.yaml}]", "circle"),
    "a missing recipe": ("rewards: [{recipe: nowhere.yaml}]", "can't be read"),
    "a module that is not there": ("rewards: ['nowhere.at_all:reward']", "can't be loaded"),
    "an object that is not there": ("rewards: ['plaudit:lod']", "'load'"),
    "an object that is no reward": ("rewards: ['plaudit:errors']", "not a reward"),
}


@pytest.mark.parametrize(("text", "hint"), WRONG.values(), ids=WRONG)
def test_a_wrong_recipe_says_where_and_what_to_do(tmp_path, text, hint):
    path = tmp_path / "wrong.yaml"
    path.write_text(text)
    with pytest.raises((ConfigError, ImportError), match=hint) as caught:
        recipe(str(path))
    assert "\n" not in str(caught.value) or "YAML" in hint


def test_an_unknown_recipe_is_refused_with_the_nearest_one():
    with pytest.raises(UnknownNameError, match="'unsloth'"):
        recipe("unslot")


def test_a_broken_toml_file_says_where(tmp_path):
    (tmp_path / "r.toml").write_text("rewards = [")
    with pytest.raises(ConfigError, match="isn't TOML"):
        recipe(str(tmp_path / "r.toml"))
    with pytest.raises(ConfigError, match=r"\.yaml or \.toml"):
        recipe("unsloth").save(tmp_path / "r.json")


def test_a_reward_defined_in_a_function_cannot_be_written_down():
    from plaudit import reward

    @reward(low=0.0, high=1.0)
    def local(completion):
        return 0.0

    with pytest.raises(ConfigError, match="move it to a module"):
        Recipe("x", local).to_dict()


def test_a_finished_reward_takes_no_options():
    with pytest.raises(UnknownOptionError, match="no option"):
        load("rewards_for_tests:polite", nothing=1)
    with pytest.raises(ConfigError, match="not a reward"):
        load("rewards_for_tests:Score")
