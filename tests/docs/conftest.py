"""A model small enough to train in a test, and the modules beside these tests."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory):
    """Save an untrained Qwen3 of a few thousand parameters; the pages call it `my-model`."""
    from plaudit import as_format
    from plaudit_trainer.config import Tiny
    from plaudit_trainer.tiny import build

    folder = tmp_path_factory.mktemp("model") / "my-model"
    sizes = Tiny(hidden=16, layers=1, heads=2, key_value_heads=1, vocabulary=300)
    build(sizes, as_format("unsloth"), ["2 + 2 = ?", "Half of one?"], 512, 0, folder)
    return folder
