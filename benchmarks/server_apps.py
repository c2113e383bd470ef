"""The servers that `plaudit serve` is measured against: what one writes in an afternoon, and the peers' own.

`python server_apps.py NAME PORT PROCESSES`; run by `server.py`, each with the Python of its environment.
"""

from __future__ import annotations

import os
import sys
from typing import Any

import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel

REWARD = "math-equal"


class Rollout(BaseModel):
    """What slime sends."""

    prompt: str
    response: str
    label: str


def naive() -> FastAPI:
    """The same reward of ours, called in the endpoint."""
    from plaudit import Sample, load

    app, judge = FastAPI(), load(REWARD)

    @app.post("/score")
    def score(body: Rollout) -> float | None:
        return judge.score([Sample(body.response, body.prompt, {"answer": body.label})])[0].value

    return app


def math_verify() -> FastAPI:
    """A TRL-style function around Math-Verify, on the main thread since its timeouts are signals."""
    from math_verify import parse, verify

    def accuracy(completions: list[str], solution: list[str]) -> list[float | None]:
        golds = [parse(gold) for gold in solution]
        found = [parse(text) for text in completions]
        return [float(verify(gold, answer)) if gold else None for gold, answer in zip(golds, found, strict=True)]

    app = FastAPI()

    @app.post("/score")
    async def score(body: Rollout) -> float | None:
        return accuracy([body.response], [f"${body.label}$"])[0]

    return app


def eval_protocol() -> FastAPI:
    """eval-protocol's own server, with the same reward of ours inside."""
    from eval_protocol.server import create_app

    from plaudit import Sample, load

    judge = load(REWARD)

    def score(messages: list[Any], ground_truth: Any = None, **_: Any) -> Any:
        found = judge.score([Sample(messages[1:], messages[:1], {"answer": ground_truth})])[0]
        return {"score": found.value or 0.0, "is_score_valid": found.value is not None, "reason": found.reason}

    return create_app(score)


def nemo_gym() -> FastAPI:
    """NeMo-Gym's resources server, with the same reward of ours inside."""
    import nemo_gym.global_config
    from nemo_gym.base_resources_server import (
        BaseResourcesServerConfig,
        BaseVerifyRequest,
        BaseVerifyResponse,
        SimpleResourcesServer,
    )
    from nemo_gym.config_types import BaseServerConfig
    from nemo_gym.server_utils import ServerClient
    from omegaconf import OmegaConf

    from plaudit import Sample, load

    judge = load(REWARD)

    class Asked(BaseVerifyRequest):
        answer: str

    class Server(SimpleResourcesServer):
        async def verify(self, body: Asked) -> BaseVerifyResponse:
            text = body.response.output[-1].content[0].text
            found = judge.score([Sample(text, "", {"answer": body.answer})])[0]
            return BaseVerifyResponse(**body.model_dump(), reward=found.value or 0.0, mask_sample=found.value is None)

    Server.verify.__annotations__ |= {
        "body": Asked,
        "return": BaseVerifyResponse,
    }  # names local here, which FastAPI misses
    empty = OmegaConf.create({})
    nemo_gym.global_config._GLOBAL_CONFIG_DICT = empty
    config = BaseResourcesServerConfig(host="127.0.0.1", port=1, entrypoint="app.py", name="plaudit", domain="math")
    head = BaseServerConfig(host="127.0.0.1", port=1)
    return Server(
        config=config, server_client=ServerClient(head_server_config=head, global_config_dict=empty)
    ).setup_webserver()


def app() -> FastAPI:
    """The application that the environment names, for uvicorn's processes."""
    made: FastAPI = globals()[os.environ["SERVER_APP"]]()
    return made


if __name__ == "__main__":
    os.environ["SERVER_APP"] = sys.argv[1]
    uvicorn.run("server_apps:app", factory=True, port=int(sys.argv[2]), workers=int(sys.argv[3]), log_level="warning")
