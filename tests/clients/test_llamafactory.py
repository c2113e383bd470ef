"""LLaMA-Factory's own `get_rewards_from_server`, asking the exported file's server on this machine."""

import importlib.util
import threading

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
from plaudit.adapters.judge import Judge
from plaudit.adapters.llamafactory import server


def asked(judge, texts):
    with server(judge, port=0) as made_server:
        thread = threading.Thread(target=made_server.serve_forever)
        thread.start()
        try:
            address = f"http://127.0.0.1:{made_server.server_address[1]}"
            return get_rewards_from_server(address, [
                f"<|im_start|>user\n4?<|im_end|>\n<|im_start|>assistant\n{text}<|im_end|>\n" for text in texts
            ]).tolist()  # fmt: skip
        finally:
            made_server.shutdown()
            thread.join()


def test_the_server_gives_the_cores_values(rows, record):
    wanted = [one.value for one in score(load("format-exact"), [Sample(row.completion) for row in rows])]
    assert asked(Judge("format-exact", fallback=made.FALLBACK), [row.completion for row in rows]) == wanted
    record("llamafactory", "`get_rewards_from_server` against the exported file's server, a reward that reads no gold",
           completions=len(rows))  # fmt: skip


def test_edges(record):
    judge = Judge("edges:wordless", fallback=made.FALLBACK, deadline_seconds=edges.DEADLINE_SECONDS)
    cases = {name: text for name, text in edges.CASES.items() if isinstance(text, str)}
    found = asked(judge, list(cases.values()))
    assert found == [made.FALLBACK] * 3 + [0.5]
    told = {name: f"{value:g}" for name, value in zip(cases, found, strict=True)}
    for name in ("abstain", "exception", "hang past the deadline"):
        told[name] += "; flagged in the server's log only, the protocol has no channel"
    told["content=None"] = "can't happen: LLaMA-Factory sends decoded texts"
    told["empty batch"] = f"{asked(judge, [])}"
    told["multi-turn completion"] = "the last response of the text is scored"
    record(
        "llamafactory",
        "",
        edges=told,
        cut="the `__init__.py` of `llamafactory`, `.train` and `.train.ppo`, which import the training side",
    )
