"""The rewards that fail, by name, and their release."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
import rewards_that_fail

from plaudit.adapters import judge


@pytest.fixture(autouse=True)
def no_streak():
    """Forget the failures of other tests, which would make a run of them."""
    judge._streak.cache_clear()


@pytest.fixture
def release():
    """Let what hangs in a thread end with the test."""
    yield
    rewards_that_fail.RELEASE.set()
    rewards_that_fail.RELEASE = type(rewards_that_fail.RELEASE)()
