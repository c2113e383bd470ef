"""Other people's distributions: found, used, and, where broken, shown and survived."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import plaudit

EXAMPLE = Path(__file__).parents[3] / "docs" / "examples" / "plaudit-polite"

COMMANDS = """
import click
from plaudit import hookimpl

@hookimpl
def plaudit_commands(group):
    @group.command("wave", help="Wave a hand.")
    def wave():
        click.echo("o/")
"""

THIEF = """
import click
from plaudit import hookimpl

@hookimpl
def plaudit_commands(group):
    group.add_command(click.Command("list", help="Mine now."))
"""

FAILING = """
from plaudit import hookimpl

@hookimpl
def plaudit_commands(group):
    raise ZeroDivisionError("no commands today")

@hookimpl
def plaudit_before_score(reward, batch):
    raise ZeroDivisionError("no scores today")
"""

UNKNOWN_HOOK = """
from plaudit import hookimpl

@hookimpl
def plaudit_after_scores(reward):
    pass
"""

WRONG_ARGUMENT = """
from plaudit import hookimpl

@hookimpl
def plaudit_before_score(rewards):
    pass
"""

REWARD = """
from plaudit import reward

@reward(low=0.0, high=1.0)
def kind(completion: str) -> float:
    return 1.0
"""


def test_the_example_is_listed_shown_and_scored_once_pip_has_installed_it(polite, program, listed, tmp_path):
    row = listed("list", path=[polite])["polite"]
    assert (row["distribution"], row["version"], row["ok"], row["reads"]) == ("plaudit-polite", "0.1.0", True, [])
    assert "What it must begin with." in program("show", "polite", path=[polite]).stdout
    rows = tmp_path / "letters.jsonl"
    rows.write_text('{"completion": "Hello there"}\n')
    done = program("score", rows, "--reward", "polite", "-o", "greeting=Hello", path=[polite])
    assert done.returncode == 0
    assert "1 rows scored" in done.stdout


def test_the_example_s_own_tests_pass(polite):
    roots = [str(Path(plaudit.__file__).parents[1]), str(polite)]
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(EXAMPLE / "tests")]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(roots)}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=120, check=False)
    assert done.returncode == 0, done.stdout
    assert "2 passed" in done.stdout


def test_the_example_s_code_is_ten_lines():
    code = (EXAMPLE / "plaudit_polite.py").read_text().split('"""')
    lines = [line for text in code[::2] for line in text.splitlines() if line.strip()]
    assert len(lines) <= 10


def test_only_permitted_distributions_take_part(polite, program):
    assert "polite" not in program("list", path=[polite], permitted="").stdout
    assert "polite" in program("list", path=[polite], permitted="plaudit-polite").stdout


@pytest.mark.parametrize(
    ("group", "code", "reason"),
    [
        ("rewards", "import there_is_no_such_module", "No module named 'there_is_no_such_module'"),
        ("rewards", "raise SystemExit(3)", "SystemExit: 3"),
        ("rewards", "def thing(:", "SyntaxError"),
        ("rewards", "thing = 5", "not a reward"),
        ("rewards", "other = 5", "has no attribute 'thing'"),
        ("plugins", "import there_is_no_such_module", "No module named 'there_is_no_such_module'"),
    ],
)
def test_a_broken_distribution_is_shown_with_the_reason_and_breaks_nothing(
    distribution, program, listed, group, code, reason
):
    path = [distribution("plaudit-broken", code, **{group: ["thing = plaudit_broken:thing"]})]
    row = listed("plugins", path=path)["thing"]
    assert (row["ok"], row["distribution"]) == (False, "plaudit-broken")
    assert reason in row["problem"]
    for command in (["plugins"], ["list"]):
        done = program(*command, path=path)
        assert done.returncode == 0
        assert "Traceback" not in done.stdout + done.stderr
    assert "1 broken" in program("plugins", path=path).stdout
    strict = program("plugins", "--strict", path=path)
    assert (strict.returncode, strict.stderr) == (4, "error: Broken: thing. Reinstall or remove what offers them.\n")


