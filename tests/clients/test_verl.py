"""verl's own reward managers, loaded by its own loader, over our `compute_score`."""

import asyncio

import completions as made
import edges
import pytest

pytest.importorskip("verl", reason="verl is not installed; `make clients` makes its environment")

import numpy as np
import torch
from omegaconf import OmegaConf
from verl import DataProto
from verl.trainer.ppo.reward import load_reward_manager

from plaudit.adapters.judge import part_paths
from plaudit.adapters.verl import from_verl

MANAGERS = ("naive", "dapo", "gdpo", "rate_limited")


class Codes:
    """A tokenizer of code points, so that any text goes through verl's tensors and comes back as it was."""

    def decode(self, ids, skip_special_tokens=True):
        return "".join(chr(int(code)) for code in ids)


def config(manager, function="compute_score", path="pkg://plaudit.adapters.verl", **given):
    kwargs = {"recipe": made.RECIPE, "fallback": made.FALLBACK, **given}
    return OmegaConf.create(
        {
            "reward": {
                "custom_reward_function": {"path": path, "name": function, "reward_kwargs": kwargs},
                "reward_manager": {"source": "register", "name": manager},
                "reward_kwargs": {},
                "num_workers": 2,
                "max_concurrent": 4,
                "timeout": 60,
            },
            "trainer": {"experiment_name": "clients"},
        }
    )


def data(row):
    codes = torch.tensor([[ord(letter) for letter in row.completion] or [0]])
    there = torch.ones_like(codes) if row.completion else torch.zeros_like(codes)
    columns = {
        "data_source": np.array(["openai/gsm8k"], dtype=object),
        "reward_model": np.array([{"style": "rule", "ground_truth": row.answer}], dtype=object),
        "extra_info": np.array(
            [{"question": row.prompt, "answer": "the whole solution, as verl's GSM8K has it"}], dtype=object
        ),
    }
    return DataProto.from_dict(
        tensors={"prompts": codes[:, :1], "responses": codes, "attention_mask": there}, non_tensors=columns
    )


def run(settings, rows):
    async def every():
        manager = load_reward_manager(settings, Codes())
        return [await manager.run_single(data(row)) for row in rows]

    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    try:
        return loop.run_until_complete(every())
    finally:
        loop.close()
        asyncio.set_event_loop(None)


@pytest.mark.parametrize("function", ["compute_score", "compute_score_async"])
@pytest.mark.parametrize("manager", MANAGERS)
def test_every_manager_gives_the_cores_values(manager, function, rows, filled, record):
    found = run(config(manager, function), rows)
    assert [one["reward_score"] for one in found] == filled
    extras = [one["reward_extra_info"] for one in found]
    assert len({tuple(extra) for extra in extras}) == 1, "verl takes the keys of the first sample for all"
    assert all(isinstance(value, float) and np.isfinite(value) for extra in extras for value in extra.values())
    assert sum(extra["plaudit/abstained"] for extra in extras) == 50
    assert {f"plaudit/{path}" for path in part_paths(made.RECIPE)} <= set(extras[0])
    record("verl", f"{manager} reward manager, `{function}`", completions=len(rows))


def test_the_exported_file_is_loaded_by_path(file_of, judge, rows, filled, record):
    found = run(config("naive", path=str(file_of("verl", judge)), recipe="unused"), rows[:20])
    assert [one["reward_score"] for one in found] == filled[:20]
    record("verl", "the exported file, by path")


def test_remote_actors_give_the_cores_values(rows, filled, record):
    ray = pytest.importorskip("ray", reason="ray is not installed")
    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False)
    try:
        found = run(config("remote"), rows)
    finally:
        ray.shutdown()
    assert [one["reward_score"] for one in found] == filled
    record("verl", "remote reward manager on a local Ray, `compute_score`")


@pytest.mark.parametrize("function", ["compute_score", "compute_score_async"])
def test_edges(function, edge_judge, record):
    told = {}
    for name, completion in edges.CASES.items():
        settings = config("naive", function, recipe="edges:edges", deadline_seconds=edges.DEADLINE_SECONDS)
        if not isinstance(completion, str):  # verl decodes token ids to a text: it can bring nothing else
            continue
        one = run(settings, [made.Row("q", completion, "4")])[0]
        flags = {key: value for key, value in one["reward_extra_info"].items() if key.startswith("plaudit/")}
        told[name] = f"{one['reward_score']:g}, {flags}"
        abstains = name in ("abstain", "exception", "hang past the deadline")
        assert one["reward_score"] == (made.FALLBACK if abstains else 0.5), name
        assert flags == {
            "plaudit/abstained": float(abstains),
            "plaudit/failed": float(abstains and name != "abstain"),
        }
    told["content=None"] = "can't happen: verl decodes token ids; an empty response is the empty text"
    told["empty batch"] = "can't happen: verl scores one completion a call"
    told["multi-turn completion"] = "verl hands over the decoded response of the last sequence, as one text"
    record("verl", "", edges=told)


def test_a_missing_fallback_is_refused_at_the_first_call():
    with pytest.raises(ValueError, match="fallback"):
        run(config("naive", fallback=None), [made.Row("q", "a", "4")])


def test_what_rate_limited_makes_of_an_exception_is_verls_own_flagged_zero(record):
    one = run(config("rate_limited", recipe="nothing-like-it"), [made.Row("q", "a", "4")])[0]
    assert one["reward_score"] == 0.0
    assert "nothing-like-it" in one["reward_extra_info"]["error"]
    record(
        "verl", "", notes={"rate_limited": "turns any exception, a wrong recipe's too, into 0.0 with the key `error`"}
    )


def test_verls_own_rewards_come_the_other_way():
    from plaudit import Sample

    gsm8k = from_verl("verl.utils.reward_score:default_compute_score")
    found = gsm8k.score(
        [Sample("#### 4", columns={"ground_truth": "4"}), Sample("#### 5", columns={"ground_truth": "4"})]
    )
    assert [one.value for one in found] == [1.0, 0.0]
