"""EasyR1's own `AutoRewardManager`, which loads the exported file by its path."""

import completions as made
import edges
from packages import bare_package, checkout

VERSION = checkout("EasyR1")

bare_package("verl")  # EasyR1's package has verl's name; its __init__ and its workers want a GPU's packages
bare_package("verl.workers")

import numpy as np
import torch
from verl.protocol import DataProto
from verl.workers.reward.config import RewardConfig
from verl.workers.reward.function import AutoRewardManager


class Codes:
    def decode(self, ids, skip_special_tokens=True):
        return "".join(chr(int(code)) for code in ids)


def data(rows):
    longest = max(max(len(row.completion) for row in rows), 1)
    responses, mask = torch.zeros(len(rows), longest, dtype=torch.long), torch.zeros(len(rows), longest)
    for index, row in enumerate(rows):
        codes = torch.tensor([ord(letter) for letter in row.completion], dtype=torch.long)
        responses[index, : len(codes)], mask[index, : len(codes)] = codes, 1
    golds = np.array([row.answer for row in rows], dtype=object)
    return DataProto.from_dict(
        tensors={"responses": responses, "response_mask": mask}, non_tensors={"ground_truth": golds}
    )


def scored(path, rows):
    config = RewardConfig(reward_function=f"{path}:compute_score")
    config.post_init()
    tensor, metrics = AutoRewardManager(config, Codes()).compute_reward(data(rows))
    return tensor.sum(-1).tolist(), metrics


def test_the_manager_gives_the_cores_values(rows, filled, file_of, judge, record):
    found, metrics = scored(file_of("easyr1", judge), rows)
    assert found == filled
    assert metrics["overall"] == filled
    assert sum(metrics["plaudit/abstained"]) == 50
    assert {len(values) for values in metrics.values()} == {500}
    record(
        "EasyR1", "AutoRewardManager, type `batch`, the exported file by path", version=VERSION, completions=len(rows)
    )


def test_edges(edge_judge, file_of, record):
    path = file_of("easyr1", edge_judge)
    cases = {name: text for name, text in edges.CASES.items() if isinstance(text, str)}
    found, metrics = scored(path, [made.Row("q", text, "4") for text in cases.values()])
    assert found == [made.FALLBACK] * 3 + [0.5]
    assert metrics["plaudit/abstained"] == [1.0, 1.0, 1.0, 0.0]
    assert metrics["plaudit/failed"] == [0.0, 1.0, 1.0, 0.0]
    told = {
        name: f"{value:g}, plaudit/abstained={flag:g}"
        for name, value, flag in zip(cases, found, metrics["plaudit/abstained"], strict=True)
    }
    told["content=None"] = "can't happen: EasyR1 decodes token ids; an empty response is the empty text"
    told["empty batch"] = "[]"
    told["multi-turn completion"] = "can't happen: EasyR1's rollouts have one response"
    record(
        "EasyR1",
        "",
        version=VERSION,
        edges=told,
        cut="the `__init__.py` of `verl` and `verl.workers`, which want GPU packages",
    )
