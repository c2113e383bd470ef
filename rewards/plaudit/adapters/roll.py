"""ROLL: a recipe as the rewards of a reward worker.

Written against ROLL's main branch of 2026-08-19 (`roll/pipeline/rlvr/rewards`): a worker's `compute_rewards` gets a
DataProto with `responses` as token ids and `prompt`, `ground_truth` and `tag` as columns, and returns three tensors. It
knows no missing score.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from plaudit.adapters.judge import Judge


def rewards(
    judge: Judge, responses: Sequence[Any], columns: Mapping[str, Sequence[Any]]
) -> tuple[list[float], list[float], list[dict[str, float]]]:
    """Score decoded responses: their rewards, their scores (1 for right ones), and flags and parts for the metrics.

    Raises:
        ConfigError: The judge has no fallback.

    >>> completion = "so<end_working_out><SOLUTION>4</SOLUTION>"
    >>> rewards(Judge("answer-match", fallback=0.0), [completion], {"ground_truth": ["4"]})[:2]
    ([5.0], [1.0])
    """
    judge.needs_fallback("ROLL")
    rows = [{name: values[row] for name, values in columns.items()} for row in range(len(responses))]
    samples = [
        judge.sample(response, prompt=row.get("prompt", ""), gold=row.get("ground_truth"), row=row)
        for response, row in zip(responses, rows, strict=True)
    ]
    scores = judge.score(samples)
    values = [judge.value(score) for score in scores]
    return values, [judge.share(value) for value in values], [judge.numbers(score) for score in scores]


def computed(judge: Judge, data: Any, tokenizer: Any) -> Any:
    """Return what a worker's `compute_rewards` returns, with means of flags and parts among its metrics."""
    import torch
    from roll.distributed.scheduler.protocol import DataProto

    responses = tokenizer.batch_decode(data.batch["responses"], skip_special_tokens=True)
    values, shares, numbers = rewards(judge, responses, data.non_tensor_batch)
    output = DataProto.from_dict(
        tensors={
            "token_level_rewards": torch.zeros_like(data.batch["responses"], dtype=torch.float32),
            "response_level_rewards": torch.tensor(values, dtype=torch.float32),
            "scores": torch.tensor(shares, dtype=torch.float32),
        }
    )
    output.meta_info = {
        "metrics": {key: sum(row[key] for row in numbers) / len(numbers) for key in (numbers[0] if numbers else ())}
    }
    return output
