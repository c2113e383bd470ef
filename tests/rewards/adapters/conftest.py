"""The rewards that fail, by name, and their release."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
import rewards_that_fail

from plaudit.adapters import deadline, judge


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


@pytest.fixture
def engines(monkeypatch):
    """The engines that deadlines are kept with, none at first; they end with the test."""
    monkeypatch.setattr("plaudit.engines.workers.FIRST_SECONDS", 0.5)
    found = {}
    monkeypatch.setattr(deadline, "_ENGINES", found)
    yield found
    for engine in found.values():
        engine.close()
