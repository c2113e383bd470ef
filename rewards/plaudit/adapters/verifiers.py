"""verifiers and prime-rl: a recipe as a plugged reward or for a Rubric, and their rewards as rewards of ours.

Written against verifiers 0.4.0 (`task`, `trace`; always async) and 0.2.1, whose Rubric fills `prompt`, `completion`,
`answer`, `state`, `info`, `task`, `parser` and the columns by name; a number back. 0.4.0 finds a reward by its path:
`rewards.judge.fn = "plaudit.adapters.verifiers.unsloth"`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from plaudit.adapters.by_name import by_name
from plaudit.adapters.foreign import Foreign, called, name_of_function, needed, resolve
from plaudit.adapters.judge import Judge
from plaudit.protocol import Sample, Spec

GIVEN = ("prompt", "completion", "state", "info", "task", "trace", "parser", "runtime", "self")


async def reward(judge: Judge, task: Any, trace: Any) -> float:
    """Score one trace; flags and parts become its metrics.

    Raises:
        AbstainedError: The reward abstains and there is no fallback, so the trace counts as not scored.
    """
    fields = task.model_dump() if hasattr(task, "model_dump") else vars(task)
    said = trace.root_reply if trace.root_reply is not None else list(trace.assistant_messages)
    score = (await judge.score_async([judge.sample(said, prompt=fields.get("prompt", ""), row=fields)]))[0]
    trace.record_metrics(judge.numbers(score))
    return judge.value(score)


def __getattr__(name: str) -> Any:
    """Return the plugged reward of a recipe by its name: `plaudit.adapters.verifiers.unsloth`."""
    return by_name(__name__, name, plugged_reward)


def plugged_reward(judge: Judge) -> Callable[..., Awaitable[float]]:
    """Return a judge as a reward function of verifiers 0.4, named like the reward."""

    async def function(task: Any, trace: Any) -> float:
        return await reward(judge, task, trace)

    function.__name__ = function.__qualname__ = judge.name
    return function


def rubric_reward(judge: Judge) -> Callable[..., Awaitable[float]]:
    """Return a judge as a reward function of a Rubric (verifiers before 0.4), named like the reward.

    A Rubric makes 0 of whatever a function raises and knows no missing score, so the judge needs a fallback. Flags and
    parts are left in `state["plaudit"]`.

    Raises:
        ConfigError: The judge has no fallback.

    >>> rubric_reward(Judge("unsloth", fallback=0.0)).__name__
    'unsloth'
    """
    judge.needs_fallback("A Rubric")

    async def function(completion: Any, prompt: Any = "", state: Any = None, **given: Any) -> float:
        row = {name: value for name, value in given.items() if name not in GIVEN}
        row = {**(given.get("info") or {}), **row}
        score = (await judge.score_async([judge.sample(completion, prompt=prompt, row=row)]))[0]
        if state is not None:
            state["plaudit"] = judge.numbers(score)
        return judge.value(score)

    function.__name__ = function.__qualname__ = judge.name
    return function


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
