"""ms-swift's own reward path: a plugin file, `compute_rewards_per_func`."""

import completions as made
import edges
import pytest

pytest.importorskip("swift.rl_core", reason="ms-swift is not installed; `make clients` makes its environment")

import torch
from swift.rewards import orms
from swift.rl_core.data import GRPOSample
from swift.rl_core.grpo_algorithm import compute_rewards_per_func
from swift.utils.utils import import_external_file

from plaudit.adapters.judge import Judge


def samples_of(rows):
    """Samples as a rollout leaves them: the completion is the last message."""
    return [
        GRPOSample(
            messages=[
                {"role": "user", "content": row.prompt},
                *(row.completion if isinstance(row.completion, list)
                  else [{"role": "assistant", "content": row.completion}]),
            ],
            extra={"answer": row.answer},
        )
        for row in rows
    ]  # fmt: skip


def rewards(names, rows):
    functions = [orms[name](args=None) for name in names]
    return compute_rewards_per_func(samples_of(rows), functions, None, torch.device("cpu"))


def test_the_plugin_file_gives_the_cores_values_sync_and_async(rows, expected, file_of, record):
    import_external_file(str(file_of("ms-swift", Judge(made.RECIPE))))
    found = rewards(["judge", "judge-async"], rows)
    wanted = torch.tensor([float("nan") if value is None else value for value in expected])
    for column in (0, 1):
        assert torch.equal(found[:, column].nan_to_num(-99), wanted.nan_to_num(-99))
    record("ms-swift", "a plugin file through `compute_rewards_per_func`, ORM and AsyncORM", completions=len(rows))


def test_edges(edge_judge, file_of, record):
    judge = Judge(edge_judge.source, deadline_seconds=edge_judge.deadline_seconds)
    import_external_file(str(file_of("ms-swift", judge, "unruly")))
    batch = [made.Row("q", completion, "4") for completion in edges.CASES.values()]
    found = rewards(["edges", "edges-async"], batch)
    assert torch.equal(found[:, 0].nan_to_num(-99), found[:, 1].nan_to_num(-99))
    assert torch.equal(found[:, 0].nan_to_num(-99), torch.tensor([-99, -99, -99, 0.5, 0.0, 1.0]))
    told = {
        name: "None, kept as NaN, ms-swift's own missing score" if value != value else f"{value:g}"
        for name, value in zip(edges.CASES, found[:, 0].tolist(), strict=True)
    }
    told["content=None"] += ": the empty text, scored as such"
    told["empty batch"] = f"{list(rewards(['edges'], []).shape)}, an empty tensor"
    record("ms-swift", "", edges=told)
