"""Rewards written for verifiers, as rewards of ours: functions of one rollout, with arguments filled by name.

Written against verifiers 0.2.1 (`prompt`, `completion`, `answer`, `state`, `info`, `task`, `parser`, the columns)
and 0.4.0 (`task`, `trace`; always async); a number back.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from plaudit.adapters.foreign import Foreign, called, name_of_function, needed, resolve
from plaudit.protocol import Sample, Spec

GIVEN = ("prompt", "completion", "state", "info", "task", "trace", "parser", "runtime", "self")


@dataclass(frozen=True)
class VerifiersReward(Foreign):
    """A verifiers reward function."""

    def raw(self, batch: Sequence[Sample]) -> list[Any]:
        """Call it as a Rubric does, once per sample."""
        return [called(self.function, _arguments(sample)) for sample in batch]


def _arguments(sample: Sample) -> dict[str, Any]:
    row = dict(sample.columns)
    chat = sample.completion if isinstance(sample.completion, list) else [{"role": "assistant", "content": sample.text}]
    return {
        "prompt": [{"role": "user", "content": sample.prompt_text}],
        "completion": chat,
        "state": {"prompt": sample.prompt, "completion": chat, **row},
        "info": {},
        "task": SimpleNamespace(prompt=sample.prompt_text, **row),
        "trace": SimpleNamespace(last_reply=sample.text, transcript=sample.text),
        "parser": None,
        **row,
    }


def from_verifiers(
    function: Callable[..., Any] | str,
    *,
    low: float = 0.0,
    high: float = 1.0,
    accept_at: float | None = 1.0,
    reads: Sequence[str] | None = None,
) -> VerifiersReward:
    """Wrap a verifiers reward function, or the one that `module:function` names; async ones are awaited.

    The columns are read off its signature; one that names none reads `answer`, unless `reads` says otherwise.

    >>> async def exact(task, trace):
    ...     return float(trace.last_reply == task.answer)
    >>> from_verifiers(exact).score([Sample("4", columns={"answer": "4"})])[0].value
    1.0
    """
    found = resolve(function)
    columns = tuple(reads) if reads is not None else needed(found, GIVEN) or ("answer",)
    return VerifiersReward(found, Spec(name_of_function(found), low, high, columns, accept_at))
