"""Axolotl's own loader of reward functions; the call itself is TRL's."""

import completions as made
import edges
from packages import checkout

VERSION = checkout("axolotl", "src")

import ast
import importlib
import inspect
import os
from pathlib import Path

import axolotl
import pytest

from plaudit.adapters.judge import Judge

WHY = "Axolotl needs CUDA builds: its loader's own source is run, cut out of its class; the call is TRL's, tested there"


def loader():
    """`GRPOStrategy.get_reward_func`, compiled from Axolotl's file without what that file imports."""
    path = Path(axolotl.__path__[0]) / "core" / "trainers" / "grpo" / "__init__.py"
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found = next(
        node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name == "get_reward_func"
    )
    found.decorator_list, found.returns = [], None
    space = {"importlib": importlib, "inspect": inspect, "os": os}
    exec(compile(ast.Module(body=[found], type_ignores=[]), str(path), "exec"), space)
    return lambda name: space["get_reward_func"](None, name)


def test_a_recipe_is_loaded_by_its_dotted_path_or_from_the_exported_file(rows, expected, file_of, record):
    load = loader()
    assert load("plaudit.adapters.axolotl.unsloth").__name__ == "unsloth"
    file_of("axolotl", Judge(made.RECIPE))
    function = load("reward.judge")
    columns = {"answer": [row.answer for row in rows]}
    found = function([row.prompt for row in rows], [row.completion for row in rows], **columns)
    assert found == expected
    record(
        "axolotl",
        "",
        version=VERSION,
        completions=len(rows),
        contract={"`get_reward_func`, and the call as TRL makes it": WHY},
    )


def test_edges(edge_judge, file_of, record):
    file_of("axolotl", Judge("edges:edges", deadline_seconds=edges.DEADLINE_SECONDS), "unruly")
    function = loader()("unruly.edges")
    told = {}
    for name, completion in edges.CASES.items():
        said = completion if isinstance(completion, list) else [{"role": "assistant", "content": completion}]
        [value] = function([[{"role": "user", "content": "q"}]], [said], answer=["4"])
        assert value == {"1 MB completion": 0.5, "content=None": 0.0, "multi-turn completion": 1.0}.get(name), name
        told[name] = "None, as for TRL" if value is None else f"{value:g}"
    assert function([], []) == []
    told["empty batch"] = "[]"
    record("axolotl", "", version=VERSION, edges=told, cut="everything around the loader")


def test_a_wrong_name_is_an_error_that_names_the_nearest_not_a_model_path():
    with pytest.raises(AttributeError, match="Did you mean 'unsloth'"):
        loader()("plaudit.adapters.axolotl.unslot")
