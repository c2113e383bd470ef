"""The first step doesn't spoil the rate, and a long wait is explained while it lasts; a short one is not."""

from __future__ import annotations

import threading
from io import StringIO

import pytest
from rich.console import Console

from plaudit_trainer.progress import Pace, Reporter

pytestmark = pytest.mark.trainer


def test_first_step_after_a_resume_does_not_spoil_the_rate() -> None:
    pace = Pace()
    rates = [pace.rate(done, now) for done, now in [(50, 0.0), (51, 100.0), (52, 102.0), (53, 104.0)]]
    assert rates == [0.0, 0.0, 0.5, 0.5]


def reporter() -> tuple[Reporter, StringIO]:
    stream = StringIO()
    return Reporter(Console(file=stream, width=100)), stream


def test_long_wait_is_explained_while_it_lasts() -> None:
    said, stream = reporter()
    spoken = threading.Event()
    say = said.say
    said.say = lambda text: (say(text), spoken.set())[0]  # type: ignore[method-assign]
    with said.waiting("Unsloth compiles", after_seconds=0.0):
        assert spoken.wait(60)
        assert "Unsloth compiles" in stream.getvalue()


@pytest.mark.parametrize("why", ["Unsloth compiles", ""])
def test_short_wait_is_not(why: str) -> None:
    said, stream = reporter()
    others = set(threading.enumerate())
    with said.waiting(why, after_seconds=3600.0) as over:
        over()
    waiting = [thread for thread in threading.enumerate() if isinstance(thread, threading.Timer)]
    assert all(thread.finished.is_set() for thread in waiting if thread not in others)
    assert stream.getvalue() == ""


def test_note_is_said_as_it_is_and_kept_until_it_is_taken() -> None:
    said, stream = reporter()
    said.note("top_k=[red]5[/] was asked for")
    assert stream.getvalue() == "! top_k=[red]5[/] was asked for\n"
    assert said.take_notes() == ["top_k=[red]5[/] was asked for"]
    assert said.take_notes() == []
