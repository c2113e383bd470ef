"""LLaMA-Factory's own `get_rewards_from_server`, asking `plaudit serve` on this machine."""

import importlib.util
import subprocess
import sys
from contextlib import contextmanager

import completions as made
import edges
import pytest
from packages import bare_package

if importlib.util.find_spec("llamafactory") is None:
    pytest.skip("LLaMA-Factory is not installed; `make clients` makes its environment", allow_module_level=True)

for package in ("llamafactory", "llamafactory.train", "llamafactory.train.ppo"):
    bare_package(package)  # their __init__s import the whole training side

from llamafactory.train.ppo.ppo_utils import get_rewards_from_server

from plaudit import Sample, load, score


@contextmanager
def served(*arguments):
    command = [sys.executable, "-m", "plaudit", "serve", "--port", "0", "--workers", "2", *map(str, arguments)]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    try:
        yield next(word for word in process.stderr.readline().split() if word.startswith("http://"))
    finally:
        process.terminate()
        process.communicate(timeout=60)
        assert process.returncode == 0


def asked(url, texts):
    chat = "<|im_start|>user\n4?<|im_end|>\n<|im_start|>assistant\n{}<|im_end|>\n"
    return get_rewards_from_server(f"{url}/llamafactory", [chat.format(text) for text in texts]).tolist()


def test_the_server_gives_the_cores_values(rows, record):
    wanted = [one.value for one in score(load("format-exact"), [Sample(row.completion) for row in rows])]
    with served("--reward", "format-exact") as url:
        assert asked(url, [row.completion for row in rows]) == wanted
    record("llamafactory", "`get_rewards_from_server` against `plaudit serve`, a reward that reads no gold",
           completions=len(rows))  # fmt: skip


def test_edges(record):
    settings = ["--fallback", made.FALLBACK, "--deadline", edges.DEADLINE_SECONDS]
    cases = {name: text for name, text in edges.CASES.items() if isinstance(text, str)}
    with served("--reward", "edges:wordless", *settings) as url:
        found, empty = asked(url, cases.values()), asked(url, [])
    assert found == [made.FALLBACK] * 3 + [0.5]
    told = {name: f"{value:g}" for name, value in zip(cases, found, strict=True)}
    for name in ("abstain", "exception", "hang past the deadline"):
        told[name] += "; counted in the server's `/metrics` only, the protocol has no channel"
    told["content=None"] = "can't happen: LLaMA-Factory sends decoded texts"
    told["empty batch"] = f"{empty}"
    told["multi-turn completion"] = "the last response of the text is scored"
    record(
        "llamafactory",
        "",
        edges=told,
        cut="the `__init__.py` of `llamafactory`, `.train` and `.train.ppo`, which import the training side",
    )
