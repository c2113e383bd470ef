"""Math-Verify as a registered reward, `math-verify`; it is there when Math-Verify is installed.

Written against math-verify 0.9.0. Its own time limits are signals, which fail outside the main thread, where trainers
call: they are switched off. It is asked in a process of its own, which is killed and replaced when a completion takes
longer than `SECONDS`; that completion abstains as failed.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from plaudit.adapters.deadline import score_in_time
from plaudit.algebra import Algebra
from plaudit.functions import reward
from plaudit.protocol import Sample, Score, Spec

SECONDS = 5.0

for _module in ("parser", "grader"):  # each new process would advise to keep time some other way, which is done here
    logging.getLogger(f"math_verify.{_module}").addFilter(lambda said: "Timeout is disabled" not in said.getMessage())


@reward(low=0.0, high=1.0, accept_at=1.0, name="math-verify")
def verdict(completion: str, answer: str) -> float | None:
    """Math-Verify's verdict on the completion, for as long as it takes."""
    from math_verify import parse, verify

    gold = parse(f"${answer}$", parsing_timeout=None) or parse(answer, parsing_timeout=None)
    if not gold:
        return None
    return float(verify(gold, parse(completion, parsing_timeout=None), timeout_seconds=None))


@dataclass(frozen=True)
class MathVerify(Algebra):
    """Math-Verify's verdict on the completion; it abstains where Math-Verify can't read the gold."""

    foreign = True

    @property
    def spec(self) -> Spec:
        """What pays is Math-Verify's own."""
        return verdict.spec

    def score(self, batch: Sequence[Sample], /) -> list[Score]:
        """Ask Math-Verify about each sample, within the deadline."""
        return score_in_time(verdict, verdict, batch, SECONDS)


math_verify = MathVerify()
