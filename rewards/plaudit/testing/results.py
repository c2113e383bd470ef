"""What a check found, as plain data; the renderers only show it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

Outcome = Literal["passed", "failed", "waived", "not-applicable"]


@dataclass(frozen=True)
class Counterexample:
    """The smallest case found that breaks a law.

    Attributes:
        problem: What happened, in a sentence.
        code: Lines to paste into Python that show it.
        size: How long the case is when written out, in characters.

    >>> Counterexample("pays 1.0 for an empty text", "reward.score([Sample('')])").size
    26
    """

    problem: str
    code: str

    @property
    def size(self) -> int:
        """The length of the code, in characters."""
        return len(self.code)


@dataclass(frozen=True)
class CheckResult:
    """What came of one law, or one attack, on one reward.

    Attributes:
        law: Its slug.
        number: Its number.
        sentence: What it demands.
        outcome: `passed`, `failed`, `waived` (by the reward's own spec), or `not-applicable`.
        note: What was measured, what waived it, or what is missing.
        counterexample: The shrunk case, where it failed.
        reproduce: The command that shows it again.
        seconds: How long the check took.
        kind: `law` or `attack`.
        premium: For an attack: how much more it earns than the best honest answer, with its interval.
    """

    law: str
    number: int
    sentence: str
    outcome: Outcome
    note: str = ""
    counterexample: Counterexample | None = None
    reproduce: str = ""
    seconds: float = 0.0
    kind: Literal["law", "attack"] = "law"
    premium: Premium | None = None

    @property
    def label(self) -> str:
        """How tables and test ids name it."""
        return f"{self.number:02d}-{self.law}" if self.kind == "law" else f"attack-{self.number:02d}-{self.law}"


@dataclass(frozen=True)
class Premium:
    """Best attack minus best honest answer: its mean over tasks, with a 95 % percentile bootstrap over tasks.

    Below zero the attack earns less than honest work.
    """

    mean: float
    low: float
    high: float
    tasks: int

    def __str__(self) -> str:
        return f"{self.mean:+.2f} [{self.low:+.2f}, {self.high:+.2f}] over {self.tasks} tasks"


@dataclass(frozen=True)
class CheckReport:
    """All results for one reward.

    >>> CheckReport("polite", "quick", 0, ()).ok
    True
    """

    reward: str
    profile: str
    seed: int
    results: tuple[CheckResult, ...]
    schema: int = field(default=1)

    @property
    def ok(self) -> bool:
        """No law is broken."""
        return not self.failed

    @property
    def failed(self) -> Sequence[CheckResult]:
        """The broken laws and the attacks that fooled it."""
        return [result for result in self.results if result.outcome == "failed"]

    def count(self, outcome: Outcome) -> int:
        """How many checks ended so."""
        return sum(result.outcome == outcome for result in self.results)

    def to_dict(self) -> dict[str, Any]:
        """The report as plain data."""
        return asdict(self) | {"ok": self.ok}

    def __iter__(self) -> Iterator[CheckResult]:
        return iter(self.results)
