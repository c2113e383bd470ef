"""The limits of a request's head, for which uvicorn has none: who dribbles headers would hold a connection for ever.

Written against uvicorn 0.54.0 (`HttpToolsProtocol`); it counts from the connection, or from the first byte of a later
request on it, until the headers are there. Idle connections between requests are uvicorn's own matter (keep-alive).
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from plaudit.server.problems import Problem

if TYPE_CHECKING:
    from plaudit.server.settings import Settings

HEAD_SECONDS = 10.0
MOST_HEAD_BYTES = 64 * 1024


def limited(settings: Settings) -> type[asyncio.Protocol]:
    """Return the protocol for uvicorn; a head has ten seconds, or the whole request's time if that is less."""

    class Limited(LimitedHead):
        seconds = min(HEAD_SECONDS, settings.timeout_seconds)

    return Limited


class LimitedHead(HttpToolsProtocol):
    """HTTP as uvicorn speaks it, with a limit on the time and size of a head."""

    seconds = HEAD_SECONDS

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn's own
        """Begin to wait for the first head."""
        super().connection_made(transport)
        self._begun, self._size = False, 0
        self._timer: asyncio.TimerHandle | None = self.loop.call_later(self.seconds, self._late)

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop waiting."""
        self._stop_waiting()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read, and refuse a head that doesn't end."""
        super().data_received(data)
        if self._begun:
            self._size += len(data)
            if self._size > MOST_HEAD_BYTES and not self.transport.is_closing():
                self._refuse(Problem(431, "headers_too_large", f"The headers are over {MOST_HEAD_BYTES} bytes."))

    def on_message_begin(self) -> None:
        """Note that a head begins."""
        super().on_message_begin()
        self._begun, self._size = True, 0
        if self._timer is None:
            self._timer = self.loop.call_later(self.seconds, self._late)

    def on_headers_complete(self) -> None:
        """Note that it is there; the body's time is the guard's."""
        self._stop_waiting()
        super().on_headers_complete()

    def send_400_response(self, msg: str) -> None:
        """Refuse what is no HTTP in the words of every other answer."""
        self._refuse(Problem(400, "bad_request", msg))

    def _stop_waiting(self) -> None:
        self._begun = False
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _late(self) -> None:
        self._timer = None
        if self.cycle is not None and not self.cycle.response_complete:
            self._timer = self.loop.call_later(self.seconds, self._late)  # the answer before it comes first
        elif self._begun:
            self._refuse(Problem(408, "headers_timeout", "The request's headers did not arrive in time."))
        else:
            self.transport.close()

    def _refuse(self, problem: Problem) -> None:
        self._stop_waiting()
        answer = problem.answer()
        head = [f"HTTP/1.1 {problem.status} {problem.code}", "connection: close"]
        lines = [f"{name.decode('latin-1')}: {value.decode('latin-1')}" for name, value in answer.raw_headers]
        self.transport.write("\r\n".join([*head, *lines, "", ""]).encode("latin-1") + bytes(answer.body))
        self.transport.close()
