"""What a law works with: the reward, its tasks, the budget, and the search for a counterexample."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Any, NamedTuple, TypeVar

from hypothesis import HealthCheck, Phase, Verbosity, given, settings
from hypothesis import seed as seeded
from hypothesis.errors import Flaky, Unsatisfiable
from hypothesis.strategies import SearchStrategy

from plaudit.composite import Adopted, as_reward
from plaudit.errors import DataError
from plaudit.failures import FAILED
from plaudit.formats import Format
from plaudit.protocol import Reward, Sample, Score, Spec
from plaudit.testing import strategies
from plaudit.testing.law import NotApplicableError
from plaudit.testing.profiles import PROFILES, Budget, Profile
from plaudit.testing.results import Counterexample
from plaudit.testing.tasks import Task, format_of
from plaudit.testing.writing import scoring

Example = TypeVar("Example")

QUIET = (
    HealthCheck.too_slow,
    HealthCheck.data_too_large,
    HealthCheck.large_base_example,
    HealthCheck.filter_too_much,
    HealthCheck.nested_given,
)


SLOW_LEAST = 5
"""Characters of a slow text that is taken for slow inside another; shorter ones, such as 42, are everywhere."""


class Raised(NamedTuple):
    """Stands where a value would, when the reward raised on that row, or had to be stopped on it.

    >>> Raised("ValueError", "no number").said, Raised("ran past its deadline of 5 s", "").said
    ('raises ValueError: no number', 'fails: ran past its deadline of 5 s')
    """

    error: str
    message: str

    @property
    def said(self) -> str:
        """What it did, as a person reads it."""
        return f"raises {self.error}: {self.message[:200]}" if self.message else f"fails: {self.error}"

    def __repr__(self) -> str:
        return f"<raises {self.error}>"


class Rehearsal(NamedTuple):
    """What is known of a reward's time before the checks begin.

    Attributes:
        stall: A text that it never finishes.
        slow: The texts that take it seconds, and how many.
    """

    stall: Counterexample | None = None
    slow: Mapping[str, float] = MappingProxyType({})


class _FoundError(Exception):
    """Ends one run of a property: this case breaks the law."""


@dataclass(frozen=True)
class Context:
    """A reward under test.

    Attributes:
        reward: The reward, as its author wrote it.
        tasks: The tasks for the laws of meaning; may be empty.
        target: Python that makes the reward, for the examples.
        name: What the command line calls it.
        invocation: The command that checks it, without the program's name; `check NAME` unless given.
        profile: The budget.
        seed: Hypothesis draws the same cases for the same seed.
    """

    reward: Reward
    tasks: tuple[Task, ...] = ()
    target: str = "..."
    name: str = ""
    profile: Profile = field(default_factory=lambda: PROFILES["quick"])
    seed: int = 0
    invocation: str = ""

    @cached_property
    def plain(self) -> Reward:
        """The reward without the wrapper that gives strangers our operators."""
        return self.reward.inner if isinstance(self.reward, Adopted) else self.reward

    @cached_property
    def full(self) -> Any:
        """The reward with the operators and the trainer's call."""
        return as_reward(self.reward)

    @property
    def spec(self) -> Spec:
        """The facts about the reward."""
        return self.reward.spec

    @cached_property
    def form(self) -> Format | None:
        """The format that it reads, where it is known."""
        return format_of(self.reward) or (self.tasks[0].form if self.tasks else None)

    @cached_property
    def reads_gold(self) -> bool:
        """It reads the tasks' gold, so it judges answers."""
        return bool(self.tasks) and self.tasks[0].column in self.spec.reads

    @cached_property
    def judges_shape(self) -> bool:
        """It reads no gold but has a format, so it judges shapes."""
        return bool(self.tasks) and not self.reads_gold

    @cached_property
    def rehearsal(self) -> Rehearsal:
        """What ordinary and short texts cost, found out where the reward can be killed."""
        from plaudit.testing.laws.times import rehearse

        return rehearse(self)

    @property
    def stall(self) -> Counterexample | None:
        """An ordinary or short text that the reward never finishes, if there is one: it would stall any check."""
        return self.rehearsal.stall

    @property
    def slow(self) -> Mapping[str, float]:
        """The texts that take the reward seconds, and how many: no check could ask for them again and again."""
        return self.rehearsal.slow

    def is_quick(self, sample: Sample) -> bool:
        """It isn't a text that is known to be slow, and doesn't hold one of more than a word."""
        return not any(text == sample.text or (len(text) >= SLOW_LEAST and text in sample.text) for text in self.slow)

    def command(self, law: str) -> str:
        """The command that shows a broken law again."""
        extra = "" if self.seed == 0 else f" --seed {self.seed}"
        extra += "" if self.profile.name == "quick" else f" --profile {self.profile.name}"
        return f"plaudit {self.invocation or f'check {self.name or self.spec.name}'} --law {law}{extra}"

    def need_tasks(self, least: int = 1) -> tuple[Task, ...]:
        """Return the tasks, or say that there are too few."""
        if len(self.tasks) < least:
            raise NotApplicableError("needs tasks: give tasks=[Task(…)], or register them under plaudit.tasks")
        return self.tasks

    def need_gold(self, least: int = 1) -> tuple[Task, ...]:
        """Return the tasks of a reward that judges answers."""
        found = self.need_tasks(least)
        if not self.reads_gold:
            raise NotApplicableError(f"the reward doesn't read the gold ({found[0].column!r})")
        return found

    def need_accept(self) -> float:
        """Return the value that means right, or say that there is none."""
        if self.spec.accept_at is None:
            raise NotApplicableError("its spec has no accept_at: no value means right")
        return self.spec.accept_at

    def samples(self, completion: SearchStrategy[Any] | None = None) -> SearchStrategy[Sample]:
        """Draw samples that this reward can be asked about."""
        drawn = strategies.samples(self.tasks, self.spec.reads, completion)
        return drawn.filter(self.is_quick) if self.slow else drawn

    def batches(self, min_size: int = 0, max_size: int = 5) -> SearchStrategy[list[Sample]]:
        """Draw batches that this reward can be asked about."""
        return strategies.batches(self.samples(), min_size, max_size)

    def values(self, batch: Sequence[Sample], reward: Reward | None = None) -> list[Any]:
        """Score a batch: numbers, None, or `Raised`, one each; never raises because of the reward."""
        return self.values_of(list(batch), reward)

    def values_of(self, batch: list[Sample], reward: Reward | None = None) -> list[Any]:
        """Score this very list, which the reward may spoil."""
        asked, samples = self.plain if reward is None else reward, tuple(batch)
        try:
            scores = list(asked.score(batch))
        except DataError:
            raise
        except Exception as error:  # noqa: BLE001 - the law `total` judges what a reward raises
            if len(samples) <= 1 or self.spec.coupled:
                return [Raised(type(error).__name__, str(error))] * len(samples)
            return [self.values([sample], reward)[0] for sample in samples]
        if len(scores) != len(samples):
            return [Raised("WrongLength", f"{len(scores)} scores for {len(samples)} samples")] * len(samples)
        return [_outcome(score) for score in scores]

    def value(self, sample: Sample) -> Any:
        """Score one sample."""
        found = self.values([sample])
        return found[0] if found else None

    def raw(self, batch: Sequence[Sample]) -> list[Any]:
        """Return what the reward's own code returns, before our types refuse it."""
        ask, samples = getattr(self.plain, "raw", None), tuple(batch)
        try:
            return list(ask(batch) if ask else self.plain.score(batch))
        except Exception as error:  # noqa: BLE001 - the law `total` judges what a reward raises
            if len(samples) <= 1 or self.spec.coupled:
                return [Raised(type(error).__name__, str(error))] * len(samples)
            return [item for sample in samples for item in self.raw([sample])]

    def odd(self, error: Exception) -> Counterexample:
        """Turn an error of a check itself into its finding: the reward does what no check expects."""
        code = f"reward = {self.target}"
        return Counterexample(f"makes the check itself fail: {type(error).__name__}: {error}", code)

    def accepts(self, value: Any) -> bool:
        """The value means "right"."""
        return isinstance(value, (int, float)) and value >= self.need_accept()

    def falsify(
        self,
        strategy: SearchStrategy[Example],
        broken: Callable[[Example], str | None],
        code: Callable[[Example], str],
        share: float = 1.0,
        surely: Iterable[Example] = (),
    ) -> Counterexample | None:
        """Search for a case that breaks a law, and shrink it.

        `broken` says what is wrong with a case, or nothing; `code` writes the case as Python. What is tried `surely`
        comes after the search, whose cases are smaller, and needs no luck.
        """
        found = search(strategy, broken, self.profile, self.seed, share) or one_by_one(surely, broken, self.profile)
        return None if found is None else Counterexample(found[1], code(found[0]))

    def shown(self, *batches: Sequence[Sample]) -> str:
        """Write the lines that score these batches."""
        return scoring(self.target, *batches)


