"""slime's remote reward model: `--rm-type remote_rm --rm-url http://HOST:PORT/slime`.

Written against slime's `rollout/rm_hub/__init__.py` (`remote_rm`, 2026-08-21): POST `{"prompt", "response", "label"}`;
the JSON value that comes back is the sample's reward as it is. No score is null: slime's own "no reward yet".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict

from plaudit.protocol import Sample, Score
from plaudit.server.problems import RESPONSES
from plaudit.server.samples import contributions, gold_columns
from plaudit.server.wire import Answer, Content, StrictRoute, Text

if TYPE_CHECKING:
    from plaudit.server.judge import Judge


class Request(BaseModel):
    """What slime sends."""

    model_config = ConfigDict(extra="forbid")

    prompt: Content = ""
    response: Text
    label: Any = None


class Parts(BaseModel):
    """A reward with what makes it up, for `--reward-key reward`."""

    model_config = ConfigDict(extra="allow")

    reward: float | None
    abstained: float


def router(judge: Judge) -> APIRouter:
    """Return the endpoints."""
    made = APIRouter(route_class=StrictRoute, tags=["slime"])

    async def scored(body: Request) -> tuple[Score, float | None]:
        columns = gold_columns(body.label, judge.spec)
        score = (await judge.score([Sample(body.response, body.prompt, columns)]))[0]
        return score, judge.settings.fallback if score.value is None else score.value

    @made.post("/slime", response_model=float | None, responses=RESPONSES)
    async def number(body: Request) -> Answer:
        """Answer with the bare number, which slime takes as it is."""
        return Answer((await scored(body))[1])

    @made.post("/slime/parts", response_model=Parts, responses=RESPONSES)
    async def parts(body: Request) -> Answer:
        """Answer with `reward`, `abstained` and what each part contributes; needs slime's `--reward-key reward`."""
        score, value = await scored(body)
        return Answer(contributions(score) | {"reward": value, "abstained": float(score.value is None)})

    return made
