"""Tables of scored rows made by hand."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from plaudit.look.reading import read_table
from plaudit.look.table import Table


def record(prompt: str, completion: str, parts: dict[str, float | None], **fields: Any) -> dict[str, Any]:
    """A scored row whose total is the sum of its parts."""
    spoken = [value for value in parts.values() if value is not None]
    listed = [
        {"name": name, "weight": 1.0, "value": value, "reason": f"{name} says so"} for name, value in parts.items()
    ]
    value = sum(spoken) if spoken else None
    return {"prompt": prompt, "completion": completion, "value": value, "reason": "", "parts": listed} | fields


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Write records to a file."""

    def to(records: Sequence[dict[str, Any]], name: str = "scored.jsonl") -> Path:
        path = tmp_path / name
        path.write_text("".join(json.dumps(each) + "\n" for each in records), encoding="utf-8")
        return path

    return to


@pytest.fixture
def table(write: Callable[..., Path]) -> Callable[..., Table]:
    """Read records as a table."""
    return lambda records, **options: read_table([str(write(records))], **options)
