"""ART: trajectories and their groups, as ART has them."""

import asyncio
import importlib

import completions as made
import edges
import pytest

art = pytest.importorskip("art", reason="ART is not installed; `make clients` makes its environment")

from openai.types.chat.chat_completion import Choice
from openai.types.chat.chat_completion_message import ChatCompletionMessage

from plaudit.adapters.judge import Judge


def trajectory(row):
    """What a rollout leaves: the messages sent, and the choices that came back."""
    turns = row.completion if isinstance(row.completion, list) else [{"role": "assistant", "content": row.completion}]
    said = [
        Choice(finish_reason="stop", index=0, message=ChatCompletionMessage(**turn))
        if turn["role"] == "assistant"
        else turn
        for turn in turns
    ]
    return art.Trajectory(
        messages_and_choices=[{"role": "user", "content": row.prompt}, *said], metadata={"answer": row.answer}
    )


def group(score, rows):
    async def rollout(row):
        return await score(trajectory(row))

    async def gathered():
        return await art.trajectory_group([rollout(row) for row in rows], return_exceptions=True)

    return asyncio.run(gathered())


def test_trajectories_get_the_cores_values(rows, filled, file_of, judge, record):
    file_of("art", judge)
    score = importlib.import_module("reward").score
    found = [one for start in range(0, 500, 10) for one in group(score, rows[start : start + 10]).trajectories]
    assert [one.reward for one in found] == filled
    assert sum(one.metrics["plaudit/abstained"] for one in found) == 50
    record("openpipe-art", "trajectory_group of rollouts that end with the exported `score`", completions=len(rows))


def test_edges(edge_judge, file_of, record):
    file_of("art", Judge("edges:edges", deadline_seconds=edges.DEADLINE_SECONDS), "unruly")
    score = importlib.import_module("unruly").score
    wanted = {"1 MB completion": 0.5, "content=None": 0.0, "multi-turn completion": 1.0}
    told = {}
    for name, completion in edges.CASES.items():
        found = group(score, [made.Row("q", completion, "4"), made.Row("q", "4", "4")])
        if name in wanted:
            assert [one.reward for one in found.trajectories] == [wanted[name], 1.0]
            told[name] = f"{wanted[name]:g}"
        else:
            assert [one.reward for one in found.trajectories] == [1.0]
            assert len(found.exceptions) == 1
            told[name] = "left out of its group, counted in `exceptions`; with a fallback that number, flagged"
    told["content=None"] += ": the empty text, scored as such"
    told["empty batch"] = "can't happen: one trajectory a call"
    record("openpipe-art", "", edges=told)
