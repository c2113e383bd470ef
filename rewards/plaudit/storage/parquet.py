"""JSON Lines with scores as a Parquet table, a bounded number of rows at a time."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

from plaudit.arrow import SCORE_COLUMNS, flat_parts, metadata, score_fields, writable
from plaudit.storage.needs import needed

ROWS_AT_A_TIME = 4096


def write_parquet(lines: Path, target: Path) -> None:
    """Write a table with the columns of the rows and those of `docs/reference/schema.md`.

    A column whose values have no type in common is written as JSON text; the table's metadata lists those under
    `plaudit.json`.
    """
    arrow: Any = needed("pyarrow", "a table")
    parquet: Any = needed("pyarrow.parquet", "a table")
    types, texts = _column_types(arrow, lines)
    fields = [arrow.field(name, kind) for name, kind in types.items()]
    more = {b"plaudit.json": json.dumps(sorted(texts)).encode()}
    schema = arrow.schema([*fields, *score_fields(arrow)], metadata=metadata() | more)
    with parquet.ParquetWriter(target, schema, compression="zstd") as writer:
        for rows in _chunks(lines):
            writer.write_table(arrow.Table.from_pylist([_flat(row, types, texts) for row in rows], schema=schema))


def _column_types(arrow: Any, lines: Path) -> tuple[dict[str, Any], set[str]]:
    """Find one type for each column of the input, from all rows."""
    types: dict[str, Any] = {}
    texts: set[str] = set()
    for rows in _chunks(lines):
        for name in dict.fromkeys(key for row in rows for key in row if key not in SCORE_COLUMNS):
            if name not in texts and not _widen(arrow, types, name, [row.get(name) for row in rows]):
                texts.add(name)
    types |= {name: arrow.string() for name in types if name in texts or arrow.types.is_null(types[name])}
    return types, texts


def _widen(arrow: Any, types: dict[str, Any], name: str, values: list[Any]) -> bool:
    try:
        found = arrow.array(values).type
        known = types.setdefault(name, found)
        schemas = [arrow.schema([(name, known)]), arrow.schema([(name, found)])]
        types[name] = arrow.unify_schemas(schemas, promote_options="permissive").field(name).type
        arrow.array(values, types[name])
    except (arrow.ArrowInvalid, arrow.ArrowTypeError, arrow.ArrowNotImplementedError, OverflowError, UnicodeError):
        types[name] = arrow.string()
        return False
    return True


def _flat(row: Mapping[str, Any], types: Mapping[str, Any], texts: set[str]) -> dict[str, Any]:
    flat = {name: row.get(name) for name in types}
    flat |= {name: json.dumps(flat[name]) for name in texts if flat[name] is not None}
    return flat | {name: row[name] for name in ("value", "reason", "extracted")} | {"parts": flat_parts(row["parts"])}


def _chunks(lines: Path) -> Iterator[list[dict[str, Any]]]:
    with lines.open("rb") as file:
        while rows := [_loaded(line) for line in islice(file, ROWS_AT_A_TIME)]:
            yield rows


def _loaded(line: bytes) -> dict[str, Any]:
    row: dict[str, Any] = json.loads(line)
    return _without_halves(row) if b"\\ud" in line else row


def _without_halves(value: Any) -> Any:
    """Replace half surrogate pairs, which a table can't hold, by their escapes."""
    if isinstance(value, str):
        return writable(value)
    if isinstance(value, dict):
        return {writable(key): _without_halves(inner) for key, inner in value.items()}
    return [_without_halves(inner) for inner in value] if isinstance(value, list) else value
