"""A reward as trainers hold it: found by name on first use, asked within a deadline, answered in plain numbers.

Every adapter is a thin shape around this. What it settles once for all of them: which column the trainer's gold fills,
what becomes of a completion on which the reward abstains, which numbers are logged beside the reward, and when a reward
is broken rather than silent.
"""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, NoReturn

from plaudit.adapters.deadline import score_in_time
from plaudit.adapters.foreign import gold_column
from plaudit.adapters.keys import Itself, key_of
from plaudit.adapters.streak import Streak
from plaudit.composite import as_reward, at_step
from plaudit.engines import inline
from plaudit.engines.hooks import after, before
from plaudit.errors import ConfigError, RewardError
from plaudit.failures import has_failed
from plaudit.protocol import Reward, Sample, Score

logger = logging.getLogger("plaudit")

ABSTAINED = "plaudit/abstained"
FAILED = "plaudit/failed"


class AbstainedError(RewardError):
    """A completion on which the reward abstains, for trainers that leave out what raises."""


@dataclass(frozen=True)
class Judge:
    """A reward or recipe, and how a trainer wants it answered; pickles as its settings, loads when first asked.

    Attributes:
        source: A recipe's name or file, a registered reward's name, `module:object`, or the reward itself.
        fallback: What a completion is worth on which the reward abstains; None where the trainer can leave it out.
        gold: The column that the trainer's one gold fills; None finds it among those that the reward reads.
        deadline_seconds: How long one completion may take; past it the process that scores it is killed and replaced,
            and it abstains as failed. A group that the reward compares has the deadlines of its rows together.

    Raises:
        ConfigError: A fallback or deadline that is no finite number.

    >>> judge = Judge("answer-match", fallback=-1.0)
    >>> sample = judge.sample("<SOLUTION>4</SOLUTION>", gold="")
    >>> judge.value(judge.score([sample])[0])
    -1.0
    """

    source: Any
    fallback: float | None = None
    gold: str | None = None
    deadline_seconds: float | None = None

    def __post_init__(self) -> None:
        if self.fallback is not None and not _finite(self.fallback):
            raise ConfigError(f"fallback={self.fallback!r}: give a finite number, or None.")
        if self.deadline_seconds is not None and not (_finite(self.deadline_seconds) and self.deadline_seconds > 0):
            raise ConfigError(f"deadline_seconds={self.deadline_seconds!r}: give a number above 0, or None.")

    def __hash__(self) -> int:
        return hash((key_of(self.source), self.fallback, self.gold, self.deadline_seconds))

    @property
    def reward(self) -> Any:
        """The reward, loaded once per process."""
        return _loaded(key_of(self.source))

    @property
    def name(self) -> str:
        """The reward's name, for logs."""
        return str(self.reward.spec.name)

    def sample(
        self,
        completion: Any,
        *,
        prompt: Any = "",
        gold: Any = None,
        row: Mapping[str, Any] | None = None,
        group: Hashable = None,
    ) -> Sample:
        """Make a sample of what a trainer gives; its gold goes before a column of the row that has the same name."""
        columns = dict(row or {})
        reads = self.reward.spec.reads
        name = self.gold or gold_column(reads) or (reads[0] if len(reads) == 1 else None)
        if gold is not None and name is not None:
            columns[name] = gold
        return Sample(completion, prompt, columns, group)

    def score(self, batch: Sequence[Sample], step: int | None = None) -> list[Score]:
        """Score a batch at a training step, each completion within its deadline.

        Raises:
            DataError: A column that the reward reads is missing.
            RewardError: The reward fails whatever it is asked.
            ConfigError: There is a deadline, and the reward can't be sent to the processes that keep it.
        """
        reward = self.reward if step is None else at_step(self.reward, step)
        if step is None:
            _warn_of_schedule(key_of(self.source))
        scores: list[Score]
        if self.deadline_seconds is None:
            scores = inline.score(reward, batch)
        else:
            before(reward, batch)
            scores = score_in_time(self.source, self.reward, batch, self.deadline_seconds, step)
            after(reward, batch, scores)
        _streak(self).take(self.reward.spec, batch, scores)
        return scores

    async def score_async(self, batch: Sequence[Sample], step: int | None = None) -> list[Score]:
        """Score a batch in a thread, so that the event loop goes on meanwhile."""
        return await asyncio.to_thread(self.score, batch, step)

    def value(self, score: Score) -> float:
        """Return a score's value, or the fallback where it abstains.

        Raises:
            AbstainedError: It abstains, and no fallback was given.
        """
        if score.value is not None:
            return float(score.value)
        if self.fallback is None:
            raise AbstainedError(f"{self.name!r} abstains and has no fallback: {score.reason}")
        return float(self.fallback)

    def numbers(self, score: Score) -> dict[str, float]:
        """Return what is logged beside the reward: finite numbers, the same keys for every completion.

        An abstaining part counts 0 there, so that its mean over those that spoke is mean / (1 − abstained).

        >>> Judge("unsloth", fallback=0.0).numbers(Score(None))["plaudit/abstained"]
        1.0
        """
        silent = score.value is None
        row = {ABSTAINED: float(silent), FAILED: float(silent and has_failed(score))}
        said = dict(part_values(score))
        for path in part_paths(self.source):
            value = said.get(path)
            row[f"plaudit/{path}"] = 0.0 if value is None else float(value)
            row[f"plaudit/{path}/abstained"] = float(value is None)
        return row

    def share(self, value: float) -> float:
        """Return how right a value is, from 0 to 1: 1 from the value that means "right" on, 0 below it.

        Where no value means that, it is the value's place between the reward's least and greatest.

        >>> Judge("answer-match").share(5.0), Judge("unsloth").share(-100.0)
        (1.0, 0.0)
        """
        spec = self.reward.spec
        if spec.accept_at is not None:
            return float(value >= spec.accept_at)
        span = spec.high - spec.low
        return min(max((value - spec.low) / span, 0.0), 1.0) if span else 1.0

    def needs_fallback(self, trainer: str) -> Judge:
        """Return the judge, if it can answer a trainer that knows no missing score.

        Raises:
            ConfigError: It has no fallback.
        """
        if self.fallback is None:
            raise ConfigError(
                f"{trainer} can't leave a completion out, so say what one is worth on which the reward abstains: "
                f"fallback=0.0, for instance. Such completions are flagged {ABSTAINED}=1."
            )
        return self

    def refuse(self, why: str) -> NoReturn:
        """Refuse a reward that a trainer can't use.

        Raises:
            ConfigError: Always, with the reason.
        """
        raise ConfigError(f"{why} Choose another recipe, or another trainer's adapter.")


