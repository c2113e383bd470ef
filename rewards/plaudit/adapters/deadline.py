"""A deadline for one call, in any thread and without signals: past it the caller goes on without an answer."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from contextvars import copy_context
from typing import Any, TypeVar

from plaudit.errors import RewardError

T = TypeVar("T")


class DeadlineError(RewardError):
    """A reward that took longer than it was given."""


def within(seconds: float | None, call: Callable[[], T]) -> T:
    """Return what a call returns, or raise once it has taken `seconds`; None waits for ever.

    A thread can't be killed, so a call that overran goes on in a daemon thread of its own: it takes no other's place
    and does not keep the program from ending, but it uses a core until it is done.

    Raises:
        DeadlineError: The call took longer. Whatever the call itself raises is raised here.

    >>> within(60, lambda: 4)
    4
    """
    if seconds is None:
        return call()
    answers: queue.SimpleQueue[tuple[Any, BaseException | None]] = queue.SimpleQueue()
    context = copy_context()  # strictness, and whatever else the caller has set

    def work() -> None:
        try:
            answers.put((context.run(call), None))
        except BaseException as error:  # noqa: BLE001 - raised again in the caller's thread
            answers.put((None, error))

    threading.Thread(target=work, name="plaudit-deadline", daemon=True).start()
    try:
        answer, error = answers.get(timeout=seconds)
    except queue.Empty:
        raise DeadlineError(f"The reward took longer than {seconds:g} s.") from None
    if error is not None:
        raise error
    return answer  # type: ignore[no-any-return]
