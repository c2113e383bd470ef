"""LLaMA-Factory's reward server for PPO: `reward_model: http://HOST:PORT/llamafactory`, `reward_model_type: api`.

Written against LLaMA-Factory 0.9.5 (`train/ppo/ppo_utils.py`): POST `{"model", "messages": [prompt with response]}`,
and `{"scores": [number]}` back. It sends no gold, so it can only be served by a reward that reads no column; the
response is what follows its last beginning in the usual chat templates, or in the one that the server was told. No
score is null, on which the trainer stops with a TypeError.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from fastapi import APIRouter
from pydantic import BaseModel

from plaudit.adapters.llamafactory import RESPONSE_STARTS, response_of
from plaudit.protocol import Sample
from plaudit.server.problems import RESPONSES, Problem
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
    starts = judge.settings.response_starts or RESPONSE_STARTS

    @made.post("/llamafactory", response_model=Scores, responses=RESPONSES)
    async def scores(body: Request) -> Answer:
        """Score the response at the end of each text, which also holds the prompt and special tokens."""
        found = await judge.score(list(_samples(body.messages, starts)))
        fallback = judge.settings.fallback
        return Answer({"scores": [fallback if score.value is None else score.value for score in found]})

    return made


def _samples(texts: list[str], starts: tuple[str, ...]) -> Iterator[Sample]:
    for row, text in enumerate(texts):
        response = response_of(text, starts)
        if response is None:
            message = f"No response begins in messages.{row}: serve with --response-start, what precedes one."
            raise Problem(422, "no_response", message)
        yield Sample(response)
