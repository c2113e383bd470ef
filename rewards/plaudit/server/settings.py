"""What `plaudit serve` can be told, checked before anything starts."""

from __future__ import annotations

import ipaddress
import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from plaudit.errors import ConfigError

MINIMUM_TOKEN = 16
"""Characters; a shorter token could be guessed over a network."""


@dataclass(frozen=True)
class Settings:
    """How the server listens and what it accepts.

    Attributes:
        host: The address to listen on.
        port: The port; 0 takes a free one.
        token: What every request must show; None asks for nothing and is for loopback only.
        max_body_bytes: The largest request body.
        queue: Samples that may be waiting or running at once; a request beyond them is answered 429.
        timeout_seconds: How long one request may take, from its first byte to its answer.
        fallback: The value sent where there is no score; None sends the protocol's own "no score".
        response_starts: What precedes a response in a text that holds the prompt too; empty for the usual templates.
        renamed: Which column stands for which, where names differ: `{"answer": "expected_answer"}`.

    Raises:
        ConfigError: A public address without a token, or a limit that lets nothing through.

    >>> Settings(host="0.0.0.0")
    Traceback (most recent call last):
        ...
    plaudit.errors.ConfigError: 0.0.0.0 can be reached from other machines: give a token ...
    """

    host: str = "127.0.0.1"
    port: int = 8900
    token: str | None = None
    max_body_bytes: int = 16 * 1024 * 1024
    queue: int = 1024
    timeout_seconds: float = 60.0
    fallback: float | None = None
    response_starts: tuple[str, ...] = ()
    renamed: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.token is not None and len(self.token) < MINIMUM_TOKEN:
            raise ConfigError(
                f"The token has {len(self.token)} characters: use {MINIMUM_TOKEN} or more, drawn at random."
            )
        if self.token is not None and not (self.token.isascii() and self.token.isprintable() and " " not in self.token):
            raise ConfigError("The token can't travel in a header: use printable ASCII characters without spaces.")
        if self.token is None and not is_loopback(self.host):
            raise ConfigError(
                f"{self.host} can be reached from other machines: give a token (--token-file or PLAUDIT_TOKEN), "
                "or listen on 127.0.0.1."
            )
        for name in ("max_body_bytes", "queue", "timeout_seconds"):
            if getattr(self, name) <= 0:
                raise ConfigError(f"{name} is {getattr(self, name)}: it must be more than 0.")
        if self.fallback is not None and not math.isfinite(self.fallback):
            raise ConfigError(f"The fallback is {self.fallback}: give a finite number.")


def is_loopback(host: str) -> bool:
    """Tell whether only this machine can reach an address; a name that isn't `localhost` is taken for public.

    >>> is_loopback("127.0.0.1"), is_loopback("::1"), is_loopback("localhost"), is_loopback("0.0.0.0")
    (True, True, True, False)
    """
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
