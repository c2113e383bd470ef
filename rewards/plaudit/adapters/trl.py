"""TRL and Unsloth: a recipe by name as a reward function, and TRL's reward functions as rewards of ours.

Written against TRL 1.16.0 and 1.15.0: `prompts`, `completions`, `completion_ids`, every dataset column,
`trainer_state`, `log_extra` and `log_metric` by keyword; a list of numbers or None back. A reward of ours needs no
adapter there; this one is for dotted paths (`plaudit.adapters.trl.unsloth`), a deadline, a fallback and `async def`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from plaudit.adapters.by_name import by_name
from plaudit.adapters.foreign import Foreign, name_of_function, needed, resolve, settled
from plaudit.adapters.judge import ABSTAINED, FAILED, Judge
from plaudit.protocol import Sample, Score, Spec
from plaudit.trainer_call import log_parts, samples_from_lists

GIVEN = ("prompts", "completions", "completion_ids", "trainer_state", "log_extra", "log_metric", "environments")


def rewards(judge: Judge, prompts: Any, completions: Any, columns: Mapping[str, Any]) -> list[float | None]:
    """Score one call of the trainer: a number or None per completion; the judge's fallback stands for None.

    >>> rewards(Judge("answer-match"), None, ["2 + 2<end_working_out><SOLUTION>4</SOLUTION>"], {"answer": ["4"]})
    [5.0]
    """
    samples, step = _asked(judge, prompts, completions, columns)
    return _told(judge, judge.score(samples, step), columns)


async def rewards_async(judge: Judge, prompts: Any, completions: Any, columns: Mapping[str, Any]) -> list[float | None]:
    """Score one call of the trainer in a thread, while its event loop goes on."""
    samples, step = _asked(judge, prompts, completions, columns)
    return _told(judge, await judge.score_async(samples, step), columns)


def __getattr__(name: str) -> Any:
    """Return the reward function of a recipe or reward by its name: `plaudit.adapters.trl.unsloth`."""
    return by_name(__name__, name, reward_function)


def reward_function(judge: Judge) -> Callable[..., list[float | None]]:
    """Return a judge as a TRL reward function, named like the reward.

    >>> reward_function(Judge("unsloth")).__name__
    'unsloth'
    """

    def function(prompts: Any = None, completions: Any = None, **columns: Any) -> list[float | None]:
        return rewards(judge, prompts, completions, columns)

    function.__name__ = function.__qualname__ = judge.name
    return function


def _asked(judge: Judge, prompts: Any, completions: Any, columns: Mapping[str, Any]) -> tuple[list[Sample], int | None]:
    step = getattr(columns.get("trainer_state"), "global_step", None)
    samples = samples_from_lists(prompts, completions, columns, reads=judge.reward.spec.reads)
    return samples, None if step is None else int(step)


def _told(judge: Judge, scores: Sequence[Score], columns: Mapping[str, Any]) -> list[float | None]:
    log_metric = columns.get("log_metric")
    log_parts(scores, log_metric, columns.get("log_extra"))
    if log_metric is not None and scores:
        numbers = [judge.numbers(score) for score in scores]
        for key in (ABSTAINED, FAILED):
            log_metric(key, sum(row[key] for row in numbers) / len(numbers))
    return [score.value if score.value is not None else judge.fallback for score in scores]


class State:
    """As much of a trainer's state as a reward may look at."""

    global_step = 0


@dataclass(frozen=True)
class TrlReward(Foreign):
    """A TRL reward function; with `conversational`, it is called with message lists only."""

    conversational: bool = False

    def raw(self, batch: Sequence[Sample]) -> list[Any]:
        """Call it as GRPOTrainer does."""
        names = dict.fromkeys([*self.spec.reads, *(name for sample in batch for name in sample.columns)])
        lists = {name: [sample.columns.get(name) for sample in batch] for name in names}
        found = self.function(
            prompts=[self._chat(sample.prompt, "user") for sample in batch],
            completions=[self._chat(sample.completion, "assistant") for sample in batch],
            **{"completion_ids": [[0]] * len(batch), "trainer_state": State(), "log_extra": _log, "log_metric": _log}
            | lists,
        )
        return list(settled(found))

    def _chat(self, content: Any, role: str) -> Any:
        if self.conversational and isinstance(content, str):
            return [{"role": role, "content": content}]
        return [content] if isinstance(content, dict) else content  # a trainer passes no message outside a list


def _log(name: str, value: Any) -> None:
    """Take what a reward logs, and drop it."""


def from_trl(
    function: Callable[..., Any] | str,
    *,
    low: float = 0.0,
    high: float = 1.0,
    accept_at: float | None = 1.0,
    conversational: bool | None = None,
) -> TrlReward:
    """Wrap a TRL reward function, or the one that `module:function` names.

    Its columns are read off its signature. Where `conversational` is not given, it is found out with one call: a
    function that raises for plain text and doesn't for messages is called with messages.

    >>> def exact(completions, solution, **kwargs):
    ...     return [float(text == gold) for text, gold in zip(completions, solution)]
    >>> from_trl(exact).score([Sample("4", columns={"solution": "4"})])[0].value
    1.0
    """
    found = resolve(function)
    spec = Spec(name_of_function(found), low, high, needed(found, GIVEN), accept_at)
    plain, chat = TrlReward(found, spec), TrlReward(found, spec, conversational=True)
    if conversational is None:
        conversational = not _runs(plain) and _runs(chat)
    return chat if conversational else plain


def _runs(reward: TrlReward) -> bool:
    try:
        reward.raw([Sample("The answer is 4.", "What is 2 + 2?", dict.fromkeys(reward.spec.reads, "4"))])
    except Exception:  # noqa: BLE001 - a stranger's function: the one question is whether it takes this shape
        return False
    return True
