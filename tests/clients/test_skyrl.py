"""skyrl-gym: an environment registered, made and stepped by skyrl-gym itself."""

import importlib

import completions as made
import edges
import pytest

skyrl_gym = pytest.importorskip("skyrl_gym", reason="skyrl-gym is not installed; `make clients` makes its environment")


def step(name, row):
    environment = skyrl_gym.make(
        name,
        env_config={},
        extras={"reward_spec": {"method": "rule", "ground_truth": row.answer}, "prompt": row.prompt, "max_turns": 1},
    )
    environment.init([{"role": "user", "content": row.prompt}])
    found = environment.step(row.completion)
    assert environment.get_metrics() == found["metadata"]
    return found


def test_an_environment_gives_the_cores_values(rows, filled, file_of, judge, record):
    file_of("skyrl", judge)
    importlib.import_module("reward").register_environment()
    found = [step("judge", row) for row in rows]
    assert [one["reward"] for one in found] == filled
    assert all(one["done"] for one in found)
    assert sum(one["metadata"]["plaudit/abstained"] for one in found) == 50
    record(
        "skyrl-gym", "`register`, `make`, `init`, `step`, `get_metrics` with the exported file", completions=len(rows)
    )


def test_edges(edge_judge, file_of, record):
    file_of("skyrl", edge_judge, "unruly")
    importlib.import_module("unruly").register_environment()
    wanted = {"1 MB completion": 0.5, "content=None": 0.0, "multi-turn completion": 1.0}
    told = {}
    for name, completion in edges.CASES.items():
        found = step("edges", made.Row("q", completion, "4"))
        assert found["reward"] == wanted.get(name, made.FALLBACK)
        told[name] = f"{found['reward']:g}, plaudit/abstained={found['metadata']['plaudit/abstained']:g}"
    told["empty batch"] = "can't happen: one environment per completion"
    told["multi-turn completion"] += "; SkyRL itself brings each turn as a text of its own"
    record("skyrl-gym", "", edges=told)
