"""TRL's own reward path: `_calculate_rewards` of GRPO and RLOO, `_score_group` of AsyncGRPO."""

import asyncio
import importlib
import pickle
import threading
from types import SimpleNamespace

import completions as made
import edges
import pytest

pytest.importorskip("trl", reason="TRL is not installed; `make clients` makes its environment")

import torch
from accelerate import PartialState
from transformers import TrainerState
from trl import GRPOTrainer, RLOOTrainer
from trl.trainer.utils import get_callable_name

from plaudit.adapters import trl as adapter
from plaudit.adapters.judge import Judge

NAN = float("nan")


@pytest.fixture
def loop():
    """The event loop on a daemon thread that TRL runs async rewards on."""
    made_loop = asyncio.new_event_loop()
    thread = threading.Thread(target=made_loop.run_forever, daemon=True)
    thread.start()
    yield made_loop
    made_loop.call_soon_threadsafe(made_loop.stop)
    thread.join()
    made_loop.close()


def trainer(kind, functions, loop):
    """A trainer with no model: all that its reward path needs."""
    PartialState()
    bare = kind.__new__(kind)
    bare.accelerator = SimpleNamespace(
        device=torch.device("cpu"), gather=lambda tensor: tensor, is_main_process=True, num_processes=1
    )
    bare.args = SimpleNamespace(report_to=[])
    bare.state = TrainerState()
    bare.reward_funcs, bare.reward_processing_classes = functions, [None] * len(functions)
    bare.reward_func_names = [get_callable_name(function) for function in functions]
    bare.environments, bare.chat_template_kwargs, bare.async_loop = None, {}, loop
    bare._pending_metrics, bare._pending_extra_logs = Log(), Log()
    bare.model = SimpleNamespace(training=True)
    bare._step = 0
    return bare


class Log(dict):
    def __missing__(self, key):
        self[key] = []
        return self[key]


def chat(row, *, conversational):
    if not conversational:
        return row.prompt, row.completion
    said = row.completion if isinstance(row.completion, list) else [{"role": "assistant", "content": row.completion}]
    return [{"role": "user", "content": row.prompt}], said


def calculated(kind, functions, rows, loop, *, conversational=False):
    bare = trainer(kind, functions, loop)
    prompts, completions = zip(*[chat(row, conversational=conversational) for row in rows], strict=True)
    inputs = [{"prompt": prompt, "answer": row.answer} for prompt, row in zip(prompts, rows, strict=True)]
    tokens = [[1, 2, 3]] * len(rows)
    return bare._calculate_rewards(inputs, list(prompts), list(completions), tokens), bare


def wanted(values):
    return torch.tensor([NAN if value is None else value for value in values], dtype=torch.float32)


@pytest.mark.parametrize("conversational", [False, True], ids=["texts", "messages"])
@pytest.mark.parametrize("kind", [GRPOTrainer, RLOOTrainer])
def test_the_trainer_gets_the_cores_values_from_sync_and_async(
    kind, conversational, rows, expected, file_of, loop, record
):
    file_of("trl", Judge(made.RECIPE))
    exported = importlib.import_module("reward")
    functions = [exported.judge, exported.judge_async]
    found, bare = calculated(kind, functions, rows, loop, conversational=conversational)
    for column in (0, 1):
        assert torch.equal(found[:, column].nan_to_num(-99), wanted(expected).nan_to_num(-99))
    assert bare._pending_metrics["plaudit/abstained"] == [0.1, 0.1]
    assert "rewards/shape/answer-match/mean" in bare._pending_metrics
    assert bare._pending_extra_logs["shape"]
    shape = "messages" if conversational else "texts"
    record("trl", f"{kind.__name__}._calculate_rewards on {shape}, sync and async", completions=len(rows))


def test_a_reward_by_its_dotted_path_is_found_as_the_command_line_finds_it(rows, loop, record):
    function = importlib.import_module("plaudit.adapters.trl").unsloth
    assert pickle.loads(pickle.dumps(function)) is function
    found, bare = calculated(GRPOTrainer, [function], rows[:10], loop)
    assert bare.reward_func_names == ["unsloth"]
    assert not torch.isnan(found).any()
    record("trl", "a dotted path, pickled by reference")


def test_async_grpo_scores_a_group(rows, expected, file_of, record):
    worker = pytest.importorskip(
        "trl.experimental.async_grpo.async_rollout_worker", reason="this TRL has no AsyncGRPO, or lacks its packages"
    )
    file_of("trl", Judge(made.RECIPE))
    exported = importlib.import_module("reward")
    for function in (exported.judge, exported.judge_async):
        assert pickle.loads(pickle.dumps(function)) is function
    found = []
    for start in range(0, len(rows), 10):
        group = rows[start : start + 10]
        prompts, completions = zip(*[chat(row, conversational=True) for row in group], strict=True)
        answered = SimpleNamespace(
            prompts=list(prompts), completions=list(completions), completions_ids=[[1]] * 10,
            reward_kwargs={"answer": [row.answer for row in group]}, tool_call_counts=[0] * 10,
            tool_failure_counts=[0] * 10, env_rewards=[None] * 10, rollout_rewards=[None] * 10,
            completions_sequences=[[] for _ in range(10)], model_version=0, group_id=0, queued_at=0.0,
        )  # fmt: skip
        bare = SimpleNamespace(
            reward_funcs=[adapter_spy(exported.judge, found)], _env_reward_types=[], _provides_rollout_reward=False,
            reward_func_names=["judge"],
        )  # fmt: skip
        asyncio.run(worker._AsyncRolloutLoop._score_group(bare, answered))
    assert found == expected
    record("trl", "AsyncGRPO's `_score_group`")


def adapter_spy(function, found):
    def judge(**given):
        values = function(**given)
        found.extend(values)
        return values

    return judge


def test_edges(edge_judge, loop, record):
    edge_judge = Judge(edge_judge.source, deadline_seconds=edge_judge.deadline_seconds)
    told = {}

    def sync(prompts=None, completions=None, **columns):
        return adapter.rewards(edge_judge, prompts, completions, columns)

    async def asynchronous(prompts=None, completions=None, **columns):
        return await adapter.rewards_async(edge_judge, prompts, completions, columns)

    batch = [made.Row("q", completion, "4") for completion in edges.CASES.values()]
    found, bare = calculated(GRPOTrainer, [sync, asynchronous], batch, loop, conversational=True)
    for row, name in enumerate(edges.CASES):
        values = found[row].tolist()
        told[name] = "None, left out of the advantage" if values[0] != values[0] else f"{values[0]:g}"
    assert torch.equal(found[:, 0].nan_to_num(-99), found[:, 1].nan_to_num(-99))
    assert torch.equal(found[:, 0].nan_to_num(-99), torch.tensor([-99, -99, -99, 0.5, 0.0, 1.0]))
    assert bare._pending_metrics["plaudit/failed"] == [pytest.approx(2 / 6)] * 2
    assert sync(prompts=[], completions=[]) == []
    told["empty batch"] = "[] (the trainer never asks)"
    told["content=None"] += ": the empty text, scored as such"
    record("trl", "", edges=told)
