"""rLLM's own `load_evaluator`, which finds the exported file by import path."""

import completions as made
import edges
from packages import bare_package, checkout

VERSION = checkout("rllm")

bare_package("rllm")  # its __init__ sets up logging and imports the training side

from rllm.eval.evaluator_loader import load_evaluator
from rllm.types import Episode, Step, Task, Trajectory


def episode_of(completion):
    """An episode as the gateway leaves it: each reply of the model is a step."""
    turns = completion if isinstance(completion, list) else [{"role": "assistant", "content": completion}]
    steps = [Step(model_response=turn["content"] or "") for turn in turns if turn["role"] == "assistant"]
    return Episode(trajectories=[Trajectory(steps=steps)])


def evaluated(row, folder, module="reward"):
    task = Task(id="1", instruction=row.prompt, metadata={"ground_truth": row.answer}, dataset_dir=folder)
    return load_evaluator(f"{module}:evaluate").evaluate(task, episode_of(row.completion))


def test_the_evaluator_gives_the_cores_values(rows, filled, file_of, judge, tmp_path, record):
    file_of("rllm", judge)
    found = [evaluated(row, tmp_path) for row in rows]
    assert [one.reward for one in found] == filled
    signals = [{signal.name: signal.value for signal in one.signals} for one in found]
    assert sum(row["plaudit/abstained"] for row in signals) == 50
    assert len({tuple(row) for row in signals}) == 1
    record(
        "rllm",
        "`load_evaluator` and `evaluate`, the exported file by import path",
        version=VERSION,
        completions=len(rows),
    )


def test_edges(edge_judge, file_of, tmp_path, record):
    file_of("rllm", edge_judge, "unruly")
    wanted = {"1 MB completion": 0.5, "content=None": 0.0, "multi-turn completion": 1.0}
    told = {}
    for name, completion in edges.CASES.items():
        one = evaluated(made.Row("q", completion, "4"), tmp_path, "unruly")
        assert one.reward == wanted.get(name, made.FALLBACK), name
        assert one.is_correct == (one.reward == 1.0)
        flag = {signal.name: signal.value for signal in one.signals}["plaudit/abstained"]
        told[name] = f"{one.reward:g}, plaudit/abstained={flag:g}"
    told["empty batch"] = "can't happen: one episode a call"
    record("rllm", "", version=VERSION, edges=told, cut="`rllm/__init__.py`, which imports the training side")