def search(
    strategy: SearchStrategy[Example],
    broken: Callable[[Example], str | None],
    profile: Profile,
    seed: int,
    share: float = 1.0,
) -> tuple[Example, str] | None:
    """Run a Hypothesis property within a budget; return the smallest case that breaks it, and what is wrong there.

    Once the time is up every case passes, so that Hypothesis stops looking and shrinking by itself.
    """
    found: list[tuple[Example, str]] = []
    budget = Budget(profile.seconds)

    def run(example: Example) -> None:
        if budget.spent():
            return
        problem = broken(example)
        if problem:
            found.append((example, problem))
            raise _FoundError

    wrapped = settings(
        max_examples=max(1, round(profile.examples * share)),
        deadline=None,
        database=None,
        derandomize=False,
        print_blob=False,
        report_multiple_bugs=False,
        verbosity=Verbosity.quiet,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=QUIET,
    )(given(strategy)(run))
    try:
        seeded(seed)(wrapped)()
    except (_FoundError, Flaky):
        if not found:
            raise
        return min(reversed(found), key=lambda case: len(repr(case[0])))
    except Unsatisfiable:
        return None
    return None


def one_by_one(
    cases: Iterable[Example], broken: Callable[[Example], str | None], profile: Profile
) -> tuple[Example, str] | None:
    """Try given cases within a budget; return the first that breaks the law, and what is wrong there."""
    budget = Budget(profile.seconds)
    for case in cases:
        if problem := broken(case):
            return case, problem
        if budget.spent():
            break
    return None


def same(left: Any, right: Any) -> bool:
    """Two outcomes are equal: both abstain, both raise the same error, or equal numbers but for rounding."""
    if isinstance(left, Raised) or isinstance(right, Raised):
        return isinstance(left, Raised) and isinstance(right, Raised) and left.error == right.error
    if isinstance(left, (int, float)) and isinstance(right, (int, float)):
        return math.isclose(left, right, rel_tol=1e-9, abs_tol=1e-9) or (left != left and right != right)
    return bool(left == right)


def all_same(left: Sequence[Any], right: Sequence[Any]) -> bool:
    """Two lists of outcomes are equal, one by one."""
    return len(left) == len(right) and all(map(same, left, right))


def _outcome(score: Any) -> Any:
    if isinstance(score, Score) and score.reason.startswith(FAILED):
        error, _, message = score.reason.removeprefix(FAILED).partition("\n")[0].partition(": ")
        return Raised(error, message)
    return score.value if isinstance(score, Score) else score