@pytest.mark.parametrize(
    ("code", "reason"), [(UNKNOWN_HOOK, "plaudit_after_scores"), (WRONG_ARGUMENT, "rewards"), (REWARD, "")]
)
def test_a_plugin_with_a_wrong_hook_is_shown_and_left_out(distribution, program, listed, tmp_path, code, reason):
    path = [distribution("plaudit-hooks", code, plugins=["hooks = plaudit_hooks"])]
    row = listed("plugins", path=path)["hooks"]
    assert row["ok"] is (reason == "")
    assert reason in row["problem"]
    rows = tmp_path / "rows.jsonl"
    rows.write_text('{"completion": "4", "answer": "4"}\n')
    done = program("score", rows, "--recipe", "unsloth", path=path)
    assert done.returncode == 0
    assert ("warning: Plugin 'hooks' of plaudit-hooks left out" in done.stderr) is bool(reason)


def test_a_broken_reward_s_own_name_says_whose_fault_it_is(distribution, program):
    path = [distribution("plaudit-broken", "import nowhere_at_all", rewards=["thing = plaudit_broken:thing"])]
    done = program("show", "thing", path=path)
    assert done.returncode == 4
    assert "from plaudit-broken 0.2.0 can't be loaded" in done.stderr
    assert "Traceback" not in done.stderr


def test_two_distributions_that_offer_one_name_are_both_listed(distribution, program, listed):
    path = [
        distribution(name, REWARD, rewards=[f"kind = {name.replace('-', '_')}:kind"]) for name in ("one-x", "two-x")
    ]
    names = listed("list", path=path)
    assert {"one-x/kind", "two-x/kind"} <= set(names)
    assert "kind" not in names
    asked = program("show", "kind", path=path)
    assert asked.returncode == 2
    assert "Several distributions offer 'kind': say which, as in one-x/kind or two-x/kind." in asked.stderr
    assert program("show", "two-x/kind", path=path).returncode == 0


def test_a_stranger_can_t_take_a_name_of_ours_and_break_the_recipes_that_ship(distribution, program, listed):
    path = [distribution("one-x", REWARD, rewards=["answer-match = one_x:kind"])]
    names = listed("list", path=path)
    assert names["answer-match"]["distribution"] == "plaudit"
    assert names["one-x/answer-match"]["distribution"] == "one-x"
    assert program("show", "unsloth", path=path).returncode == 0


def test_a_plugin_adds_a_command(distribution, program):
    path = [distribution("plaudit-wave", COMMANDS, plugins=["wave = plaudit_wave"])]
    assert program("wave", path=path).stdout == "o/\n"
    page = program("--help", path=path)
    assert "Wave a hand." in page.stdout
    assert "Did you mean 'wave'?" in program("wav", path=path).stderr


def test_a_plugin_can_t_replace_a_command_of_ours(distribution, program):
    path = [distribution("plaudit-thief", THIEF, plugins=["thief = plaudit_thief"])]
    page = program("--help", path=path)
    assert page.returncode == 0
    assert "Mine now." not in page.stdout
    assert "tried to replace `plaudit list`" in page.stderr
    assert "answer-match" in program("list", path=path).stdout


def test_a_hook_that_raises_is_named_and_survived(distribution, program, tmp_path):
    rows = tmp_path / "rows.jsonl"
    rows.write_text('{"completion": "4", "answer": "4"}\n')
    path = [distribution("plaudit-failing", FAILING, plugins=["failing = plaudit_failing"])]
    page, scored = program("--help", path=path), program("score", rows, "--recipe", "unsloth", path=path)
    assert (page.returncode, scored.returncode) == (0, 0)
    assert "failed in plaudit_commands: ZeroDivisionError: no commands today" in page.stderr
    assert "failed in plaudit_before_score: ZeroDivisionError: no scores today" in scored.stderr
    assert "1 rows scored" in scored.stdout
