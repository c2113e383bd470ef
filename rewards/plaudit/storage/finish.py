"""From the rows of a finished run to the output, by its ending; the output appears whole or not at all."""

from __future__ import annotations

import gzip
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from plaudit.errors import ConfigError
from plaudit.storage.needs import needed

FOREIGN = (".arrow", ".csv", ".feather", ".tsv", ".xlsx", ".json")


def check_ending(target: Path) -> None:
    """Refuse an output in a format that we don't write, before anything is scored.

    Raises:
        ConfigError: Its ending is that of another format, or a package is missing that this one needs.

    >>> check_ending(Path("scored.jsonl.gz"))
    """
    if target.suffix in FOREIGN:
        raise ConfigError(f"{target}: end it in .jsonl, .jsonl.gz, .jsonl.zst or .parquet.")
    if target.suffix == ".zst":
        needed("zstandard", f"the compressed file {target}")
    if target.suffix == ".parquet":
        needed("pyarrow", f"the table {target}")


def write_output(lines: Path, target: Path) -> None:
    """Write JSON Lines as what the output's ending says, and remove them; the same lines always give the same bytes.

    Raises:
        ConfigError: It can't be written.
    """
    writer = _WRITERS.get(target.suffix)
    scratch = target.with_name(f".{target.name}.whole")
    try:
        if writer is None:
            lines.replace(target)
        else:
            writer(lines, scratch)
            scratch.replace(target)
    except OSError as error:
        raise ConfigError(f"{target} can't be written: {error.strerror or error}.") from error
    finally:
        scratch.unlink(missing_ok=True)


def _gzip(lines: Path, scratch: Path) -> None:
    with (
        lines.open("rb") as source,
        scratch.open("wb") as raw,
        gzip.GzipFile(filename="", fileobj=raw, mode="wb", compresslevel=6, mtime=0) as packed,
    ):
        shutil.copyfileobj(source, packed, 1 << 20)


def _zstandard(lines: Path, scratch: Path) -> None:
    library: Any = needed("zstandard", "a compressed file")
    with lines.open("rb") as source, scratch.open("wb") as raw:
        library.ZstdCompressor(level=3).copy_stream(source, raw, size=lines.stat().st_size)


def _parquet(lines: Path, scratch: Path) -> None:
    from plaudit.storage.parquet import write_parquet

    write_parquet(lines, scratch)


_WRITERS: dict[str, Callable[[Path, Path], None]] = {".gz": _gzip, ".zst": _zstandard, ".parquet": _parquet}
