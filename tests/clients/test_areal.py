"""AReaL's own `AsyncRewardWrapper`, with its process pool."""

import asyncio
import importlib
import importlib.util

import completions as made
import edges
import pytest

if importlib.util.find_spec("areal") is None:
    pytest.skip("AReaL is not installed; `make clients` makes its environment", allow_module_level=True)

from packages import bare_package

bare_package("areal")  # its __init__ starts the CUDA side; the reward path needs none of it
import areal.api.reward_api as api


def rewards(function, rows, **settings):
    wrapper = api.AsyncRewardWrapper(function, max_workers=1, **settings)

    async def every():
        found = []
        for row in rows:
            completion = row.completion + "<|im_end|>" if isinstance(row.completion, str) else row.completion
            found.append(await wrapper(row.prompt, completion, [1], [2], answer=row.answer))
        return found

    return asyncio.run(every())


def test_the_wrapper_gives_the_cores_values_from_its_processes(rows, filled, file_of, judge, record):
    file_of("areal", judge)
    function = importlib.import_module("reward").reward_fn
    assert rewards(function, rows) == filled
    record("areal", "AsyncRewardWrapper with its process pool, the exported file by import path", completions=len(rows))


def test_edges(edge_judge, file_of, record):
    file_of("areal", edge_judge, "unruly")
    function = importlib.import_module("unruly").reward_fn
    wanted = {"1 MB completion": 0.5, "content=None": 0.0, "multi-turn completion": 1.0}
    told = {}
    for name, completion in edges.CASES.items():
        [value] = rewards(function, [made.Row("q", completion, "4")])
        assert value == wanted.get(name, made.FALLBACK), name
        told[name] = f"{value:g}" + ("" if name in wanted else "; flagged in the log only, AReaL has no channel")
    told["empty batch"] = "can't happen: one completion a call"
    record(
        "areal",
        "",
        edges=told,
        cut="`areal/__init__.py`, which starts the CUDA side",
        notes={"time": "AReaL makes a silent 0 of a call over 15 s; the file's deadline is 5 s"},
    )
