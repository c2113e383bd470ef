"""OpenRLHF's own `SingleTurnAgentExecutor`, with an engine and a tokenizer that say what the test wants."""

import asyncio
from types import SimpleNamespace as Made

import completions as made
import edges
import pytest

agent = pytest.importorskip(
    "openrlhf.utils.agent", reason="OpenRLHF is not installed; `make clients` makes its environment"
)

import torch

PROMPT = "<|im_start|>user\n{}<|im_end|>\n<|im_start|>assistant\n"


class Tokenizer:
    """One token per character, and an end-of-turn token that decoding keeps."""

    def __call__(self, text, add_special_tokens=False, return_tensors="pt"):
        return {"input_ids": torch.tensor([[ord(letter) for letter in text]])}

    def decode(self, ids, skip_special_tokens=False):
        return "".join(map(chr, ids))


class Engine:
    def __init__(self, completion):
        self.completion = completion

    async def generate(self, prompt_ids, parameters, multi_modal_data=None):
        ids = [ord(letter) for letter in self.completion + "<|im_end|>"]
        return Made(outputs=[Made(token_ids=ids, finish_reason="stop", logprobs=None)])


def execute(path, rows, max_length=3_000_000):
    executor = agent.SingleTurnAgentExecutor(str(path))
    parameters = Made(max_tokens=None, logprobs=None)

    async def every():
        return [
            await executor.execute(
                PROMPT.format(row.prompt), row.answer, parameters, max_length, Tokenizer(), Engine(row.completion)
            )
            for row in rows
        ]

    return asyncio.run(every())


def test_the_executor_gives_the_cores_values(rows, filled, file_of, judge, record):
    found = execute(file_of("openrlhf", judge), rows)
    assert [one["reward"] for one in found] == filled
    assert all(0.0 <= one["scores"] <= 1.0 for one in found)
    assert sum(one["extra_logs"]["plaudit/abstained"] for one in found) == 50
    assert len({tuple(one["extra_logs"]) for one in found}) == 1
    tensors = [torch.tensor([one["reward"]]) for one in found]
    assert {tuple(tensor.shape) for tensor in tensors} == {(1,)}, "a list here would become a matrix there"
    record("openrlhf", "SingleTurnAgentExecutor.execute with the exported file", completions=len(rows))


def test_edges(edge_judge, file_of, record):
    path = file_of("openrlhf", edge_judge)
    told = {}
    for name, completion in edges.CASES.items():
        if isinstance(completion, str):
            [one] = execute(path, [made.Row("q", completion, "4")])
            abstains = name in ("abstain", "exception", "hang past the deadline")
            assert one["reward"] == (made.FALLBACK if abstains else 0.5), name
            assert one["extra_logs"]["plaudit/abstained"] == float(abstains)
            told[name] = f"{one['reward']:g}, plaudit/abstained={float(abstains):g}"
    told["content=None"] = "can't happen: OpenRLHF decodes token ids; an empty response is the empty text"
    told["empty batch"] = "can't happen: one completion a call"
    told["multi-turn completion"] = "the single-turn executor has one response; an agent of yours calls Plaudit itself"
    record("openrlhf", "", edges=told)


def test_what_openrlhf_makes_of_an_exception_is_no_reward_at_all(file_of, judge, record):
    path = file_of("openrlhf", judge)
    path.write_text(path.read_text(encoding="utf-8").replace("judge.yaml", "nothing.yaml"), encoding="utf-8")
    [one] = execute(path, [made.Row("q", "a", "4")])
    assert one["reward"] is None
    record(
        "openrlhf", "", notes={"configuration errors": "are logged and leave the reward None; a later step then raises"}
    )
