"""The trainers' own HTTP clients against the running program: `make test-server-clients`.

Each client is the code of its trainer, imported past packages that need a GPU; 500 completions, and every reward must
be the core's, element by element.
"""

import asyncio
import importlib.machinery
import importlib.util
import json
import os
import subprocess
import sys
import types
import urllib.request
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from plaudit import Sample, recipe

SHAPES = [
    "so<end_working_out><SOLUTION>{}</SOLUTION>",
    "so <end_working_out> <SOLUTION> {}.0 </SOLUTION>",
    "<SOLUTION>{}</SOLUTION>",
    "{}",
    "I think<end_working_out><SOLUTION>{} or 4</SOLUTION>é\u2028",
]
CASES = [(f"What is {row} modulo 7?", SHAPES[row % len(SHAPES)].format(row % 11), str(row % 7)) for row in range(500)]


def needs(*packages):
    missing = [package for package in packages if importlib.util.find_spec(package) is None]
    where = "`make test-server-clients` has it"
    if "nemo_gym" in missing:
        where = "NeMo-Gym 0.7.0 asks for Python 3.13.14: run this file where it is installed"
    return pytest.mark.skipif(bool(missing), reason=f"needs {', '.join(missing)}; {where}")


@pytest.fixture(scope="module")
def core():
    return [
        score.value
        for score in recipe("unsloth").score([Sample(text, prompt, {"answer": gold}) for prompt, text, gold in CASES])
    ]


@pytest.fixture(scope="module")
def url():
    yield from served("--recipe", "unsloth")


@pytest.fixture(scope="module")
def abstaining_url():
    yield from served("--reward", "numeric-tolerance")


def served(*arguments):
    command = [sys.executable, "-m", "plaudit", "serve", "--port", "0", "--workers", "2", *arguments]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    try:
        yield next(word for word in process.stderr.readline().split() if word.startswith("http://"))
    finally:
        process.terminate()
        assert process.wait(60) == 0
        process.stderr.close()


def installed(package, *inner, stubs=()):
    """Import a module of a package without running the package's own `__init__`, which wants a GPU."""
    place = importlib.machinery.PathFinder.find_spec(package)
    folder = Path(place.origin).parent
    for depth in range(len(inner)):
        name = ".".join([package, *inner[:depth]])
        module = types.ModuleType(name)
        module.__path__ = [str(folder.joinpath(*inner[:depth]))]
        sys.modules[name] = module
    for name, contents in stubs:
        sys.modules[name] = types.ModuleType(name)
        vars(sys.modules[name]).update(contents)
    return importlib.import_module(".".join([package, *inner]))


class Letters:
    """A tokenizer of characters, and a model that writes what it is told to."""

    def __init__(self, completion):
        self.completion = completion

    def __call__(self, text, **_):
        import torch

        return {"input_ids": torch.tensor([[ord(letter) for letter in text]])}

    def decode(self, tokens, **_):
        return "".join(map(chr, tokens))

    async def generate(self, *_, **__):
        written = types.SimpleNamespace(
            token_ids=[ord(letter) for letter in self.completion], finish_reason="stop", logprobs=None
        )
        return types.SimpleNamespace(outputs=[written])


def rollout(agent, url, cases):
    """Let OpenRLHF's executor generate and ask for rewards, as it does for each prompt of a batch."""
    executor = agent.SingleTurnAgentExecutor(url)
    wanted = types.SimpleNamespace(max_tokens=4096, logprobs=None)

    async def all_of_them():
        return [
            await executor.execute(prompt, gold, wanted, 8192, Letters(text), Letters(text))
            for prompt, text, gold in cases
        ]

    return asyncio.run(all_of_them())


@needs("fastapi", "aiohttp", "torch", "openrlhf")
def test_openrlhf_gets_the_rewards_of_the_core(url, core):
    outputs = rollout(installed("openrlhf", "utils", "agent"), f"{url}/get_reward", CASES)
    assert [output["reward"] for output in outputs] == core
    assert [output["scores"] for output in outputs] == core
    assert {frozenset(output["extra_logs"]) for output in outputs} == {
        frozenset({"format-exact", "format-approx", "answer-match", "numeric-tolerance", "abstained"})
    }


