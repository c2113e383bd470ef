"""verifiers before 0.4: a Rubric scores a group of states."""

import asyncio

import completions as made
import edges
import pytest

vf = pytest.importorskip("verifiers", reason="verifiers is not installed; `make clients` makes its environment")
if not hasattr(vf, "Rubric"):
    pytest.skip(
        "this verifiers has no Rubric: 0.4 and later; `make clients` makes one with 0.2", allow_module_level=True
    )

from plaudit import ConfigError
from plaudit.adapters.judge import Judge
from plaudit.adapters.verifiers import rubric_reward


def states_of(rows):
    return [
        {
            "prompt": [{"role": "user", "content": row.prompt}],
            "completion": row.completion if isinstance(row.completion, list)
            else [{"role": "assistant", "content": row.completion}],
            "answer": row.answer, "task": "clients", "info": {}, "trajectory": [],
            "timing": {"scoring_ms": 0.0, "total_ms": 0.0},
        }
        for row in rows
    ]  # fmt: skip


def scored(judge, rows):
    states = states_of(rows)
    asyncio.run(vf.Rubric(funcs=[rubric_reward(judge)], weights=[1.0]).score_group(states))
    return states


def test_a_rubric_gives_the_cores_values(rows, filled, judge, record):
    states = scored(judge, rows)
    assert [state["reward"] for state in states] == filled
    assert [state["metrics"]["judge"] for state in states] == filled
    assert sum(state["plaudit"]["plaudit/abstained"] for state in states) == 50
    record("verifiers", "Rubric.score_group", completions=len(rows))


def test_edges(edge_judge, record):
    states = scored(edge_judge, [made.Row("q", completion, "4") for completion in edges.CASES.values()])
    told = {name: f"{state['reward']:g}" for name, state in zip(edges.CASES, states, strict=True)}
    for name in ("abstain", "exception", "hang past the deadline"):
        assert told[name] == f"{made.FALLBACK:g}"
        told[name] = 'the fallback, flagged in `state["plaudit"]`'
    assert told["1 MB completion"] == "0.5"
    assert told["multi-turn completion"] == "1"
    told["content=None"] += ": the empty text, scored as such"
    told["empty batch"] = "no state, no call"
    record("verifiers", "", edges=told)


def test_a_judge_without_a_fallback_is_refused_since_a_rubric_makes_zeros_of_exceptions():
    with pytest.raises(ConfigError, match="fallback"):
        rubric_reward(Judge("unsloth"))
