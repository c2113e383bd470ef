"""Where rows come from: the Hub, a local file, reasoning-gym, or a generator of our own."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

from plaudit.errors import ConfigError, DataError, nearest
from plaudit.files import read_rows
from plaudit_trainer import arithmetic, demo

if TYPE_CHECKING:
    from plaudit.formats import Format
    from plaudit_trainer.config import Source
    from plaudit_trainer.rows import Row

GYM = "reasoning-gym:"
FILES = (".jsonl", ".parquet")
GENERATED = {"demo": ("guess", "sloppy"), "arithmetic": ("steps", "greatest")}
"""Our own generators, and their options."""
DEFAULT_ROWS = 2000


def is_file(source: Source) -> bool:
    """The source is a local file (by its ending)."""
    return source.source.endswith(FILES)


def is_remote(source: Source) -> bool:
    """The source is a data set of the Hub.

    >>> from plaudit_trainer.config import Source
    >>> is_remote(Source(source="open-r1/DAPO-Math-17k-Processed")), is_remote(Source(source="demo"))
    (True, False)
    """
    return not (source.source in GENERATED or source.source.startswith(GYM) or is_file(source))


def describe(source: Source) -> str:
    """Say in a phrase what would be loaded."""
    if not is_remote(source):
        return source.source
    return (
        f"{source.source} from the Hub"
        + (f", config {source.config}" if source.config else "")
        + f", split {source.split}"
    )


def generated_rows(source: Source, form: Format, seed: str) -> list[Row]:
    """Make the problems of one of our own generators.

    Raises:
        ConfigError: An option that the generator does not have, or a value that it can't take.
    """
    known, count = GENERATED[source.source], source.limit or DEFAULT_ROWS
    for name in source.options:
        if name not in known:
            raise ConfigError(f"The {source.source} source has no option {name!r}. {nearest(name, known)}")
    if source.source == "demo":
        return demo.rows(form, seed, count, **source.options)
    for name, least in (("steps", 1), ("greatest", arithmetic.LEAST)):
        value = source.options.get(name, least)
        if not isinstance(value, int) or value < least:
            raise ConfigError(f"The arithmetic source takes a whole number from {least} for {name}, not {value!r}.")
    return arithmetic.rows(seed, count, **source.options)


def records(source: Source, seed: int) -> Iterable[Mapping[str, Any]]:
    """Read a source's rows as mappings, at most `limit` of them.

    Raises:
        ConfigError: No such file or family.
        DataError: An unreadable file, with the line; or a Hub data set that can't be had.
    """
    if source.source.startswith(GYM):
        return _gym_records(source, seed)
    if is_file(source):
        found = list(_file_records(Path(source.source)))
        if not found:
            raise DataError(f"{source.source} holds no rows.")
        return found[: source.limit]
    return _hub_records(source)


def _file_records(path: Path) -> Iterator[Mapping[str, Any]]:
    if not path.is_file():
        raise ConfigError(f"The data file {path} does not exist. {nearest_beside(path)}".rstrip())
    if path.suffix == ".parquet":
        import pyarrow.parquet

        try:
            yield from pyarrow.parquet.read_table(path).to_pylist()
        except (OSError, ValueError) as error:
            raise DataError(f"{path} can't be read as Parquet: {error}") from error
        return
    yield from (row.data for row in read_rows(str(path)))


def nearest_beside(path: Path) -> str:
    """Return the sentence that helps after a misspelt path, if a file or folder beside it has nearly that name."""
    beside = [item.name for item in path.parent.glob("*")] if path.parent.is_dir() else []
    found = get_close_matches(path.name, beside, n=1)
    return f"Did you mean {str(path.parent / found[0])!r}?" if found else ""


def _gym_records(source: Source, seed: int) -> list[Mapping[str, Any]]:
    try:
        import reasoning_gym
        from reasoning_gym.factory import DATASETS
    except ImportError as error:
        raise ConfigError(f"{source.source} needs the package reasoning-gym: pip install reasoning-gym") from error
    family = source.source.removeprefix(GYM)
    if family not in DATASETS:
        raise ConfigError(f"reasoning-gym has no family {family!r}. {nearest(family, DATASETS)}")
    try:
        made = reasoning_gym.create_dataset(
            family, **{"seed": seed, "size": source.limit or DEFAULT_ROWS, **source.options}
        )
    except (TypeError, ValueError, AssertionError) as error:
        raise ConfigError(f"reasoning-gym refuses the options of {family!r}: {error}") from error
    return [
        {
            "question": item["question"],
            "answer": str(item["answer"]),
            "family": family,
            "entry": json.dumps(item, default=str, sort_keys=True),
        }
        for item in made
    ]


def _hub_records(source: Source) -> list[Mapping[str, Any]]:
    import datasets

    try:
        loaded = datasets.load_dataset(source.source, source.config, split=source.split)
    except Exception as error:
        raise DataError(
            f"{describe(source)} can't be loaded ({type(error).__name__}: {str(error).splitlines()[0][:200]}). Without "
            "a network, give a local .jsonl or .parquet file instead: --set data.….source=FILE"
        ) from error
    return [dict(row) for row in (loaded.select(range(min(source.limit, len(loaded)))) if source.limit else loaded)]
