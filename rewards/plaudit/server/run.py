"""Run the application under uvicorn until it is told to stop; what was accepted is finished first."""

from __future__ import annotations

import logging
import signal
import socket
from collections.abc import Callable
from typing import TYPE_CHECKING

import uvicorn

from plaudit.errors import ConfigError
from plaudit.server.head import limited

if TYPE_CHECKING:
    from fastapi import FastAPI

    from plaudit.server.settings import Settings

KEEP_ALIVE_SECONDS = 75
"""Longer than the idle connections of trainers' clients live (aiohttp: 15 s), so that it is never us who hang up."""


def run(app: FastAPI, settings: Settings, announce: Callable[[str], None]) -> None:
    """Serve until SIGTERM or SIGINT, then answer every request that was accepted, and return.

    Args:
        app: The application.
        settings: Where to listen.
        announce: Called with the URL once connections are taken.

    Raises:
        ConfigError: The address can't be listened on.
    """
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    listener = _listen(settings.host, settings.port)
    config = uvicorn.Config(
        app,
        http=limited(settings),
        log_config=None,
        log_level=logging.WARNING,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
    )
    server = uvicorn.Server(config)
    announce(_url(listener))
    before = signal.signal(signal.SIGTERM, signal.SIG_IGN)  # uvicorn raises it again after the graceful stop
    try:
        server.run(sockets=[listener])
    finally:
        signal.signal(signal.SIGTERM, before)


def _listen(host: str, port: int) -> socket.socket:
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        raise ConfigError(f"Can't listen on {host}:{port}: {error.strerror or error}. Try another --port.") from error


def _url(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if listener.family == socket.AF_INET6 else f"http://{host}:{port}"
