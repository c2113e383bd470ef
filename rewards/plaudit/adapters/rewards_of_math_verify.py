"""Math-Verify as a registered reward, `math-verify`; it is there when Math-Verify is installed.

Written against math-verify 0.9.0. Its own time limits are signals, which fail outside the main thread, where trainers
call: they are switched off, and a call that takes longer than `SECONDS` abstains as failed.
"""

from __future__ import annotations

from plaudit.adapters.deadline import within
from plaudit.functions import reward

SECONDS = 5.0


@reward(low=0.0, high=1.0, accept_at=1.0, name="math-verify")
def math_verify(completion: str, answer: str) -> float | None:
    """Math-Verify's verdict on the completion; it abstains where Math-Verify can't read the gold."""
    return within(SECONDS, lambda: _verdict(completion, answer))


def _verdict(completion: str, answer: str) -> float | None:
    from math_verify import parse, verify

    gold = parse(f"${answer}$", parsing_timeout=None) or parse(answer, parsing_timeout=None)
    if not gold:
        return None
    return float(verify(gold, parse(completion, parsing_timeout=None), timeout_seconds=None))
