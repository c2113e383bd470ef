"""ROLL's reward worker, as the exported file has it, over ROLL's own DataProto; its cluster is left out."""

import importlib
from types import SimpleNamespace as Made

import completions as made
import edges
from packages import bare_package, checkout, stand_in

VERSION = checkout("ROLL")

bare_package("roll")
bare_package("roll.distributed")
bare_package("roll.distributed.scheduler")
bare_package("roll.configs")
stand_in("roll.configs.worker_config", WorkerConfig=object)
stand_in("roll.configs.base_config", PPOConfig=object)
stand_in("roll.pipeline.rlvr.rlvr_config", RLVRConfig=object)
stand_in("roll.distributed.executor.worker", Worker=object)
stand_in(
    "roll.distributed.scheduler.decorator",
    Dispatch=Made(ONE_TO_ALL=0, DP_MP_COMPUTE=1),
    register=lambda **_: lambda f: f,
)
stand_in("roll.models.model_providers", default_tokenizer_provider=None)
stand_in("roll.distributed.scheduler.transfer_backend")
stand_in("roll.platforms", current_platform=Made(device_type="cpu", is_npu=lambda: False))

import numpy as np
import torch
from roll.distributed.scheduler.protocol import DataProto

WHY = "no cluster here: a worker's `compute_rewards` is called with its tokenizer, not through a Ray worker of a run"


class Codes:
    def batch_decode(self, responses, skip_special_tokens=True):
        return ["".join(chr(code) for code in row if code) for row in responses.tolist()]


def computed(module, rows):
    found = importlib.import_module(module)
    kind = next(
        value for value in vars(found).values() if isinstance(value, type) and hasattr(value, "compute_rewards")
    )
    worker = kind.__new__(kind)
    worker.tokenizer = Codes()
    longest = max(max(len(row.completion) for row in rows), 1)
    codes = [[ord(letter) for letter in row.completion] + [0] * (longest - len(row.completion)) for row in rows]
    columns = {
        "prompt": np.array([row.prompt for row in rows], dtype=object),
        "ground_truth": np.array([row.answer for row in rows], dtype=object),
        "tag": np.array(["gsm8k"] * len(rows), dtype=object),
    }
    return worker.compute_rewards(DataProto.from_dict(tensors={"responses": torch.tensor(codes)}, non_tensors=columns))


def test_the_worker_gives_the_cores_values(rows, filled, file_of, judge, record):
    file_of("roll", judge)
    found = computed("reward", rows)
    assert found.batch["response_level_rewards"].tolist() == filled
    assert found.batch["token_level_rewards"].abs().sum() == 0
    assert found.meta_info["metrics"]["plaudit/abstained"] == 0.1
    record("ROLL", "", version=VERSION, completions=len(rows),
           contract={"`compute_rewards` of the exported worker over ROLL's DataProto": WHY})  # fmt: skip


def test_edges(edge_judge, file_of, record):
    file_of("roll", edge_judge, "unruly")
    cases = {name: text for name, text in edges.CASES.items() if isinstance(text, str)}
    found = computed("unruly", [made.Row("q", text, "4") for text in cases.values()])
    values = found.batch["response_level_rewards"].tolist()
    assert values == [made.FALLBACK] * 3 + [0.5]
    assert found.meta_info["metrics"]["plaudit/abstained"] == 0.75
    told = {name: f"{value:g}" for name, value in zip(cases, values, strict=True)}
    for name in ("abstain", "exception", "hang past the deadline"):
        told[name] += ", counted in the metric `plaudit/abstained`"
    told["content=None"] = "can't happen: ROLL decodes token ids; an empty response is the empty text"
    told["empty batch"] = "not asked by ROLL"
    told["multi-turn completion"] = "can't happen: the RLVR pipeline has one response"
    record(
        "ROLL",
        "",
        version=VERSION,
        edges=told,
        cut="the cluster's modules (Worker, decorators, platform, configuration) are stand-ins",
    )