@needs("fastapi", "aiohttp", "torch", "openrlhf")
def test_openrlhf_keeps_no_reward_where_there_is_no_score(abstaining_url):
    agent = installed("openrlhf", "utils", "agent")
    (output,) = rollout(agent, f"{abstaining_url}/get_reward", [("Q", CASES[0][1], "no number")])
    assert output["reward"] is None
    assert output["extra_logs"] == {"abstained": 1.0}


@needs("fastapi", "aiohttp")
@pytest.mark.skipif(
    "SLIME_SOURCE" not in os.environ, reason="slime isn't on PyPI: set SLIME_SOURCE to a checkout of it"
)
def test_slime_gets_the_rewards_of_the_core(url, core):
    hub = slime_hub(Path(os.environ["SLIME_SOURCE"]))

    async def all_of_them():
        samples = [types.SimpleNamespace(prompt=prompt, response=text, label=gold) for prompt, text, gold in CASES]
        arguments = types.SimpleNamespace(rm_url=f"{url}/slime")
        rewards = [await hub.remote_rm(arguments, sample) for sample in samples]
        await hub._get_shared_session().close()
        return rewards

    assert asyncio.run(all_of_them()) == core


def slime_hub(source):
    """Import slime's rm_hub with nothing in place of the graders and types that its client doesn't touch."""
    from unittest.mock import MagicMock

    folder = source / "slime" / "rollout" / "rm_hub"
    for name in ("slime", "slime.utils", "slime.utils.misc", "slime.utils.types"):
        sys.modules[name] = MagicMock()
    spec = importlib.util.spec_from_file_location("slime_rm_hub", folder / "__init__.py")
    for grader in folder.glob("*.py"):
        sys.modules[f"slime_rm_hub.{grader.stem}"] = MagicMock()
    hub = importlib.util.module_from_spec(spec)
    hub.__path__ = [str(folder)]
    spec.loader.exec_module(hub)
    return hub


@needs("fastapi", "eval_protocol")
def test_eval_protocol_gets_the_rewards_of_the_core(url, core):
    from eval_protocol.reward_function import RewardFunction

    remote = RewardFunction(mode="remote", endpoint=f"{url}/reward")
    results = [remote(turns(prompt, text), ground_truth=gold) for prompt, text, gold in CASES]
    assert [result.score for result in results] == core
    assert (
        results[0].metrics["answer-match"].score
        == recipe("unsloth").score([Sample(CASES[0][1], CASES[0][0], {"answer": CASES[0][2]})])[0].parts[2].value
    )


@needs("fastapi", "eval_protocol")
def test_eval_protocol_stops_where_there_is_no_score(abstaining_url):
    from eval_protocol.reward_function import RewardFunction
    from pydantic import ValidationError

    with pytest.raises(ValidationError, match="score"):
        RewardFunction(mode="remote", endpoint=f"{abstaining_url}/reward")(turns("Q", "4"), ground_truth="no number")


def turns(prompt, text):
    return [{"role": "user", "content": prompt}, {"role": "assistant", "content": text}]


@needs("fastapi", "torch", "llamafactory")
def test_llama_factory_gets_one_reward_for_each_text():
    integrations = {"is_deepspeed_zero3_enabled": bool}
    packages = {"is_requests_available": lambda: True}
    client = installed(
        "llamafactory",
        "train",
        "ppo",
        "ppo_utils",
        stubs=[
            ("transformers", {}),
            ("transformers.integrations", integrations),
            ("llamafactory.extras", {}),
            ("llamafactory.extras.packages", packages),
        ],
    )
    chat = "<|im_start|>user\n{}<|im_end|>\n<|im_start|>assistant\n{}<|im_end|>\n"
    texts = [chat.format(prompt, text) for prompt, text, _ in CASES]
    responses = [Sample(text) for _, text, _ in CASES]
    expected = [score.value for score in (recipe("unsloth").judge.terms[0].reward).score(responses)]
    for url in served("--reward", "format-exact"):
        assert client.get_rewards_from_server(f"{url}/llamafactory", texts).tolist() == expected


