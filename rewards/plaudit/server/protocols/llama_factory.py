"""LLaMA-Factory's reward server for PPO: `reward_model: http://HOST:PORT/llamafactory`, `reward_model_type: api`.

Written against LLaMA-Factory 0.9.5 (`train/ppo/ppo_utils.py`): POST `{"model", "messages": [prompt with response]}`,
and `{"scores": [number]}` back. It sends no gold and doesn't say where the prompt ends, so it can only be served by a
reward that reads no column; the whole text is scored. No score is null, on which the trainer stops with a TypeError.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import APIRouter
from pydantic import BaseModel

from plaudit.protocol import Sample
from plaudit.server.problems import RESPONSES
from plaudit.server.wire import Answer, StrictRoute, Text

if TYPE_CHECKING:
    from plaudit.server.judge import Judge


class Request(BaseModel):
    """What LLaMA-Factory sends."""

    model: Text = ""
    messages: list[Text]


class Scores(BaseModel):
    """What it expects."""

    scores: list[float | None]


def router(judge: Judge) -> APIRouter:
    """Return the endpoint."""
    made = APIRouter(route_class=StrictRoute, tags=["LLaMA-Factory"])

    @made.post("/llamafactory", response_model=Scores, responses=RESPONSES)
    async def scores(body: Request) -> Answer:
        """Score whole texts, prompt and response together."""
        found = await judge.score([Sample(text) for text in body.messages])
        fallback = judge.settings.fallback
        return Answer({"scores": [fallback if score.value is None else score.value for score in found]})

    return made