def judge_of(
    source: str | Reward,
    *,
    fallback: float | None = None,
    gold: str | None = None,
    deadline_seconds: float | None = None,
) -> Judge:
    """Return a judge; the trainer's configuration may hold its numbers as texts.

    Raises:
        ConfigError: No source, or a number that isn't one.
    """
    if not source:
        raise ConfigError("Say what judges: recipe=NAME, a recipe's name or file, or a reward's name.")
    return Judge(source, _number("fallback", fallback), gold, _number("deadline_seconds", deadline_seconds))


def part_values(score: Score, prefix: str = "") -> list[tuple[str, float | None]]:
    """Return the values of all parts of a score, by path.

    >>> from plaudit import Part
    >>> part_values(Score(1.0, parts=(Part("a", 1.0, Score(1.0)),)))
    [('a', 1.0)]
    """
    found: list[tuple[str, float | None]] = []
    for part in score.parts:
        found += [(prefix + part.name, part.value), *part_values(part.score, f"{prefix}{part.name}/")]
    return found


def part_paths(source: Any) -> tuple[str, ...]:
    """Return the paths of a reward's parts, which don't depend on what is scored.

    >>> part_paths("unsloth")[0]
    'format-exact'
    """
    return _part_paths(key_of(source))


@cache
def _part_paths(key: Any) -> tuple[str, ...]:
    from plaudit.tree import tree_of

    return tuple(path for path, _ in tree_of(_loaded(key)).walk())


@cache
def _loaded(key: Any) -> Any:
    from plaudit.targets import find_target

    source = key.reward if isinstance(key, Itself) else key
    return as_reward(find_target(source) if isinstance(source, str) else source)


@cache
def _warn_of_schedule(key: Any) -> None:
    """Say once that a schedule stands still, where a trainer passes no step."""
    reward = _loaded(key)
    if at_step(reward, 0) != at_step(reward, 1):
        logger.warning("Reward %r has a schedule, which stands at step 0: the trainer tells no step.", reward.spec.name)


@cache
def _streak(judge: Judge) -> Streak:  # noqa: ARG001 - the key under which it is kept
    return Streak()


def _finite(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def _number(name: str, given: Any) -> float | None:
    if given is None or not isinstance(given, str):
        return given
    try:
        return float(given)
    except ValueError:
        raise ConfigError(f"{name}={given!r} is no number.") from None
