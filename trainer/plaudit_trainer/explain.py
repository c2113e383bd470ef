"""What a library's error means for a run or an evaluation: a full disk, an engine that can't start."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from plaudit.errors import PlauditError

TOO_LITTLE = (
    "Less memory is free than vllm_memory asks for, and what this process holds itself counts: end what else runs "
    "there, or set a lower vllm_memory."
)
ENGINE = {
    "Error in memory profiling": "Another process on the card freed memory while vLLM measured what is free: start one "
    "engine at a time on a card.",
    "Free memory on device": TOO_LITTLE,
    "Available memory on node": TOO_LITTLE,
    "Engine core initialization failed": "Its own process has said why, further up.",
}
"""What vLLM says in `v1/worker/` and `v1/engine/utils.py`, 0.25.1 on a card and 0.32.0 on a CPU, and what it means."""
RESUME = " What was written before is whole; the same command with --resume goes on."


@contextmanager
def explaining(run: Path | None = None, least_bytes: int = 2**20) -> Iterator[None]:
    """Say in one message what has stopped the work, where that is known; any other error stays as it is.

    Args:
        run: The run folder, which can be resumed; None where nothing can.
        least_bytes: With less than this left on its disk, whatever failed is put down to that.

    Raises:
        PlauditError: The disk is full, or vLLM's engine can't start.
    """
    try:
        yield
    except PlauditError:
        raise
    except Exception as error:
        if cause := _disk(error, run, least_bytes) or _engine(error):
            raise PlauditError(cause + RESUME * (run is not None)) from error
        raise


def _disk(error: Exception, run: Path | None, least_bytes: int) -> str:
    free = shutil.disk_usage(run).free if run is not None and run.exists() else least_bytes
    if free >= least_bytes:
        return ""
    said = (str(error).splitlines() or [type(error).__name__])[0][:200]
    return f"The disk of {run} is full ({free // 1024} KB left), and writing failed: {said}. Make room first."


def _engine(error: Exception) -> str:
    for says, means in ENGINE.items():
        _, found, rest = str(error).partition(says)
        if found:
            sentence = (says + rest).splitlines()[0].partition(". ")[0].rstrip(".")
            return f"vLLM's engine did not start ({sentence}). {means}"
    return ""
