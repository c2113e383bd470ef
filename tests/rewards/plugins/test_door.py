"""The door in process: what the library itself says of sound and broken distributions."""

import importlib

import pytest
from click.testing import CliRunner

from plaudit import PluginError, Sample, UnknownNameError, available, load, plugins, score
from plaudit.cli.describe import described
from plaudit.cli.lazy import LazyGroup
from plaudit.cli.program import COMMANDS
from plaudit.errors import PluginWarning
from plaudit.targets import find_target

SHY = """
from plaudit import hookimpl

@hookimpl
def plaudit_commands(group):
    raise OSError("not today")

@hookimpl
def plaudit_failed(reward, sample, score):
    seen.append(sample.text)

seen = []
"""

THIEF = """
import click
from plaudit import hookimpl

@hookimpl
def plaudit_commands(group):
    group.add_command(click.Command("list"))
    group.add_command(click.Command("wave", callback=lambda: click.echo("o/")))
"""


@pytest.fixture
def installed(distribution, monkeypatch):
    """Put a distribution on the path of this process; it leaves with the test."""

    def install(name, code, **groups):
        monkeypatch.setenv("PLAUDIT_PLUGINS", name)
        monkeypatch.syspath_prepend(distribution(name, code, **groups))
        importlib.invalidate_caches()
        plugins.manager.cache_clear()

    yield install
    plugins.manager.cache_clear()


def state_of(name):
    return next(state for state in plugins.states() if state.entry.name == name)


def test_a_reward_whose_module_exits_is_a_plugin_error(installed):
    installed("door-a", "raise SystemExit(2)", rewards=["gone = door_a:gone"])
    assert "gone" in available()
    assert not state_of("gone").ok
    with pytest.raises(PluginError, match=r"from door-a 0\.2\.0 can't be loaded"):
        load("gone")


def test_a_name_of_ours_can_t_be_taken(installed):
    installed(
        "door-b", "from plaudit.builtin.format_exact import FormatExact", rewards=["answer-match = door_b:FormatExact"]
    )
    assert available()["answer-match"].distribution == "plaudit"
    assert load("answer-match").spec.name == "answer-match"
    assert available()["door-b/answer-match"].distribution == "door-b"


def test_an_exception_without_a_message_still_has_a_name(installed):
    installed(
        "door-c",
        "class Odd:\n    spec = score = None\n    def __init__(self): raise KeyError",
        rewards=["odd = door_c:Odd"],
    )
    assert state_of("odd").problem


@pytest.mark.parametrize(
    ("name", "code", "reason"),
    [
        ("door-j", "from plaudit import hookimpl\n@hookimpl\ndef plaudit_afterwards(): pass", "plaudit_afterwards"),
        ("door-k", "from plaudit import hookimpl\n@hookimpl\ndef plaudit_commands(grup): pass", "grup"),
        ("door-l", "import nowhere_at_all", "nowhere_at_all"),
    ],
)
def test_an_unsound_plugin_is_left_out_with_one_warning(installed, name, code, reason):
    installed(name, code, plugins=[f"unsound = {name.replace('-', '_')}"])
    with pytest.warns(PluginWarning, match=reason):
        assert not plugins.manager().get_plugins()


def test_one_plugin_under_two_names_takes_part_once(installed):
    installed("door-e", "", plugins=["one = door_e", "two = door_e"])
    with pytest.warns(PluginWarning, match="registered already"):
        assert len(plugins.manager().get_plugins()) == 1


def test_a_failing_hook_warns_and_the_others_go_on(installed):
    installed("door-f", SHY, plugins=["shy = door_f"])
    with pytest.warns(PluginWarning, match="failed in plaudit_commands: OSError: not today"):
        plugins.call_hook("plaudit_commands", group=None)
    score(load("rewards_for_tests:fragile"), [Sample("x")])
    assert importlib.import_module("door_f").seen == ["x"]


def test_commands_of_plugins_join_ours_and_replace_none(installed):
    installed("door-g", THIEF, plugins=["thief = door_g"])
    group = LazyGroup("plaudit", lazy=COMMANDS)
    waved = CliRunner().invoke(group, ["wave"])
    assert (waved.exit_code, waved.stdout) == (0, "o/\n")
    assert "warning: A plugin tried to replace `plaudit list`" in waved.stderr
    assert group.commands["list"].short_help == COMMANDS["list"][1]


def test_an_unknown_name_says_who_offers_it(installed, distribution, monkeypatch):
    code = "from plaudit.builtin.format_exact import FormatExact as Kind"
    installed("door-h", code, rewards=["kindly = door_h:Kind"])
    monkeypatch.syspath_prepend(distribution("door-i", code, rewards=["kindly = door_i:Kind"]))
    monkeypatch.setenv("PLAUDIT_PLUGINS", "door-h, door-i")
    with pytest.raises(UnknownNameError, match="say which, as in door-h/kindly or door-i/kindly"):
        load("kindly")


def test_an_entry_point_that_names_an_extra_is_there_when_the_extra_is_and_is_never_broken(tmp_path, monkeypatch):
    from plaudit import plugins

    folder = tmp_path / "optional"
    information = folder / "plaudit_optional-0.2.0.dist-info"
    information.mkdir(parents=True)
    (information / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: plaudit-optional\nVersion: 0.2.0\n"
        "Provides-Extra: present\nProvides-Extra: far-away\n"
        "Requires-Dist: pluggy>=1; extra == 'present'\n"
        'Requires-Dist: plaudit-nothing-like-it>=1; python_version > "3" and extra == "far-away"\n'
    )
    (information / "entry_points.txt").write_text(
        "[plaudit.rewards]\n"
        "opt/there = plaudit.builtin.format_exact:FormatExact [present]\n"
        "opt/away = plaudit_nothing_like_it:Reward [far-away]\n"
        "opt/half = plaudit_nothing_like_it:Reward [present, far-away]\n"
    )
    monkeypatch.syspath_prepend(str(folder))
    offered = {name: entry.target for name, entry in plugins.available().items() if name.startswith("opt/")}
    assert offered == {"opt/there": "plaudit.builtin.format_exact:FormatExact"}
    assert [state.problem for state in plugins.states() if state.entry.distribution == "plaudit-optional"] == [""]
    for ask in (load, find_target, described):
        with pytest.raises(UnknownNameError, match=r"'opt/half'.* pip install plaudit-nothing-like-it"):
            ask("opt/half")
