"""Rows of a dataset on the Hugging Face Hub, streamed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from plaudit.errors import DataError
from plaudit.storage.needs import needed

PREFIX = "hub:"


def hub_rows(source: str) -> Iterator[dict[str, Any]]:
    """Stream the rows of `hub:OWNER/NAME`, of a configuration `hub:OWNER/NAME/CONFIG`, of a split `hub:…:SPLIT`.

    Raises:
        DataError: There is no such dataset, configuration or split, or no way to the Hub.
        ConfigError: The `datasets` library is not installed.
    """
    datasets: Any = needed("datasets", f"the dataset {source}")
    name, configuration, split = parsed(source)
    try:
        yield from datasets.load_dataset(name, configuration, split=split, streaming=True)
    except (OSError, ValueError, RuntimeError) as error:  # what `datasets` and its HTTP client raise
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise DataError(
            f"{source} can't be streamed: {reason}. Without a network, download the dataset and give its files."
        ) from error


def parsed(source: str) -> tuple[str, str | None, str]:
    """Split the name of a dataset.

    Raises:
        DataError: It isn't OWNER/NAME, perhaps with a configuration and a split.

    >>> parsed("hub:openai/gsm8k/main:test")
    ('openai/gsm8k', 'main', 'test')
    >>> parsed("hub:owner/rollouts")
    ('owner/rollouts', None, 'train')
    """
    path, _, split = source.removeprefix(PREFIX).partition(":")
    pieces = path.split("/")
    if len(pieces) not in (2, 3) or not all(pieces):
        raise DataError(
            f"{source!r} names no dataset: write hub:OWNER/NAME, hub:OWNER/NAME/CONFIG or hub:OWNER/NAME:SPLIT."
        )
    return "/".join(pieces[:2]), pieces[2] if len(pieces) == 3 else None, split or "train"
