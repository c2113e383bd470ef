"""slime's own `async_rm` and `batched_async_rm`, which load the exported file by its dotted path."""

import asyncio
from types import SimpleNamespace as Made

import completions as made
import edges
from packages import checkout

VERSION = checkout("slime")

from slime.rollout.rm_hub import async_rm, batched_async_rm
from slime.utils.types import Sample


def sample_of(row, index=0):
    text = row.completion + "<|im_end|>" if isinstance(row.completion, str) else row.completion
    return Sample(prompt=row.prompt, response=text, label=row.answer, group_index=index)


def one_by_one(samples, module="reward", reward_key=None):
    args = Made(custom_rm_path=f"{module}.custom_rm", reward_key=reward_key)

    async def every():
        return [await async_rm(args, sample) for sample in samples]

    return asyncio.run(every())


def test_the_hub_gives_the_cores_values(rows, filled, file_of, judge, record):
    file_of("slime", judge)
    samples = [sample_of(row) for row in rows]
    assert one_by_one(samples) == filled
    assert [sample.remove_sample for sample in samples] == [value == made.FALLBACK for value in filled]
    assert sum(sample.metadata["plaudit"]["plaudit/abstained"] for sample in samples) == 50
    record("slime", "`async_rm` with `--custom-rm-path`", version=VERSION, completions=len(rows))


def test_a_group_is_scored_whole_and_a_reward_key_gets_a_mapping(rows, filled, file_of, judge, record):
    file_of("slime", judge)
    args = Made(custom_rm_path="reward.custom_rm", reward_key="acc")
    samples = [sample_of(row, index // 10) for index, row in enumerate(rows)]
    for sample, found in zip(samples, asyncio.run(batched_async_rm(args, samples)), strict=True):
        sample.reward = found
    assert [sample.get_reward_value(args) for sample in samples] == filled
    record("slime", "`batched_async_rm` with `--group-rm`, and `--reward-key`", version=VERSION)


def test_edges(edge_judge, file_of, record):
    file_of("slime", edge_judge, "unruly")
    wanted = {"1 MB completion": 0.5, "content=None": 0.0, "multi-turn completion": 1.0}
    told = {}
    for name, completion in edges.CASES.items():
        sample = sample_of(made.Row("q", completion, "4"))
        [value] = one_by_one([sample], "unruly")
        assert value == wanted.get(name, made.FALLBACK), name
        assert sample.remove_sample == (name not in wanted)
        told[name] = f"{value:g}" + ("" if name in wanted else ", flagged, out of the loss (`remove_sample`)")
    told["empty batch"] = (
        f"{asyncio.run(batched_async_rm(Made(custom_rm_path='unruly.custom_rm', reward_key=None), []))}"
    )
    record("slime", "", version=VERSION, edges=told)
