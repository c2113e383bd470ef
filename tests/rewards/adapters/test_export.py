"""`plaudit export`: a file for each trainer, refused where it could not work there."""

import importlib.util
import inspect
import pickle
import sys

import pytest
from click.testing import CliRunner

from plaudit.adapters.export import TRAINERS, class_name, exported, identifier
from plaudit.adapters.judge import Judge
from plaudit.cli import program

NEED_TRAINER = {"ms-swift", "skyrl", "nemo-rl", "roll", "tinker-cookbook"}
FUNCTIONS = {
    "trl": ("unsloth", "unsloth_async"),
    "unsloth": ("unsloth", "unsloth_async"),
    "axolotl": ("unsloth", "unsloth_async"),
    "verl": ("compute_score", "compute_score_async"),
    "openrlhf": ("reward_func",),
    "verifiers": ("unsloth",),
    "areal": ("reward_fn",),
    "slime": ("custom_rm",),
    "rllm": ("evaluate",),
    "easyr1": ("compute_score",),
    "art": ("score",),
}


def run(*arguments):
    return CliRunner().invoke(program, ["export", *arguments])


@pytest.fixture
def loaded(tmp_path, monkeypatch):
    """Load an exported file as a trainer does: by its path."""

    def load(trainer, source="unsloth"):
        path = tmp_path / "reward_of_tests.py"
        path.write_text(exported(trainer, Judge(source, fallback=0.0)), encoding="utf-8")
        spec = importlib.util.spec_from_file_location("reward_of_tests", path)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        monkeypatch.setitem(sys.modules, "reward_of_tests", module)
        spec.loader.exec_module(module)
        return module

    return load


FILES = [name for name, found in TRAINERS.items() if not found.served]


@pytest.mark.parametrize("trainer", FILES)
def test_the_file_for_each_trainer_is_python_and_names_the_recipe_and_the_command(trainer):
    text = exported(trainer, Judge("unsloth", fallback=0.5, gold="label", deadline_seconds=3.0))
    compile(text, trainer, "exec")
    assert f"plaudit export {trainer} --recipe unsloth --fallback 0.5 --gold label --deadline 3.0" in text
    assert 'JUDGE = Judge("unsloth", fallback=0.5, gold="label", deadline_seconds=3.0)' in text
    assert "$" not in text


@pytest.mark.parametrize("trainer", FUNCTIONS)
def test_the_file_loads_by_path_with_real_functions_that_pickle(trainer, loaded):
    module = loaded(trainer)
    for name in FUNCTIONS[trainer]:
        found = getattr(module, name)
        assert pickle.loads(pickle.dumps(found)) == found
        assert inspect.iscoroutinefunction(found) == (
            name.endswith("_async") or trainer in ("verifiers", "slime", "art")
        )


def test_every_trainer_is_loaded_here_or_needs_its_packages():
    assert set(FUNCTIONS) | NEED_TRAINER == set(FILES)


@pytest.mark.parametrize(("source", "option"), [("format-exact", "--reward"), ("unsloth", "--recipe")])
def test_a_trainer_that_asks_a_server_is_told_the_command_that_serves(source, option):
    done = run("llama-factory", "--recipe", source, "--fallback", "0", "--deadline", "2")
    assert done.exit_code == 2
    said = " ".join(done.output.split())
    assert f"plaudit serve {option} {source} --fallback 0.0 --deadline 2.0" in said
    assert "http://127.0.0.1:8900/llamafactory" in said


@pytest.mark.parametrize("trainer", [name for name, found in TRAINERS.items() if not found.knows_no_score])
def test_a_fallback_is_demanded_before_a_run_not_in_it(trainer):
    done = run(trainer, "--recipe", "unsloth")
    assert done.exit_code == 2
    assert "fallback=0.0" in done.output


def test_the_command_writes_to_standard_output_or_a_file(tmp_path):
    done = run("openrlhf", "--recipe", "unsloth", "--fallback", "0")
    assert done.exit_code == 0
    assert done.output.rstrip().endswith("return openrlhf.reward(JUDGE, queries, prompts, labels)")
    path = tmp_path / "reward.py"
    assert run("openrlhf", "--recipe", "unsloth", "--fallback", "0", "--out", str(path)).output == ""
    assert path.read_text(encoding="utf-8") == done.output


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["openrlf", "--recipe", "unsloth"], "Did you mean 'openrlhf'"),
        (["trl"], "--recipe NAME"),
        (["trl", "--recipe", "unslot"], "Did you mean 'unsloth'"),
        (["trl", "--recipe", "missing.yaml"], "missing.yaml"),
        (["trl", "--recipe", "unsloth", "--fallback", "nan"], "finite"),
    ],
)
def test_a_wrong_call_says_what_is_meant(arguments, said):
    done = run(*arguments)
    assert done.exit_code == 2
    assert said in " ".join(done.output.split())


@pytest.mark.parametrize(
    ("name", "said"),
    [("nemo-gym", "plaudit serve"), ("prime-rl", "export verifiers"), ("RLOO", "export trl"), ("opnrlhf", "openrlhf")],
)
def test_a_trainer_asked_for_by_another_name_is_pointed_to_where_it_is(name, said):
    outcome = run(name, "--recipe", "unsloth")
    assert outcome.exit_code != 0
    assert said in " ".join(outcome.output.split())


def test_without_a_trainer_all_are_listed():
    done = run()
    assert done.exit_code == 0
    assert [name for name in TRAINERS if name not in done.output] == []


def test_a_recipes_file_is_named_so_that_it_is_found_from_any_folder(tmp_path, monkeypatch, loaded):
    (tmp_path / "mine.yaml").write_text("rewards: [format-exact]\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    module = loaded("trl", "mine.yaml")
    monkeypatch.chdir("/")
    assert module.mine(completions=["4"]) == [0.0]
    assert str(tmp_path.resolve() / "mine.yaml") in module.__doc__


def test_areal_gets_a_deadline_below_its_own_which_scores_zero():
    assert "deadline_seconds=5.0" in exported("areal", Judge("unsloth", fallback=0.0))
    assert "deadline_seconds=4.0" in exported("areal", Judge("unsloth", fallback=0.0, deadline_seconds=4.0))


def test_names_become_identifiers():
    assert (identifier("3-d"), identifier("class"), class_name("smollm2-gsm8k")) == (
        "reward_3_d",
        "reward_class",
        "Smollm2Gsm8k",
    )
