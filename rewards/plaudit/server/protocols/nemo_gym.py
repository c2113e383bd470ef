"""NeMo-Gym's resources server: `/verify`, with `/aggregate_metrics` and the calls about sessions beside it.

Written against NeMo-Gym 0.7.0 (`base_resources_server.py`): the request is the dataset row with
`responses_create_params` and `response`; the answer is the request with `reward`, `mask_sample`, `failure_kind` and
`failure_reason`. No score is `mask_sample: true`. `reward_components` hold what each part contributes, since NeMo-RL
demands that they add up to the reward.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict

from plaudit.failures import has_failed
from plaudit.protocol import Sample, Score
from plaudit.server.problems import RESPONSES
from plaudit.server.protocols.nemo_gym_metrics import AggregateAnswer, AggregateRequest, aggregated
from plaudit.server.samples import contributions
from plaudit.server.wire import Answer, StrictRoute

if TYPE_CHECKING:
    from plaudit.server.judge import Judge


class CreateParams(BaseModel):
    """How the model was asked; only `input`, the prompt, is read."""

    model_config = ConfigDict(extra="allow")

    input: str | list[dict[str, Any]]


class ModelResponse(BaseModel):
    """What the model answered, as an OpenAI Responses object; only `output` is read."""

    model_config = ConfigDict(extra="allow")

    output: list[dict[str, Any]]


class VerifyRequest(BaseModel):
    """A rollout; every other field is a column of its dataset row."""

    model_config = ConfigDict(extra="allow")

    responses_create_params: CreateParams
    response: ModelResponse


class VerifyAnswer(VerifyRequest):
    """The request again, with its reward."""

    reward: float
    mask_sample: bool
    failure_kind: str | None
    failure_reason: str | None
    reward_components: dict[str, float] | None = None


class CloseSession(BaseModel):
    """Which session ends; a scoring server keeps none."""

    resources_session_id: str


def router(judge: Judge) -> APIRouter:
    """Return the endpoints."""
    made = APIRouter(route_class=StrictRoute, tags=["NeMo-Gym"])

    @made.post("/verify", response_model=VerifyAnswer, responses=RESPONSES)
    async def verify(body: VerifyRequest) -> Answer:
        """Score the rollout's last assistant message; the other fields of the request are the reward's columns."""
        sample = Sample(body.response.output, body.responses_create_params.input, body.model_extra or {})
        score = (await judge.score([sample]))[0]
        return Answer(body.model_dump() | _verdict(score))

    @made.post("/aggregate_metrics", response_model=AggregateAnswer, responses=RESPONSES)
    async def aggregate_metrics(body: AggregateRequest) -> Answer:
        """Average every number of a run's rollouts, by task and over all; masked ones are counted and left out."""
        return Answer(await asyncio.to_thread(aggregated, body.verify_responses))

    @made.post("/seed_session", responses=RESPONSES)
    async def seed_session(body: dict[str, Any]) -> Answer:
        """Take note of nothing: scoring needs no session."""
        named = {name: body[name] for name in ("resources_session_id",) if name in body}
        return Answer(named)

    @made.post("/close_session", response_model=CloseSession, responses=RESPONSES)
    async def close_session(body: CloseSession) -> Answer:
        """Close what was never opened."""
        return Answer(body.model_dump())

    @made.get("/reverify_mode", response_model=str, responses={401: RESPONSES[401]})
    async def reverify_mode() -> Answer:
        """Say that saved rollouts may be scored again: nothing is kept between requests."""
        return Answer("stateless")

    return made


def _verdict(score: Score) -> dict[str, Any]:
    verdict: dict[str, Any] = {"reward": score.value or 0.0, "mask_sample": score.value is None}
    verdict |= {"failure_kind": None, "failure_reason": None}
    if score.value is None:
        kind = "verifier_error" if has_failed(score) else "plaudit:abstained"
        verdict |= {"failure_kind": kind, "failure_reason": score.reason}
    if score.parts:
        paid = contributions(score)
        verdict["reward_components"] = paid if score.value is not None else dict.fromkeys(paid, 0.0)
    return verdict
