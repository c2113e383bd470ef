"""JSON as the server reads and writes it: strict, shallow, and able to carry every text that a model writes."""

from __future__ import annotations

import inspect
import json
import math
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, NoReturn, get_type_hints

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import PlainValidator, TypeAdapter, ValidationError, WithJsonSchema

MAX_DEPTH = 64
"""How deeply lists and objects may nest; deeper ones could not be handed to a worker process."""


def parse(body: bytes) -> Any:
    """Read a JSON document.

    Raises:
        json.JSONDecodeError: It isn't JSON, holds NaN, infinity or a number too large for a float, or nests too deeply.

    >>> parse(b'{"completion": "4"}')
    {'completion': '4'}
    >>> parse(b'[NaN]')
    Traceback (most recent call last):
        ...
    json.decoder.JSONDecodeError: NaN is no JSON value: line 1 column 1 (char 0)
    """
    try:
        document = json.loads(body, parse_constant=_refuse, parse_float=_finite)
    except json.JSONDecodeError:
        raise
    except UnicodeDecodeError as error:
        raise _problem("the body isn't UTF-8 text") from error
    except RecursionError as error:
        raise _problem(f"the body nests deeper than {MAX_DEPTH} levels") from error
    except ValueError as error:  # an integer of thousands of digits
        raise _problem("a number is too long") from error
    _check_depth(document)
    return document


def _problem(message: str) -> json.JSONDecodeError:
    return json.JSONDecodeError(message, "", 0)


def _refuse(name: str) -> NoReturn:
    raise _problem(f"{name} is no JSON value")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise _problem("a number is too large")
    return number


def _check_depth(document: Any) -> None:
    level: list[Any] = [document]
    for _ in range(MAX_DEPTH):
        level = [child for item in level for child in _children(item)]
        if not level:
            return
    raise _problem(f"the body nests deeper than {MAX_DEPTH} levels")


def _children(item: Any) -> Iterable[Any]:
    inside = item.values() if isinstance(item, dict) else item if isinstance(item, list) else ()
    return [child for child in inside if isinstance(child, (dict, list))]


class StrictRoute(APIRoute):
    """A route that reads its one argument, the body, strictly; what else FastAPI could fill in costs a request half."""

    def get_route_handler(self) -> Any:
        """Return what answers a request."""
        endpoint, hints = self.endpoint, get_type_hints(self.endpoint)
        kinds = [hints[name] for name in inspect.signature(endpoint).parameters]
        if not kinds:
            return super().get_route_handler()
        (body,) = map(TypeAdapter, kinds)

        async def handle(request: Request) -> Response:
            given = _validated(body, request.headers.get("content-type", ""), await request.body())
            answer: Response = await endpoint(given)
            return answer

        return handle


def _validated(body: TypeAdapter[Any], content_type: str, given: bytes) -> Any:
    kind = content_type.partition(";")[0].strip().lower()
    if not (kind == "application/json" or (kind.startswith("application/") and kind.endswith("+json"))):
        problem: dict[str, Any] = {
            "type": "content_type",
            "loc": ("header", "content-type"),
            "msg": "must be application/json",
        }
        raise RequestValidationError([problem])
    try:
        return body.validate_python(parse(given))
    except json.JSONDecodeError as error:
        problem = {"type": "json_invalid", "loc": ("body", error.pos), "msg": error.msg, "ctx": {"error": error.msg}}
        raise RequestValidationError([problem]) from error
    except ValidationError as error:
        found = [{**item, "loc": ("body", *item["loc"])} for item in error.errors(include_url=False)]
        raise RequestValidationError(found) from error


class Answer(Response):
    """A JSON answer; half a surrogate pair, which models do write, goes out as its escape, and NaN never does."""

    media_type = "application/json"

    def render(self, content: Any) -> bytes:
        """Write the JSON."""
        return json.dumps(content, allow_nan=False, separators=(",", ":")).encode("ascii")


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError("must be a text")  # noqa: TRY004 - pydantic turns ValueError into its error
    return value


def _content(value: Any) -> Any:
    if isinstance(value, (str, Mapping, list)) or value is None:
        return value
    raise ValueError("must be a text, a message, a list of messages or parts, or null")


_CONTENT = {"anyOf": [{"type": "string"}, {"type": "object"}, {"type": "array", "items": {}}, {"type": "null"}]}

Text = Annotated[str, PlainValidator(_text), WithJsonSchema({"type": "string"})]
"""A text, half surrogate pairs included, which pydantic's own `str` refuses."""

Content = Annotated[Any, PlainValidator(_content), WithJsonSchema(_CONTENT)]
"""A completion or prompt in any shape that a trainer uses."""
