"""NeMo-RL: a recipe as the reward of an environment.

Written against NeMo-RL's main branch of 2026-08-22 (`EnvironmentInterface`): `step` gets a batch of message logs and
their metadata (`ground_truth` and whatever the data processor keeps) and returns a tensor of rewards, or tensors by
name, `reward/…`, for GDPO. It knows no missing score.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from plaudit.adapters.end_tokens import without_end_tokens
from plaudit.adapters.judge import Judge, part_paths
from plaudit.protocol import Sample, text_of


def scored(
    judge: Judge, message_logs: Sequence[Sequence[Mapping[str, Any]]], metadata: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """Score a batch: for each log `reward`, the `answer` found, and its `metadata` with flags and parts in it.

    Raises:
        ConfigError: The judge has no fallback.

    >>> log = [{"role": "user", "content": "2+2?"},
    ...        {"role": "assistant", "content": "so<end_working_out><SOLUTION>4</SOLUTION>"}]
    >>> scored(Judge("answer-match", fallback=0.0), [log], [{"ground_truth": "4"}])[0]["reward"]
    5.0
    """
    judge.needs_fallback("NeMo-RL")
    samples = [_sample(judge, log, facts or {}) for log, facts in zip(message_logs, metadata, strict=True)]
    return [
        {
            "reward": judge.value(score),
            "answer": score.extracted,
            "metadata": {**(facts or {}), "plaudit": judge.numbers(score)},
        }
        for score, facts in zip(judge.score(samples), metadata, strict=True)
    ]


def environment_return(
    judge: Judge,
    message_logs: Sequence[Sequence[Mapping[str, Any]]],
    metadata: Sequence[Mapping[str, Any]],
    *,
    parts: bool = False,
) -> Any:
    """Return what `EnvironmentInterface.step` returns; with `parts`, a tensor of raw values per part, for GDPO.

    Raises:
        ConfigError: The judge has no fallback, or `parts` are asked of a reward that has none.
    """
    import torch
    from nemo_rl.environments.interfaces import EnvironmentReturn

    rows = scored(judge, message_logs, metadata)
    rewards: Any = torch.tensor([row["reward"] for row in rows], dtype=torch.float32)
    if parts:
        names = [name for name in part_paths(judge.source) if "/" not in name]
        if not names:
            judge.refuse(f"{judge.name!r} has no parts to give NeMo-RL one by one.")
        rewards = {
            f"reward/{name}": torch.tensor([row["metadata"]["plaudit"][f"plaudit/{name}"] for row in rows])
            for name in names
        }
    return EnvironmentReturn(
        observations=[{"role": "environment", "content": ""} for _ in rows],
        metadata=[row["metadata"] for row in rows],
        next_stop_strings=[None] * len(rows),
        rewards=rewards,
        terminateds=torch.ones(len(rows)),
        answers=[row["answer"] for row in rows],
    )


def metrics(rows: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    """Average the flags and parts over what `step` left in the metadata.

    >>> metrics([{"plaudit": {"plaudit/abstained": 1.0}}, {"plaudit": {"plaudit/abstained": 0.0}}])
    {'plaudit/abstained': 0.5}
    """
    numbers = [row["plaudit"] for row in rows if row and "plaudit" in row]
    return {key: sum(row[key] for row in numbers) / len(numbers) for key in (numbers[0] if numbers else ())}


def _sample(judge: Judge, log: Sequence[Mapping[str, Any]], facts: Mapping[str, Any]) -> Sample:
    said = [turn for turn in log if turn.get("role") == "assistant"]
    asked = [turn for turn in log if turn.get("role") == "user"]
    text = without_end_tokens(text_of(said[-1])) if said else ""
    return judge.sample(text, prompt=asked, gold=facts.get("ground_truth"), row=facts)
