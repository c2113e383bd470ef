"""Plaudit's own endpoint: samples in, explained scores out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from plaudit.files import to_record
from plaudit.protocol import Sample
from plaudit.server.problems import RESPONSES
from plaudit.server.wire import Answer, Content, StrictRoute

if TYPE_CHECKING:
    from plaudit.server.judge import Judge


class SampleIn(BaseModel):
    """One completion to be scored."""

    model_config = ConfigDict(extra="forbid")

    completion: Content
    prompt: Content = ""
    columns: dict[str, Any] = Field(default={}, description="The dataset row: `answer` and whatever the reward reads.")
    group: str | int | None = Field(
        default=None, description="Completions of one prompt share a group; equal neighbouring prompts do by default."
    )


class ScoreRequest(BaseModel):
    """A batch of samples."""

    model_config = ConfigDict(extra="forbid")

    samples: list[SampleIn]


class PartOut(BaseModel):
    """A component of a composed score."""

    name: str
    weight: float
    value: float | None
    reason: str
    extracted: str | None
    parts: list[PartOut]


class ScoreOut(BaseModel):
    """What the reward says of one sample, and why."""

    value: float | None = Field(description="null: the reward abstains; neither zero nor NaN.")
    reason: str
    extracted: str | None
    parts: list[PartOut]


class ScoreAnswer(BaseModel):
    """One score per sample, in order."""

    reward: str
    scores: list[ScoreOut]


class RewardFacts(BaseModel):
    """What is known of the reward that is served."""

    name: str
    low: float
    high: float
    reads: list[str]
    accept_at: float | None
    coupled: bool
    deterministic: bool


def router(judge: Judge) -> APIRouter:
    """Return the endpoints."""
    made = APIRouter(route_class=StrictRoute, tags=["Plaudit"])

    @made.post("/v1/score", response_model=ScoreAnswer, responses=RESPONSES)
    async def score(body: ScoreRequest) -> Answer:
        """Score a batch: one explained score per sample, in order."""
        scores = await judge.score(list(_samples(body.samples)))
        return Answer({"reward": judge.spec.name, "scores": [to_record(item) for item in scores]})

    @made.get("/v1/reward", response_model=RewardFacts, responses={401: RESPONSES[401]})
    async def facts() -> Answer:
        """Say what is served: its name, range, and the columns that it reads."""
        return Answer({name: getattr(judge.spec, name) for name in RewardFacts.model_fields})

    return made


def _samples(given: Iterable[SampleIn]) -> Iterator[Sample]:
    for number, (_, same) in enumerate(groupby(given, key=lambda item: item.prompt)):
        for item in same:
            group = item.group
            if group is None and item.prompt:
                group = f"prompt {number}"
            yield Sample(item.completion, item.prompt, item.columns, group)
