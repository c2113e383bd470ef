"""Scoring in a child process that is killed at its deadline; no signal handlers, so it works in any thread."""

from __future__ import annotations

import json
import os
import pickle
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import nullcontext, suppress
from dataclasses import dataclass, field
from typing import Any

from plaudit.protocol import Reward, Sample
from plaudit.testing.child import IMPORTING
from plaudit.testing.context import Raised
from plaudit.testing.law import NotApplicableError

START_SECONDS = 300.0
"""So long the child may take to start and to import the reward, which may bring a trainer along, and for any import
that a batch makes the reward do; beside them the deadline holds for each batch."""


@dataclass(frozen=True)
class Answer:
    """What the child says of one batch.

    Attributes:
        values: The outcomes, one per sample; empty where the child never finished it.
        seconds: The processor time it took.
        waited: How long it took by the clock.
        effects: What the reward touched outside itself, by kind.
        finished: False for the batch on which the child died or was killed.
        error: What the child wrote when it died by itself, or that it never began; empty after a batch's deadline.
    """

    values: list[Any] = field(default_factory=list)
    seconds: float = 0.0
    waited: float = 0.0
    effects: Mapping[str, str] = field(default_factory=dict)
    finished: bool = True
    error: str = ""


def pickled(reward: Reward) -> bytes:
    """Pickle a reward, or say that the law needs that."""
    try:
        return pickle.dumps(reward)
    except (pickle.PicklingError, AttributeError, TypeError) as error:
        raise NotApplicableError(
            f"the reward can't be pickled for another process ({error}); see the law pickle"
        ) from error


def score_apart(
    reward: Reward,
    batches: Sequence[Sequence[Sample]],
    *,
    deadline_seconds: float,
    watch: bool = False,
    environment: Mapping[str, str] | None = None,
) -> list[Answer]:
    """Score batches one after the other in a fresh process.

    The deadline holds for each batch. The list ends with the batch on which the process died or was killed, if it was.
    """
    job = pickle.dumps({"reward": pickled(reward), "batches": pickle.dumps(list(map(list, batches))), "watch": watch})
    paths = os.pathsep.join(path or "." for path in sys.path)
    with tempfile.TemporaryFile() as said, tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(
            [sys.executable, "-m", "plaudit.testing.child"],
            stdin=subprocess.PIPE,
            stdout=said,
            stderr=errors,
            env={**os.environ, "PYTHONPATH": paths, **(environment or {})},
        )
        killed = _feed_and_watch(process, job, said.fileno(), deadline_seconds)
        said.seek(0)
        errors.seek(0)
        told = said.read().decode()
        wrote = "" if killed else errors.read().decode(errors="replace")
        if killed and not told:
            wrote = f"it could not be imported within {START_SECONDS:g} s"
        return _answers(told, wrote, len(batches))


def _feed_and_watch(process: subprocess.Popen[bytes], job: bytes, said: int, deadline_seconds: float) -> bool:
    """Hand the job over and wait; kill a child that says nothing for too long, and tell whether that was needed."""
    with suppress(BrokenPipeError), process.stdin or nullcontext() as given:
        if given is not None:
            given.write(job)
    size, since, patience = 0, time.monotonic(), START_SECONDS
    while True:
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=0.02)
            return False
        now, written = time.monotonic(), os.fstat(said).st_size
        if written != size:
            size, since = written, now
            patience = START_SECONDS if _is_importing(said, written) else deadline_seconds
        elif now - since > max(patience, deadline_seconds):
            process.kill()
            process.wait()
            return True


def _is_importing(said: int, size: int) -> bool:
    last = f"{IMPORTING}\n".encode()
    return os.pread(said, len(last), max(0, size - len(last))) == last


def _answers(said: str, errors: str, count: int) -> list[Answer]:
    rows = [json.loads(line) for line in said.splitlines() if line.endswith("}")]
    answers = [
        Answer(
            [_outcome(value) for value in row["values"]],
            row.get("seconds", 0.0),
            row.get("waited", 0.0),
            row.get("effects", {}),
        )
        for row in rows
        if "values" in row
    ]
    if len(answers) < count:
        last = errors.strip().splitlines()[-1:] or [""]
        answers.append(Answer(finished=False, error=last[0]))
    return answers


def _outcome(value: Any) -> Any:
    return Raised(value["raised"], value["message"]) if isinstance(value, dict) else value
