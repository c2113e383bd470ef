"""verifiers 0.4: a task scores a trace with the reward that its configuration plugs in by path."""

import asyncio

import completions as made
import edges
import pytest

pytest.importorskip("verifiers.v1", reason="verifiers 0.4 is not installed; `make clients` makes its environment")

import verifiers.v1 as vf
from verifiers.v1.task import Task, TaskData
from verifiers.v1.trace import AgentInfo, MessageNode, Trace, TraceTask

from plaudit.adapters.judge import Judge


class Data(TaskData):
    answer: str = ""


def trace_of(completion, prompt="q", answer="4"):
    """A trace as a rollout leaves it: what was asked, and what the agent said."""
    turns = completion if isinstance(completion, list) else [{"role": "assistant", "content": completion}]
    kinds = {"user": vf.UserMessage, "assistant": vf.AssistantMessage}
    messages = [vf.UserMessage(content=prompt), *(kinds[turn["role"]](content=turn["content"]) for turn in turns)]
    data = Data(prompt=prompt, answer=answer)
    nodes = [
        MessageNode(message=message, parent=index - 1 if index else None, sampled=message.role == "assistant")
        for index, message in enumerate(messages)
    ]
    return data, Trace(task=TraceTask(type="Task", data=data), agent=AgentInfo.model_construct(), nodes=nodes)


def scored(path, completion, prompt="q", answer="4"):
    data, trace = trace_of(completion, prompt, answer)
    config = Task.config_type()(rewards={"judge": {"fn": path}})
    asyncio.run(Task(data, config).score(trace))
    return trace


def test_a_plugged_reward_gives_the_cores_values(rows, filled, file_of, judge, record):
    path = f"{file_of('verifiers', judge)}:judge"
    traces = [scored(path, row.completion, row.prompt, row.answer) for row in rows]
    assert [trace.reward for trace in traces] == filled
    assert [trace.rewards["judge"].score for trace in traces] == filled
    assert sum(trace.metrics["plaudit/abstained"] for trace in traces) == 50
    assert "plaudit/shape/answer-match" in traces[0].metrics
    record("verifiers", "Task.score with a reward plugged in by path, the exported file", completions=len(rows))


def test_without_a_fallback_an_abstaining_trace_is_an_error_not_a_zero(rows, expected, file_of, record):
    path = f"{file_of('verifiers', Judge(made.RECIPE))}:judge"
    for row, value in list(zip(rows, expected, strict=True))[:20]:
        if value is None:
            with pytest.raises(vf.TaskError, match="abstains"):
                scored(path, row.completion, row.prompt, row.answer)
        else:
            assert scored(path, row.completion, row.prompt, row.answer).reward == value


def test_a_recipe_is_plugged_in_by_its_name(rows, record):
    found = scored("plaudit.adapters.verifiers.unsloth", rows[0].completion, rows[0].prompt, rows[0].answer)
    assert found.reward > 3
    record("verifiers", "a recipe by its dotted path")


def test_edges(edge_judge, file_of, record):
    path = f"{file_of('verifiers', edge_judge)}:edges"
    bare = f"{file_of('verifiers', Judge('edges:edges', deadline_seconds=edges.DEADLINE_SECONDS), 'bare')}:edges"
    told = {}
    for name, completion in edges.CASES.items():
        trace = scored(path, completion)
        abstains = name in ("abstain", "exception", "hang past the deadline")
        value = {"1 MB completion": 0.5, "content=None": 0.0, "multi-turn completion": 1.0}.get(name, made.FALLBACK)
        assert trace.reward == value, name
        assert trace.metrics["plaudit/abstained"] == float(abstains)
        told[name] = f"{value:g}"
        if abstains:
            with pytest.raises(vf.TaskError):
                scored(bare, completion)
            told[name] = "TaskError, so the trace is not ok; with a fallback that number, flagged"
    told["content=None"] = "0: the empty text, scored as such"
    told["empty batch"] = "can't happen: one trace a call"
    record("verifiers", "", edges=told)
