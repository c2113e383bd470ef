"""NeMo-RL's `EnvironmentInterface`, implemented by the exported file; Ray's decorator is there, its cluster is not."""

import importlib

import completions as made
import edges
from packages import bare_package, checkout, stand_in

VERSION = checkout("RL")

bare_package("nemo_rl")  # its __init__ patches transformers for a GPU
stand_in("ray", remote=lambda kind: kind)  # the class itself, without an actor around it

import torch
from nemo_rl.environments.interfaces import EnvironmentInterface, EnvironmentReturn

WHY = "no cluster and no GPU here: `step` is called on the class, not through a Ray actor of a run"


def logs_of(rows):
    return [
        [
            {"role": "user", "content": row.prompt},
            *(
                row.completion
                if isinstance(row.completion, list)
                else [{"role": "assistant", "content": row.completion}]
            ),
        ]
        for row in rows
    ]


def step(kind, rows, **settings):
    environment = kind(settings)
    assert isinstance(environment, EnvironmentInterface)
    found = environment.step(logs_of(rows), [{"ground_truth": row.answer} for row in rows])
    assert isinstance(found, EnvironmentReturn)
    return environment, found


def test_a_step_gives_the_cores_values(rows, filled, file_of, judge, record):
    file_of("nemo-rl", judge)
    environment, found = step(environment_class("reward"), rows)
    assert found.rewards.tolist() == filled
    assert bool(found.terminateds.all())
    assert len(found.observations) == len(found.answers) == len(found.next_stop_strings) == 500
    _, metrics = environment.global_post_process_and_metrics({"extra_env_info": found.metadata})
    assert metrics["plaudit/abstained"] == 0.1
    _, parts = step(environment_class("reward"), rows, parts=True)
    assert {name: tuple(tensor.shape) for name, tensor in parts.rewards.items()} == {
        "reward/shape": (500,),
        "reward/math-equal": (500,),
    }
    record("nemo-rl", "", version=VERSION, completions=len(rows),
           contract={"`EnvironmentInterface.step` and `global_post_process_and_metrics`": WHY})  # fmt: skip


def environment_class(module):
    found = importlib.import_module(module)
    return next(
        value
        for value in vars(found).values()
        if isinstance(value, type) and issubclass(value, EnvironmentInterface) and value is not EnvironmentInterface
    )


def test_edges(edge_judge, file_of, record):
    file_of("nemo-rl", edge_judge, "unruly")
    _, found = step(environment_class("unruly"), [made.Row("q", text, "4") for text in edges.CASES.values()])
    assert found.rewards.tolist() == [made.FALLBACK] * 3 + [0.5, 0.0, 1.0]
    told = {
        name: f"{value:g}, plaudit/abstained={facts['plaudit']['plaudit/abstained']:g} in the metadata"
        for name, value, facts in zip(edges.CASES, found.rewards.tolist(), found.metadata, strict=True)
    }
    _, empty = step(environment_class("unruly"), [])
    assert empty.rewards.shape == torch.Size([0])
    told["empty batch"] = "an empty tensor"
    record(
        "nemo-rl",
        "",
        version=VERSION,
        edges=told,
        cut="`nemo_rl/__init__.py`; Ray's `remote` stands in as the identity",
    )
