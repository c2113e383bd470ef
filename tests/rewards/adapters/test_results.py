"""The record of the clients' runs, from which docs/reference/trainers.md is made, is whole."""

import json
from pathlib import Path

import pytest

RESULTS = Path(__file__).parents[2] / "clients" / "results.json"
EDGES = {
    "abstain",
    "exception",
    "hang past the deadline",
    "1 MB completion",
    "content=None",
    "multi-turn completion",
    "empty batch",
}
CLIENTS = json.loads(RESULTS.read_text(encoding="utf-8"))


@pytest.mark.parametrize("client", CLIENTS)
def test_every_client_scored_all_completions_and_met_every_edge(client):
    facts = CLIENTS[client]
    assert facts["completions"] == 500
    assert set(facts["edges"]) == EDGES
    assert facts["ran"] or facts["contract"], "neither run nor contract-tested"


def test_the_trainers_that_were_promised_are_there():
    assert {"trl 1.15.0", "trl 1.16.0", "verl 0.9.1", "verifiers 0.4.0", "verifiers 0.2.1"} <= set(CLIENTS)
    assert {"naive", "dapo", "gdpo", "rate_limited", "remote"} <= {
        what.split(" ")[0] for what in CLIENTS["verl 0.9.1"]["ran"]
    }


def test_nothing_arrives_as_a_bare_zero_or_nan_where_the_reward_is_silent():
    for client, facts in CLIENTS.items():
        for edge in ("abstain", "exception", "hang past the deadline"):
            assert not facts["edges"][edge].startswith(("0", "nan")), client