@needs("fastapi", "nemo_gym")
def test_nemo_gym_gets_the_rewards_of_the_core_and_a_mask_where_there_is_none(url, abstaining_url, core):
    from nemo_gym.base_resources_server import BaseMultiRewardVerifyResponse, BaseVerifyResponse

    rows = [(url, nemo_gym_row(*case)) for case in CASES]
    *answers, masked = asyncio.run(verified([*rows, (abstaining_url, nemo_gym_row("Q", "4", "no number"))]))
    assert [answer["reward"] for answer in answers] == core
    for answer, (_, row) in zip(answers, rows, strict=True):
        checked = BaseMultiRewardVerifyResponse.model_validate(answer)
        assert sum(checked.reward_components.values()) == pytest.approx(checked.reward)
        assert not checked.mask_sample
        assert answer["answer"] == row["answer"]
    checked = BaseVerifyResponse.model_validate(masked)
    assert checked.mask_sample
    assert checked.failure_kind == "plaudit:abstained"


@needs("fastapi", "nemo_gym")
def test_nemo_gyms_own_metrics_are_those_of_its_server(url):
    from nemo_gym.config_types import AggregateMetrics
    from nemo_gym.reward_profile import compute_aggregate_metrics

    rows = [
        {"_ng_task_index": task, "_ng_rollout_index": repeat, "reward": float(task * repeat), "right": repeat == 1,
         "mask_sample": task == repeat == 1, "response": {"usage": {"total_tokens": 10 * task + repeat}}}
        for task in range(4) for repeat in range(3)
    ]  # fmt: skip
    asked = urllib.request.Request(
        f"{url}/aggregate_metrics",
        json.dumps({"verify_responses": rows}).encode(),
        {"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(asked) as answer:
        found = AggregateMetrics.model_validate_json(answer.read())
    theirs = compute_aggregate_metrics(rows)
    assert found.key_metrics == pytest.approx(theirs.key_metrics)
    wanted = {name: value for name, value in theirs.agent_metrics.items() if "across_repeats" not in name}
    assert found.agent_metrics == pytest.approx(wanted)
    for ours, group in zip(found.group_level_metrics, theirs.group_level_metrics, strict=True):
        assert ours == pytest.approx({name: group[name] for name in ours})


def nemo_gym_row(prompt, text, gold):
    """Return a rollout as NeMo-Gym saves it: the row of the dataset with an OpenAI Responses object."""
    part = {"type": "output_text", "text": text, "annotations": []}
    message = {"id": "msg_1", "type": "message", "role": "assistant", "status": "completed", "content": [part]}
    response = {"id": "resp_1", "object": "response", "created_at": 0.0, "model": "m", "output": [message]}
    response |= {"parallel_tool_calls": False, "tool_choice": "auto", "tools": []}
    return {"responses_create_params": {"input": prompt}, "response": response, "answer": gold}


async def verified(rows):
    """Post rows to the /verify of their servers through NeMo-Gym's own client, which lives in one event loop."""
    import nemo_gym.global_config
    from nemo_gym.config_types import BaseServerConfig
    from nemo_gym.server_utils import ServerClient, get_response_json, raise_for_status
    from omegaconf import OmegaConf

    places = {
        url: {"resources_servers": {"plaudit": {"host": urlsplit(url).hostname, "port": urlsplit(url).port}}}
        for url in dict(rows)
    }
    known = OmegaConf.create(places)
    nemo_gym.global_config._GLOBAL_CONFIG_DICT = known  # or it would be read from pytest's command line
    client = ServerClient(head_server_config=BaseServerConfig(host="127.0.0.1", port=1), global_config_dict=known)
    answers = []
    for url, row in rows:
        answer = await client.post(server_name=url, url_path="/verify", json=row)
        await raise_for_status(answer)
        answers.append(await get_response_json(answer))
    return answers
