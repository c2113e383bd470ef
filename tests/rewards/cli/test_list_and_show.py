"""`plaudit list`, `plaudit show`, `plaudit plugins`."""

import json

import pytest

from plaudit import available, load

MODULE = """
from dataclasses import dataclass
from plaudit import Sample, Score, Spec, load, reward

@reward(low=0.0, high=1.0, effects=["network"], deterministic=False, seconds=2.0)
def undocumented(completion: str, answer: str, *, depth: int = 3) -> float:
    return 0.25

@dataclass(frozen=True)
class Bare:
    sizes: tuple[int, ...] = (1, 2)
    @property
    def spec(self): return Spec("bare", 0.0, 1.0, coupled=True)
    def score(self, batch, /): return [Score(1.0, "for nothing") for _ in batch]

finished = 0.5 * load("format-exact")
number = 5
"""


@pytest.fixture
def module(tmp_path, monkeypatch):
    (tmp_path / "house_rewards.py").write_text(MODULE)
    monkeypatch.syspath_prepend(tmp_path)
    return "house_rewards"


def test_list_has_every_reward_with_its_facts(run):
    result = run("list", "--json")
    listed = {row["name"]: row for row in json.loads(result.stdout)}
    assert result.exit_code == 0
    assert set(listed) == set(available())
    match = listed["answer-match"]
    assert (match["low"], match["high"], match["reads"], match["ok"]) == (-4.5, 5.0, ["answer"], True)
    assert match["distribution"] == "plaudit"
    assert match["summary"].startswith("Pay for")


def test_list_for_people_names_each_reward_and_its_source(run):
    result = run("list")
    assert result.exit_code == 0
    for name, entry in available().items():
        assert any(name in line and entry.version in line for line in result.stdout.splitlines())


@pytest.mark.parametrize("name", sorted(available()))
def test_every_reward_that_ships_shows_each_option_with_its_meaning(run, name):
    facts = json.loads(run("show", name, "--json").stdout)
    assert facts["kind"] == "reward"
    assert facts["example"].startswith(">>>") or ("/" in name and "\n-> " in facts["example"])  # scored on the spot
    assert all(option["meaning"] and option["type"] for option in facts["options"])
    page = run("show", name)
    assert page.exit_code == 0
    assert all(option["name"] in page.stdout for option in facts["options"])


def test_show_a_recipe_as_a_tree_with_weights(run):
    result = run("show", "unsloth")
    assert result.exit_code == 0
    assert "+1 × answer-match" in result.stdout
    assert "columns read: answer" in result.stdout


def test_show_a_recipe_file_with_every_kind_of_composition(run, tmp_path):
    path = tmp_path / "all.yaml"
    path.write_text("""
description: Everything at once.
format: r1
rewards:
  - {use: answer-match, weight: 0.5, options: {near: 0.2}}
  - gate: {reward: numeric-tolerance, on: format-exact}
  - clip: {reward: format-approx, low: -1}
    weight: 2
  - schedule: {reward: format-exact, over_steps: 10}
  - first: [numeric-tolerance, format-approx]
train: {seed: 1}
""")
    tree = json.loads(run("show", path, "--json").stdout)["tree"]
    roles = [[child["role"] for child in part["parts"]] for part in tree["parts"]]
    assert roles == [[], ["gate", "condition"], ["clip"], ["schedule"], ["first", "first"]]
    assert [part["weight"] for part in tree["parts"]] == [0.5, 1.0, 2.0, 1.0, 1.0]
    assert tree["parts"][0]["options"]["near"] == "0.2"
    page = run("show", path)
    assert page.exit_code == 0
    for text in ("Everything at once.", "(condition)", "over_steps=10", "settings of the trainer: seed"):
        assert text in page.stdout


def test_show_scores_an_example_where_the_docstring_has_none(run, module):
    result = run("show", f"{module}:undocumented")
    assert result.exit_code == 0
    assert "-> 0.25" in result.stdout
    for text in ("not deterministic", "touches network", "up to 2.0 seconds", "depth", "a whole number"):
        assert text in result.stdout


def test_show_a_class_without_our_base(run, module):
    result = run("show", f"{module}:Bare")
    assert result.exit_code == 0
    for text in ("needs the whole group", "-> 1.0: for nothing", "(1, 2)"):
        assert text in result.stdout


def test_show_a_finished_reward_has_no_options_but_parts(run, module):
    facts = json.loads(run("show", f"{module}:finished", "--json").stdout)
    assert facts["options"] == []
    assert [(part["name"], part["weight"]) for part in facts["parts"]] == [("format-exact", 0.5)]
    assert run("show", f"{module}:finished").exit_code == 0


@pytest.mark.parametrize(
    ("name", "code", "message"),
    [
        ("anser-match", 2, "Did you mean 'answer-match'?"),
        ("unslot", 2, "Did you mean 'unsloth'?"),
        ("nothing.yaml", 2, "nothing.yaml can't be read"),
        ("house_rewards:number", 2, "not a reward"),
        ("house_rewards:finishd", 2, "Did you mean 'finished'?"),
        ("no_such_module:thing", 4, "Is its folder on the Python path?"),
    ],
)
def test_show_refuses_what_it_can_t_find(run, module, name, code, message):
    result = run("show", name)
    assert result.exit_code == code
    assert message in result.stderr
    assert "Traceback" not in result.stderr


def test_plugins_lists_all_and_strict_passes_where_all_is_well(run):
    result = run("plugins", "--strict", "--json")
    assert result.exit_code == 0
    listed = json.loads(result.stdout)
    assert {row["name"] for row in listed if row["group"] == "plaudit.rewards"} == set(available())
    assert all(row["ok"] and row["problem"] == "" for row in listed)
    assert "none broken" in run("plugins").stdout


def test_shown_defaults_are_the_real_ones(run):
    facts = json.loads(run("show", "numeric-tolerance", "--json").stdout)
    shown = {option["name"]: option["default"] for option in facts["options"]}
    assert shown["score_wrong"] == str(load("numeric-tolerance").score_wrong)
