"""What a row gets whose scoring had to be stopped, and how a worker is stopped."""

from __future__ import annotations

import os
import signal
from contextlib import suppress

from plaudit.failures import FAILED
from plaudit.protocol import Score


def overdue(seconds: float, rows: int) -> Score:
    """Return the score of a row that ran past its deadline, or whose group did.

    >>> overdue(2.0, 1).reason
    'failed: ran past its deadline of 2 s and was stopped'
    """
    whose = "its deadline" if rows == 1 else f"the deadline of its group of {rows} rows, {seconds * rows:g} s at"
    return Score(None, f"{FAILED}ran past {whose} of {seconds:g} s{'' if rows == 1 else ' a row'} and was stopped")


def died(exit_code: int | None, rows: int) -> Score:
    """Return the score of a row on which two workers died, the second while it was alone there.

    >>> died(-9, 1).reason
    'failed: its worker died on it, and another after that (killed by SIGKILL)'
    """
    whose = "it" if rows == 1 else f"its group of {rows} rows"
    return Score(None, f"{FAILED}its worker died on {whose}, and another after that ({cause_of(exit_code)})")


def cause_of(exit_code: int | None) -> str:
    """Say how a process ended.

    >>> cause_of(-11), cause_of(3)
    ('killed by SIGSEGV', 'exit code 3')
    """
    if exit_code is None or exit_code >= 0:
        return f"exit code {exit_code}"
    with suppress(ValueError):
        return f"killed by {signal.Signals(-exit_code).name}"
    return f"killed by signal {-exit_code}"


def kill_group(process_id: int) -> None:
    """Kill a worker with all that it started; where there are no groups, the worker alone is killed elsewhere."""
    with suppress(AttributeError, ProcessLookupError, PermissionError):
        os.killpg(process_id, signal.SIGKILL)


def is_circumstantial(score: Score) -> bool:
    """Whether a row failed for want of time or memory, so that it might not fail again.

    >>> is_circumstantial(overdue(2.0, 1)), is_circumstantial(Score(None, "failed: KeyError: 'x'"))
    (True, False)
    """
    first_line = score.reason.partition("\n")[0]
    signs = (f"{FAILED}ran past", f"{FAILED}its worker died")
    return first_line.startswith(signs) or (first_line.startswith(FAILED) and "MemoryError" in first_line)
