"""The program as a whole: help, version, names, errors, pipes, what it imports."""

import subprocess
import sys

import pytest

from plaudit.cli import program
from plaudit.cli.command import EXIT_CODES
from plaudit.cli.program import COMMANDS
from plaudit.errors import ConfigError, DataError, PlauditError, PluginError, RewardError


@pytest.mark.parametrize("name", COMMANDS)
def test_every_help_page_has_examples_and_exit_codes(run, name):
    result = run(name, "--help")
    assert result.exit_code == 0
    assert f"$ plaudit {name}" in result.stdout
    assert all(meaning in " ".join(result.stdout.split()) for meaning in EXIT_CODES.values())
    assert "--debug" in result.stdout


@pytest.mark.parametrize("name", COMMANDS)
def test_the_line_in_the_overview_is_the_command_s_own_first_sentence(run, name):
    assert program.load(name).get_short_help_str(limit=200) == COMMANDS[name][1]
    assert COMMANDS[name][1] in run("--help").stdout


def test_the_overview_imports_no_command_and_nothing_heavy():
    heavy = ["plaudit.cli.score", "plaudit.cli.list", "torch", "sympy", "transformers", "numpy"]
    script = (
        "import sys; from plaudit.cli import program\n"
        "program.main(['--help'], standalone_mode=False)\n"
        f"sys.exit(','.join(name for name in {heavy} if name in sys.modules) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("command", [["list"], ["plugins"], ["show", "answer-match"], ["show", "unsloth"]])
def test_looking_at_rewards_imports_nothing_heavy(command):
    script = (
        "import sys; from plaudit.cli import program\n"
        f"program.main({command}, standalone_mode=False)\n"
        "sys.exit(','.join(name for name in ['torch', 'sympy', 'transformers'] if name in sys.modules) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_version(run):
    result = run("--version")
    assert result.exit_code == 0
    assert result.stdout.startswith("plaudit ")


def test_a_misspelt_command_is_answered_with_the_nearest(run):
    result = run("scor")
    assert result.exit_code == 2
    assert "Did you mean 'score'?" in result.stderr


def test_the_documented_exit_codes_are_those_of_the_errors():
    codes = {error.exit_code for error in (PlauditError, ConfigError, DataError, PluginError, RewardError)}
    assert codes | {0, 130} == set(EXIT_CODES)


def test_an_error_takes_one_screen_and_no_traceback(run):
    result = run("show", "answer-mach")
    assert result.exit_code == 2
    assert result.stderr == "error: No reward or recipe is called 'answer-mach'. Did you mean 'answer-match'?\n"
    assert result.stdout == ""


@pytest.mark.parametrize("arguments", [["--debug", "show", "answer-mach"], ["show", "answer-mach", "--debug"]])
def test_debug_adds_the_traceback(run, arguments):
    result = run(*arguments)
    assert result.exit_code == 2
    assert "Traceback (most recent call last)" in result.stderr
    assert "error: No reward" in result.stderr


def test_an_interrupt_ends_with_130(run, sample_rows, monkeypatch):
    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("plaudit.engines.inline.score", interrupted)
    result = run("score", sample_rows, "--recipe", "unsloth")
    assert (result.exit_code, result.stderr) == (130, "Interrupted.\n")


def test_a_reader_that_leaves_early_gets_no_traceback(process, tmp_path):
    shell = f"{sys.executable} -m plaudit show answer-match --json | head -c 1"
    done = subprocess.run(["bash", "-c", shell], capture_output=True, text=True, check=False, timeout=60)
    assert (done.stdout, done.stderr) == ("{", "")


@pytest.mark.parametrize("arguments", [["--help"], ["list"], ["show", "unsloth"], ["plugins"]])
def test_no_color_means_no_escape_sequences_even_where_colour_is_forced(process, arguments):
    assert "\x1b[3" not in process(*arguments, environment={"NO_COLOR": "1", "FORCE_COLOR": "1"}).stdout
    assert "\x1b" not in process(*arguments).stdout


def test_colour_is_used_where_it_is_wanted(process):
    assert "\x1b[" in process("list", environment={"FORCE_COLOR": "1"}).stdout


def test_a_reward_in_the_present_folder_is_found_by_module_and_object(tmp_path):
    (tmp_path / "mine.py").write_text(
        "from plaudit import reward\n\n@reward(low=0.0, high=1.0)\ndef polite(completion: str) -> float:\n"
        "    return float(completion.startswith('Dear'))\n"
    )
    (tmp_path / "rows.jsonl").write_text('{"completion": "Dear me"}\n')
    program = [sys.executable, "-c", "from plaudit.cli import main; main()"]
    arguments = ["score", "rows.jsonl", "--reward", "mine:polite", "--json"]
    done = subprocess.run([*program, *arguments], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert '"mean": 1' in done.stdout


def test_a_named_pipe_is_read_once_and_whole(tmp_path):
    program = f"{sys.executable} -c 'from plaudit.cli import main; main()'"
    line = '{"completion": "x"}'
    command = f"{program} score <(for i in 1 2 3; do echo '{line}'; done) --reward format-exact --json"
    done = subprocess.run(["bash", "-c", command], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert '"rows": 3' in done.stdout
