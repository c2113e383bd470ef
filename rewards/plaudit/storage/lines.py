"""Lines of a file, plain or compressed, each with how much of the file it took."""

from __future__ import annotations

import gzip
import sys
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, cast

from plaudit.errors import DataError
from plaudit.storage.needs import needed

STANDARD_INPUT = "-"


def lines_of(path: Path | None) -> Iterator[tuple[bytes, int]]:
    """Give each line of a file (`.gz`, `.zst`, plain), or of standard input (None), with the bytes on disk it took.

    In a compressed file those bytes are counted block by block.

    Raises:
        DataError: It can't be read, or is damaged.
    """
    name = "standard input" if path is None else str(path)
    try:
        if path is None:
            yield from ((line, len(line)) for line in sys.stdin.buffer)
        elif path.suffix in (".gz", ".zst"):
            yield from _compressed(path)
        else:
            with path.open("rb") as file:
                yield from ((line, len(line)) for line in file)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise DataError(f"{name} is damaged: {error}") from error
    except OSError as error:
        raise DataError(f"{name} can't be read: {error.strerror or error}.") from error


def _compressed(path: Path) -> Iterator[tuple[bytes, int]]:
    before = 0
    with path.open("rb") as raw, _unpacked(raw, path) as file:
        for line in file:
            at = raw.tell()
            yield line, at - before
            before = at


@contextmanager
def _unpacked(raw: IO[bytes], path: Path) -> Iterator[IO[bytes]]:
    if path.suffix == ".gz":
        with gzip.GzipFile(fileobj=raw) as file:
            yield cast("IO[bytes]", file)
        return
    zstandard: Any = needed("zstandard", f"the compressed file {path}")
    import io

    try:
        with zstandard.ZstdDecompressor().stream_reader(raw, read_across_frames=True) as reader:
            yield io.BufferedReader(reader)
    except zstandard.ZstdError as error:
        raise DataError(f"{path} is damaged: {error}") from error
