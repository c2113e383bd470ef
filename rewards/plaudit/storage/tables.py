"""Rows of Parquet and Arrow files, a bounded number at a time."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from plaudit.errors import DataError
from plaudit.storage.needs import needed

ENDINGS = (".parquet", ".arrow", ".feather")

ROWS_AT_A_TIME = 1024


def is_table(path: Path) -> bool:
    """Whether a file holds columns, by its ending.

    >>> is_table(Path("completions_00010.parquet")), is_table(Path("run.jsonl"))
    (True, False)
    """
    return path.suffix in ENDINGS


def table_rows(path: Path) -> Iterator[tuple[dict[str, Any], int]]:
    """Give each row of a Parquet or Arrow file, with its share of the bytes on disk.

    Raises:
        DataError: It can't be read.
        ConfigError: pyarrow is not installed.
    """
    arrow: Any = needed("pyarrow", f"the table {path}")
    try:
        size = path.stat().st_size
        chunks, count = (_parquet if path.suffix == ".parquet" else _arrow)(path)
        share = size // max(count, 1)
        for chunk in chunks:
            yield from ((row, share) for row in chunk.to_pylist())
    except arrow.ArrowInvalid as error:
        raise DataError(f"{path} can't be read: {str(error).splitlines()[0]}") from error
    except OSError as error:
        raise DataError(f"{path} can't be read: {error.strerror or error}.") from error


def _parquet(path: Path) -> tuple[Iterator[Any], int]:
    parquet: Any = needed("pyarrow.parquet", f"the table {path}")
    file = parquet.ParquetFile(path, pre_buffer=False)
    return file.iter_batches(ROWS_AT_A_TIME), file.metadata.num_rows


def _arrow(path: Path) -> tuple[Iterator[Any], int]:
    """Read an Arrow file, or an Arrow stream as the `datasets` library caches them, mapped instead of loaded."""
    arrow: Any = needed("pyarrow", f"the table {path}")
    with path.open("rb") as start:
        is_file = start.read(6) == b"ARROW1"
    source = arrow.memory_map(str(path))
    if is_file:
        reader = arrow.ipc.open_file(source)
        found = (reader.get_batch(index) for index in range(reader.num_record_batches))
        return _pieces(found), sum(reader.get_batch(index).num_rows for index in range(reader.num_record_batches))
    count = sum(batch.num_rows for batch in arrow.ipc.open_stream(arrow.memory_map(str(path))))
    return _pieces(iter(arrow.ipc.open_stream(source))), count


def _pieces(batches: Iterator[Any]) -> Iterator[Any]:
    for batch in batches:
        for start in range(0, batch.num_rows, ROWS_AT_A_TIME):
            yield batch.slice(start, ROWS_AT_A_TIME)
