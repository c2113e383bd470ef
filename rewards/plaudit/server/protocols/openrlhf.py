"""OpenRLHF's remote reward model: `--reward.remote_url http://HOST:PORT/get_reward`.

Written against OpenRLHF 0.11.2 (`utils/agent.py`): POST `{"query", "prompts", "labels"}`, lists of equal length, of one
entry in practice. `query` is prompt and response decoded together. The answer's numbers are bare for one entry and
lists for several, since the trainer makes a tensor of each by itself. No score is null: the trainer's own "no reward".
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict

from plaudit.protocol import Sample, Score
from plaudit.server.problems import RESPONSES, Problem
from plaudit.server.samples import contributions, gold_columns, response_of
from plaudit.server.wire import Answer, StrictRoute, Text

if TYPE_CHECKING:
    from plaudit.server.judge import Judge

Numbers = float | None | list[float | None]


class Request(BaseModel):
    """What OpenRLHF sends."""

    model_config = ConfigDict(extra="forbid")

    query: list[Text]
    prompts: list[Text]
    labels: list[Any]


class Reward(BaseModel):
    """What OpenRLHF expects: bare numbers for one query, lists for several."""

    rewards: Numbers
    scores: Numbers
    extra_logs: dict[str, Numbers]


def router(judge: Judge) -> APIRouter:
    """Return the endpoint."""
    made = APIRouter(route_class=StrictRoute, tags=["OpenRLHF"])

    @made.post("/get_reward", response_model=Reward, responses=RESPONSES)
    async def get_reward(body: Request) -> Answer:
        """Score prompt-with-response texts; `extra_logs` holds what each part contributes, and the flag `abstained`."""
        scores = await judge.score(list(_samples(body, judge)))
        rewards = [judge.settings.fallback if score.value is None else score.value for score in scores]
        logs = {name: _shaped(values) for name, values in _logs(scores).items()}
        return Answer({"rewards": _shaped(rewards), "scores": _shaped(rewards), "extra_logs": logs})

    return made


def _samples(body: Request, judge: Judge) -> Iterator[Sample]:
    if not len(body.query) == len(body.prompts) == len(body.labels):
        raise Problem(422, "invalid_request", "query, prompts and labels must be lists of equal length.")
    for row, (query, prompt, label) in enumerate(zip(body.query, body.prompts, body.labels, strict=True)):
        response = response_of(query, prompt)
        if response is None:
            raise Problem(422, "prompt_not_in_query", f"query.{row} doesn't hold its prompt, so no response is known.")
        yield Sample(response, prompt, gold_columns(label, judge.spec))


def _logs(scores: Sequence[Score]) -> dict[str, list[float]]:
    parts = [contributions(score) for score in scores]
    names = dict.fromkeys(name for each in parts for name in each)
    logs = {name: [each.get(name, 0.0) for each in parts] for name in names}
    return logs | {"abstained": [float(score.value is None) for score in scores]}


def _shaped(values: Sequence[float | None]) -> Numbers:
    return values[0] if len(values) == 1 else list(values)
