"""OpenRLHF: a recipe as the `reward_func` of a file given to `--reward.remote_url`.

Written against OpenRLHF 0.11.2 (`SingleTurnAgentExecutor`): lists of one `query` (prompt and response, decoded with
special tokens), one prompt and one label, called in a thread; a mapping of `rewards`, `scores` and `extra_logs` back,
as bare numbers. It knows no missing score: a reward of None ends the run later. `plaudit serve` speaks its HTTP form.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from plaudit.adapters.end_tokens import without_end_tokens
from plaudit.adapters.judge import Judge
from plaudit.errors import DataError
from plaudit.protocol import Sample

LONGEST_TAIL = 400
"""Characters of the prompt's end by which the response is found where the prompt was cut or decoded otherwise."""


def reward(judge: Judge, queries: Sequence[str], prompts: Sequence[str], labels: Sequence[Any]) -> dict[str, Any]:
    """Score what one call brings: numbers for one completion, lists of numbers for several.

    `scores`, by which OpenRLHF filters groups, is 1 from the value that means "right" on, or the reward's place between
    its least and greatest value where no value means that.

    Raises:
        ConfigError: The judge has no fallback.
        DataError: A query doesn't hold its prompt, so that the response can't be told from it.

    >>> judge = Judge("answer-match", fallback=0.0)
    >>> found = reward(judge, ["2+2?so<end_working_out><SOLUTION>4</SOLUTION></s>"], ["2+2?"], ["4"])
    >>> found["rewards"], found["scores"]
    (5.0, 1.0)
    """
    judge.needs_fallback("OpenRLHF")
    samples = [_sample(judge, *row) for row in zip(queries, prompts, labels, strict=True)]
    found = judge.score(samples)
    values = [judge.value(score) for score in found]
    answer: dict[str, Any] = {
        "rewards": values,
        "scores": [judge.share(value) for value in values],
        "extra_logs": _columns([judge.numbers(score) for score in found]),
    }
    return _first(answer) if len(found) == 1 else answer


def response_of(query: str, prompt: str) -> str:
    """Cut the prompt off a query; the prompt may have lost its beginning, and leading special tokens may precede it.

    Raises:
        DataError: The end of the prompt isn't there.

    >>> response_of("<s>[INST] 2+2? [/INST]4</s>", "[INST] 2+2? [/INST]")
    '4'
    """
    if prompt and query.startswith(prompt):
        return without_end_tokens(query[len(prompt) :])
    tail = prompt[-LONGEST_TAIL:]
    place = query.find(tail)
    if place < 0:
        raise DataError(
            f"OpenRLHF's query doesn't hold the end of its prompt, {tail[-60:]!r}, so the response can't be cut out. "
            "Does the tokenizer decode the prompt to another text?"
        )
    return without_end_tokens(query[place + len(tail) :])


def _sample(judge: Judge, query: str, prompt: str, label: Any) -> Sample:
    return judge.sample(response_of(query or "", prompt or ""), prompt=prompt, gold=label, row={"label": label})


def _columns(rows: Sequence[dict[str, float]]) -> dict[str, list[float]]:
    return {key: [row[key] for row in rows] for key in (rows[0] if rows else ())}


def _first(answer: dict[str, Any]) -> dict[str, Any]:
    return {key: value[0] if isinstance(value, list) else _first(value) for key, value in answer.items()}
