"""The application: every protocol on its path, behind one guard."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version

from fastapi import APIRouter, FastAPI, Response
from starlette.routing import Route

from plaudit.protocol import Reward
from plaudit.server import metrics as prometheus
from plaudit.server import problems
from plaudit.server.admission import RETRY_SECONDS, Admission
from plaudit.server.guard import Guard
from plaudit.server.judge import Engine, Judge
from plaudit.server.protocols import eval_protocol, llama_factory, native, nemo_gym, openrlhf, slime
from plaudit.server.settings import Settings
from plaudit.server.wire import Answer

PROTOCOLS = (native, openrlhf, slime, nemo_gym, eval_protocol, llama_factory)


def create_app(reward: Reward, engine: Engine, settings: Settings) -> FastAPI:
    """Return the ASGI application that serves a reward; it closes the engine when it stops.

    Args:
        reward: The reward.
        engine: What scores batches with it.
        settings: Limits, token and fallback; the address is for whoever runs the application.
    """
    admission = Admission(settings.queue)
    metrics = prometheus.Metrics(admission)
    judge = Judge(reward, engine, settings, admission, metrics)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        await asyncio.to_thread(judge.close)

    app = FastAPI(
        title=f"plaudit: {reward.spec.name}",
        description='One reward for every trainer. Every answer that is not a score is `{"error": {code, message}}`.',
        version=version("plaudit"),
        lifespan=lifespan,
    )
    routers = [*(protocol.router(judge) for protocol in PROTOCOLS), _operations(judge, admission, metrics)]
    for router in routers:
        app.include_router(router)
    metrics.paths = frozenset(route.path for router in routers for route in router.routes if isinstance(route, Route))
    problems.install(app)
    app.add_middleware(Guard, settings=settings, admission=admission, metrics=metrics)
    return app


def _operations(judge: Judge, admission: Admission, metrics: prometheus.Metrics) -> APIRouter:
    made = APIRouter(tags=["Operations"])

    @made.get("/healthz")
    async def healthz() -> Answer:
        """Say that the process answers."""
        return Answer({"status": "ok"})

    @made.get("/readyz", responses={503: problems.RESPONSES[503]})
    async def readyz() -> Answer:
        """Say whether a request would be accepted now."""
        if judge.broken:
            raise problems.Problem(503, "engine_down", "The engine has given up: restart the server.")
        if admission.taken >= admission.capacity:
            raise problems.Problem(503, "queue_full", "The queue is full.", RETRY_SECONDS)
        return Answer({"status": "ok"})

    @made.get("/metrics", response_class=Response, responses={401: problems.RESPONSES[401]})
    async def page() -> Response:
        """Return Prometheus metrics."""
        return Response(metrics.page(), media_type=prometheus.CONTENT_TYPE)

    return made
