"""The options that say where `plaudit score` scores."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import rich_click as click

if TYPE_CHECKING:
    from collections.abc import Callable

    from plaudit.engines import Engine
    from plaudit.protocol import Reward

F = TypeVar("F", bound="Callable[..., Any]")

MEBIBYTE = 1024**2


def engine_options(command: F) -> F:
    """Add `--engine`, `--workers`, `--deadline`, `--memory-per-worker` and `--cache`."""
    options = [
        click.option("--engine", metavar="NAME", help="inline (the default), workers or ray."),
        click.option("--workers", type=click.IntRange(min=1), help="Processes; by default one a core."),
        click.option(
            "--deadline",
            type=click.FloatRange(min=0, min_open=True),
            metavar="SECONDS",
            help="Stop a row that takes longer; it abstains. By default 10; inf for none.",
        ),
        click.option(
            "--memory-per-worker",
            type=click.IntRange(min=1),
            metavar="MIB",
            help="What scoring may add to a process. By default 2048; Linux only.",
        ),
        click.option(
            "--cache", type=click.Path(file_okay=False, path_type=Path), help="Keep scores in a folder, and reuse them."
        ),
    ]
    for option in reversed(options):
        command = option(command)
    return command


def settings_of(workers: int | None, deadline: float | None, memory_per_worker: int | None) -> dict[str, Any]:
    """Return the settings that the user gave, as keywords of an engine."""
    given: dict[str, Any] = {}
    if workers is not None:
        given["workers"] = workers
    if deadline is not None:
        given["deadline_seconds"] = None if deadline == float("inf") else deadline
    if memory_per_worker is not None:
        given["memory_bytes"] = memory_per_worker * MEBIBYTE
    return given


def opened(name: str | None, reward: Reward, settings: dict[str, Any], strict: bool, cache: Path | None) -> Engine:
    """Make the engine; settings of processes without a name mean `workers`."""
    from plaudit.engines import open_engine

    engine = open_engine(name or ("workers" if settings else "inline"), reward, strict=strict, **settings)
    if cache is None:
        return engine
    from plaudit.storage.cache import Cached

    return Cached(engine, reward, cache)
