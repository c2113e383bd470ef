"""What stands before every endpoint: the token, the size and time limits of a body, a request id, and the counting."""

from __future__ import annotations

import asyncio
import base64
import binascii
import hmac
import random
import time
from contextvars import ContextVar
from typing import TYPE_CHECKING

from starlette.datastructures import Headers

from plaudit.server.problems import Problem

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from plaudit.server.admission import Admission
    from plaudit.server.metrics import Metrics
    from plaudit.server.settings import Settings

OPEN = frozenset({"/healthz", "/readyz"})
"""Paths that need no token: they say nothing about the reward."""

UNREAD = frozenset({408, 413})
"""Answers after which the rest of the body may still be on its way, so that the connection can't go on."""

REQUEST_ID: ContextVar[str] = ContextVar("plaudit_request_id", default="-")


class Guard:
    """ASGI middleware: refuses before anything is parsed, and counts what is answered."""

    def __init__(self, app: ASGIApp, settings: Settings, admission: Admission, metrics: Metrics) -> None:
        self.app = app
        self.settings = settings
        self.admission = admission
        self.metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id = f"{random.getrandbits(48):012x}"  # to find a request in the log, and no secret
        REQUEST_ID.set(request_id)
        began = time.perf_counter()
        status = 0

        async def counted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], (b"x-request-id", request_id.encode())]
            await send(message)

        try:
            await self._checked(scope, receive, counted)
        finally:
            self.metrics.answered(scope, status, time.perf_counter() - began)

    async def _checked(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            self._check_token(scope)
            body = await self._body(scope, receive)
        except Problem as problem:
            answer = problem.answer()
            if problem.status in UNREAD:
                answer.headers["Connection"] = "close"
            await answer(scope, receive, send)
            return
        await self.app(scope, _replay(body, receive), send)

    def _check_token(self, scope: Scope) -> None:
        token = self.settings.token
        if token is None or scope["path"] in OPEN:
            return
        shown = shown_token(Headers(scope=scope).get("authorization", ""))
        if not hmac.compare_digest(shown.encode(), token.encode()):
            raise Problem(401, "unauthorized", "The token is missing or wrong: send `Authorization: Bearer TOKEN`.")

    async def _body(self, scope: Scope, receive: Receive) -> bytes:
        if scope["method"] not in ("POST", "PUT", "PATCH"):
            return b""
        self.admission.take(1)  # a slow or large body takes a place in the queue as well
        try:
            return await asyncio.wait_for(self._read(scope, receive), self.settings.timeout_seconds)
        except TimeoutError:
            raise Problem(408, "body_timeout", "The request's body did not arrive in time.") from None
        finally:
            self.admission.give_back(1)

    async def _read(self, scope: Scope, receive: Receive) -> bytes:
        declared = Headers(scope=scope).get("content-length", "")
        if declared.isdecimal() and int(declared) > self.settings.max_body_bytes:
            raise self._too_large()
        chunks, size = [], 0
        while True:
            message = await receive()
            chunk = message.get("body", b"")
            size += len(chunk)
            if size > self.settings.max_body_bytes:
                raise self._too_large()
            chunks.append(chunk)
            if not message.get("more_body", False):
                return b"".join(chunks)

    def _too_large(self) -> Problem:
        return Problem(413, "body_too_large", f"The body is larger than {self.settings.max_body_bytes} bytes.")


def shown_token(authorization: str) -> str:
    """Return the token of an `Authorization` header: a bearer's, or the password of HTTP Basic.

    Basic is for trainers whose clients send no headers, but take `http://user:TOKEN@host` as the URL.

    >>> shown_token("Bearer abc"), shown_token("Basic dXNlcjphYmM="), shown_token("Basic ???")
    ('abc', 'abc', '')
    """
    scheme, _, value = authorization.partition(" ")
    if scheme.lower() == "bearer":
        return value.strip()
    if scheme.lower() != "basic":
        return ""
    try:
        return base64.b64decode(value, validate=True).decode("latin-1").partition(":")[2]
    except binascii.Error:
        return ""


def _replay(body: bytes, receive: Receive) -> Receive:
    waiting = [{"type": "http.request", "body": body, "more_body": False}]

    async def again() -> Message:
        return waiting.pop() if waiting else await receive()

    return again
