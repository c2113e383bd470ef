"""`plaudit serve`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import rich_click as click

from plaudit.cli.choose import chosen_reward, judge_options, pairs
from plaudit.cli.command import PlauditCommand
from plaudit.errors import ConfigError

if TYPE_CHECKING:
    from plaudit.engines import Engine
    from plaudit.protocol import Reward
    from plaudit.server.settings import Settings

EXAMPLES = [
    "plaudit serve --recipe unsloth",
    "plaudit serve --reward math-equal --map answer=expected_answer --workers 8 --deadline 2",
    "plaudit serve --recipe recipe.yaml --host 0.0.0.0 --token-file token.txt --fallback -1",
]

MEBIBYTE = 1024 * 1024


@click.command(cls=PlauditCommand, examples=EXAMPLES)
@judge_options
@click.option(
    "--host", default="127.0.0.1", show_default=True, help="Listen on this address; public ones need a token."
)
@click.option("--port", type=click.IntRange(0, 65535), default=8900, show_default=True, help="0 takes a free port.")
@click.option("--workers", type=click.IntRange(min=1), help="Worker processes.  [default: the cores we may use]")
@click.option(
    "--deadline",
    type=click.FloatRange(min=0, min_open=True),
    default=10.0,
    show_default=True,
    help="Seconds that one sample may take; past them its worker is killed and replaced, and the sample abstains.",
)
@click.option(
    "--token-file", type=click.Path(path_type=Path), help="A file that holds the token; or set PLAUDIT_TOKEN."
)
@click.option("--queue", type=click.IntRange(min=1), default=1024, show_default=True, help="Samples held at once.")
@click.option(
    "--timeout",
    type=click.FloatRange(min=0, min_open=True),
    default=60.0,
    show_default=True,
    help="Seconds that a request may wait for its scores.",
)
@click.option("--max-body", type=click.IntRange(min=1), default=16, show_default=True, help="Largest body, in MiB.")
@click.option("--fallback", type=float, help="Send this number where there is no score, to trainers that need one.")
@click.option(
    "--response-start",
    "response_starts",
    multiple=True,
    metavar="TEXT",
    help="What precedes a response in your chat template, for LLaMA-Factory; repeatable.  [default: the usual ones]",
)
def serve(recipe: str | None, reward: str | None, options: tuple[str, ...], step: int | None, **given: Any) -> None:
    """Serve a reward over HTTP, to every trainer that asks a server.

    OpenRLHF at /get_reward, slime at /slime, NeMo-Gym at /verify, eval-protocol at /reward, LLaMA-Factory at
    /llamafactory, and batches with explanations at /v1/score. /docs describes them all, /metrics is for Prometheus,
    /healthz and /readyz for load balancers.

    A request beyond --queue is answered 429. SIGTERM and Ctrl-C finish what was accepted.
    """
    _serve(chosen_reward(recipe, reward, options, step, ()), given)


def _serve(judge: Reward, given: dict[str, Any]) -> None:
    from plaudit.cli.screen import notes, plain

    try:
        from plaudit.server.app import create_app
        from plaudit.server.run import run
    except ModuleNotFoundError as error:
        raise ConfigError(f"`plaudit serve` needs {error.name}: pip install 'plaudit[server]'.") from error
    from plaudit.engines.workers import Workers

    settings = _settings(given)
    engine = Workers(judge, workers=given["workers"], deadline_seconds=given["deadline"])
    with engine:
        _try_out(judge, engine)
        app = create_app(judge, engine, settings)
        run(
            app,
            settings,
            lambda url: notes().print(plain(f"Serving {judge.spec.name} on {url} – {url}/docs says how.")),
        )


def _try_out(judge: Reward, engine: Engine) -> None:
    """Score one blank sample, so that a reward which can't be loaded in a worker says so now; unless it costs money."""
    from plaudit.protocol import Sample

    if not judge.spec.effects:
        engine.score([Sample("", "", dict.fromkeys(judge.spec.reads, ""), group=0)])


def _settings(given: dict[str, Any]) -> Settings:
    from plaudit.server.settings import Settings

    return Settings(
        host=given["host"],
        port=given["port"],
        token=_token(given["token_file"]),
        max_body_bytes=given["max_body"] * MEBIBYTE,
        queue=given["queue"],
        timeout_seconds=given["timeout"],
        fallback=given["fallback"],
        response_starts=given["response_starts"],
        renamed=pairs(given["renamed"], "--map"),
    )


def _token(path: Path | None) -> str | None:
    if path is None:
        return os.environ.get("PLAUDIT_TOKEN") or None
    try:
        return path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(
            f"The token file {path} can't be read: {getattr(error, 'strerror', None) or error}."
        ) from error
