"""What a library's error means for the run: a full disk, a card that others use. Any other error stays as it is."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from plaudit.errors import PlauditError

ENGINE = {
    "Error in memory profiling": "another process on the card freed memory while the engine measured what is free. "
    "Start one engine at a time on a card, and go on",
    "Free memory on device": "others hold the card's memory. End them or lower vllm_memory, and go on",
}
"""What vLLM 0.25.1 says in `v1/worker/` (`gpu_worker.py`, `utils.py`) as its engine starts, and what it means."""


@contextmanager
def explaining(path: Path, least_bytes: int = 2**20) -> Iterator[None]:
    """Say in one message what has stopped a run, where that is known, and that nothing is lost.

    Args:
        path: The run folder.
        least_bytes: With less than this left on its disk, whatever failed is put down to that.

    Raises:
        PlauditError: The disk is full, or vLLM's engine can't start beside what else is on the card.
    """
    try:
        yield
    except PlauditError:
        raise
    except Exception as error:
        if cause := _disk(error, path, least_bytes) or _engine(error):
            raise PlauditError(f"{cause} with the same command and --resume.") from error
        raise


def _disk(error: Exception, path: Path, least_bytes: int) -> str:
    free = shutil.disk_usage(path).free if path.exists() else least_bytes
    if free >= least_bytes:
        return ""
    return (
        f"The disk of {path} is full ({free // 1024} KB left), and writing failed: {_first_line(error)}. What was "
        "written before is whole: make room, and go on"
    )


def _engine(error: Exception) -> str:
    means = next((means for says, means in ENGINE.items() if says in str(error)), "")
    return f"vLLM's engine did not start ({_first_line(error)}): {means}" if means else ""


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:200]
