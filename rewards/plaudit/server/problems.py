"""What a request gets that can't be scored: a status, a code and one sentence; never a traceback or a path."""

from __future__ import annotations

import http
import logging
from collections.abc import Sequence
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from plaudit.server.wire import Answer

LOG = logging.getLogger("plaudit.server")


class Problem(Exception):  # noqa: N818 - the word of RFC 9457
    """An answer other than a score.

    Attributes:
        status: The HTTP status.
        code: A name that programs can match.
        message: One sentence for a person.
        retry_seconds: When to try again, where that helps.
    """

    def __init__(self, status: int, code: str, message: str, retry_seconds: int | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.retry_seconds = retry_seconds

    def answer(self) -> Answer:
        """Return it as an HTTP response."""
        headers = {} if self.retry_seconds is None else {"Retry-After": str(self.retry_seconds)}
        if self.status == http.HTTPStatus.UNAUTHORIZED:
            headers["WWW-Authenticate"] = 'Bearer, Basic realm="plaudit"'
        return Answer({"error": {"code": self.code, "message": self.message}}, self.status, headers)


class ErrorDetail(BaseModel):
    """What went wrong."""

    code: str
    message: str


class ErrorAnswer(BaseModel):
    """The body of every answer that is not a score."""

    error: ErrorDetail


RESPONSES: dict[int | str, dict[str, Any]] = {
    400: {"model": ErrorAnswer, "description": "The body is no readable request."},
    401: {"model": ErrorAnswer, "description": "The token is missing or wrong."},
    408: {"model": ErrorAnswer, "description": "The body did not arrive in time."},
    413: {"model": ErrorAnswer, "description": "The body, or the number of samples, is over the limit."},
    422: {"model": ErrorAnswer, "description": "A field is missing or of the wrong shape."},
    429: {"model": ErrorAnswer, "description": "The queue is full; Retry-After says when to come back."},
    503: {"model": ErrorAnswer, "description": "The request ran out of time, or the server is stopping."},
}
"""What every scoring endpoint may answer instead of a score, for the OpenAPI page."""


def install(app: FastAPI) -> None:
    """Give every kind of failure its answer."""
    app.add_exception_handler(Problem, _problem)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _unexpected)


async def _problem(_: Request, error: Exception) -> Answer:
    assert isinstance(error, Problem)  # noqa: S101 - registered for this class only
    return error.answer()


async def _invalid(_: Request, error: Exception) -> Answer:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for this class only
    errors = error.errors()
    status = 400 if any(item["type"] == "json_invalid" for item in errors) else 422
    return Problem(status, "invalid_request", _sentence(errors)).answer()


def _sentence(errors: Sequence[Any]) -> str:
    first = errors[0]
    if first["type"] == "json_invalid":
        return f"The body isn't JSON that can be read: {first['ctx']['error']}."
    place = ".".join(str(step) for step in first["loc"])
    more = f" ({len(errors) - 1} more)" if len(errors) > 1 else ""
    return f"{place}: {first['msg']}.{more}"


async def _http(_: Request, error: Exception) -> Answer:
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for this class only
    phrase = http.HTTPStatus(error.status_code).phrase
    answer = Problem(error.status_code, phrase.lower().replace(" ", "_"), f"{phrase}.").answer()
    answer.headers.update(error.headers or {})
    return answer


async def _unexpected(_: Request, error: Exception) -> Answer:
    LOG.error("request failed", exc_info=error)
    return Problem(500, "internal_error", "The server failed; its log says why.").answer()
