"""eval-protocol's reward server: `RewardFunction(mode="remote", endpoint="http://HOST:PORT/reward")`.

Written against eval-protocol 0.3.33 (`server.py`, `reward_function.py`): POST `{"messages", "ground_truth", …}`, an
`EvaluateResult` back. No score is `is_score_valid: false` with a null score: the client drops the flag, and a number
would reach the trainer as if it were meant. In `metrics`, which need a number, a part that abstains has 0 and the flag.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict

from plaudit.protocol import Part, Sample, Score
from plaudit.server.problems import RESPONSES
from plaudit.server.samples import gold_columns
from plaudit.server.wire import Answer, StrictRoute

if TYPE_CHECKING:
    from plaudit.server.judge import Judge

Messages = list[dict[str, Any]]


class Request(BaseModel):
    """What eval-protocol sends; every other field is a column."""

    model_config = ConfigDict(extra="allow")

    messages: Messages
    ground_truth: Any = None


class Metric(BaseModel):
    """One part of the score; `success` says the same as `is_score_valid`, to the client that reads that name."""

    score: float
    is_score_valid: bool
    success: bool
    reason: str


class EvaluateResult(BaseModel):
    """What eval-protocol expects."""

    score: float | None
    is_score_valid: bool
    reason: str
    metrics: dict[str, Metric]
    error: str | None


def router(judge: Judge) -> APIRouter:
    """Return the endpoints."""
    made = APIRouter(route_class=StrictRoute, tags=["eval-protocol"])

    @made.post("/reward", response_model=EvaluateResult, responses=RESPONSES)
    async def reward(body: Request) -> Answer:
        """Score the turns after the last one of the user."""
        prompt, completion = _turns(body.messages)
        columns = body.model_extra or {}
        if not isinstance(body.ground_truth, list):  # a list is the conversation again, the client's default
            columns = gold_columns(body.ground_truth, judge.spec) | columns
        score = (await judge.score([Sample(completion, prompt, columns)]))[0]
        return Answer(_result(score, judge.settings.fallback))

    return made


def _turns(messages: Messages) -> tuple[Messages, Messages]:
    asked = [place for place, message in enumerate(messages) if message.get("role") == "user"]
    cut = asked[-1] + 1 if asked else 0
    return messages[:cut], messages[cut:]


def _result(score: Score, fallback: float | None) -> dict[str, Any]:
    valid = score.value is not None
    return {
        "score": score.value if valid else fallback,
        "is_score_valid": valid,
        "reason": score.reason,
        "metrics": {part.name: _metric(part) for part in score.parts},
        "error": None if valid else score.reason or "The reward abstains.",
    }


def _metric(part: Part) -> dict[str, Any]:
    valid = part.value is not None
    return {"score": part.value or 0.0, "is_score_valid": valid, "success": valid, "reason": part.score.reason}
