"""What a run did, made visible: tables for the terminal and one self-contained HTML page."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["write_report"]


def write_report(run: Path, out: Path | None = None) -> Path:
    """Write the HTML page of a run folder and return its path.

    The page needs no network and no other file. Whatever the run lacks (no supervised stage, no evaluation yet, a
    half-written last line) is named on the page, and is never a reason to fail.

    Args:
        run: The folder that the trainer wrote, or a file of scored completions (JSONL).
        out: Where the page goes; `report.html` in the run folder, or beside the file, where it isn't given.

    Raises:
        DataError: There is no such run, or nothing in it can be shown.
        PlauditError: The `report` extra isn't installed.

    >>> import json, tempfile
    >>> from pathlib import Path
    >>> folder = Path(tempfile.mkdtemp())
    >>> _ = (folder / "metrics.jsonl").write_text('{"stage": "grpo", "step": 1, "reward": 4.0}')
    >>> write_report(folder).name
    'report.html'
    """
    from plaudit.report.page import write
    from plaudit.report.run import read_run

    return write(read_run(run), out)
