"""Rewards as other trainers want them; for the tests of the adapters and of `plaudit audit`."""

from zoo_parts import box


def text(completion):
    return completion if isinstance(completion, str) else completion[-1]["content"]


def exact(completions, solution, **kwargs):
    return [float(box(text(completion)) == gold) for completion, gold in zip(completions, solution, strict=True)]


async def later(completions, solution, **kwargs):
    return exact(completions, solution)


def only_messages(completions, solution, **kwargs):
    return [float(box(messages[0]["content"]) == gold) for messages, gold in zip(completions, solution, strict=True)]


def first_message(completions, solution, **kwargs):
    found = [completion if isinstance(completion, str) else completion[0]["content"] for completion in completions]
    return [float(box(str(text)) == gold) for text, gold in zip(found, solution, strict=True)]


def compute_score(data_source, solution_str, ground_truth, extra_info=None):
    return {"score": float(box(solution_str) == ground_truth), "length": len(solution_str)}


def rubric(completion, answer, **kwargs):
    return float(box(completion[-1]["content"]) == answer)


async def v1(task, trace):
    return float(box(trace.last_reply) == task.answer)
