"""Scores kept on disk by version of the reward and content of the sample, and an engine that looks there first."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Self

from plaudit.engines import Engine
from plaudit.engines.faults import is_circumstantial
from plaudit.errors import ConfigError
from plaudit.failures import REAL_BATCH, refuse_broken
from plaudit.files import from_record, to_record
from plaudit.protocol import Reward, Sample, Score
from plaudit.version import reward_version

FILE = "scores.sqlite"

_TABLE = "create table if not exists scores (version text, content blob, score text, primary key (version, content))"


class Cached:
    """An engine that asks another only for what it hasn't seen.

    Kept are the scores of deterministic rewards that look at one sample at a time. What hung, died or ran out of memory
    is tried again. The hooks of plugins run for what is scored, not for what was kept.

    Args:
        engine: The engine that scores.
        reward: Its reward.
        folder: Where the scores are kept, in a SQLite file that several runs may share.

    Raises:
        ConfigError: The reward is coupled, not deterministic or has effects; or the folder can't be written.
    """

    def __init__(self, engine: Engine, reward: Reward, folder: Path) -> None:
        spec = reward.spec
        if spec.coupled or spec.effects or not spec.deterministic:
            why = "looks at whole groups" if spec.coupled else "is not a function of the sample alone"
            raise ConfigError(f"The scores of {spec.name!r} can't be kept: it {why}. Score without --cache.")
        self.hits = 0
        self._engine, self._reward, self._version = engine, reward, reward_version(reward)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._store = sqlite3.connect(folder / FILE, timeout=60.0, check_same_thread=False)
            self._store.execute("pragma journal_mode = wal")
            self._store.execute("pragma synchronous = normal")
            self._store.execute(_TABLE)
        except (OSError, sqlite3.Error) as error:
            raise ConfigError(f"The cache {folder} can't be used: {error}.") from error

    def score(self, batch: Sequence[Sample], /) -> list[Score]:
        """Score a batch: one score per sample, in order."""
        return next(self.stream([batch]))

    def stream(self, batches: Iterable[Sequence[Sample]], /) -> Iterator[list[Score]]:
        """Score batches: what is known from the cache, the rest by the engine."""
        waiting: deque[_Batch] = deque()
        pieces = self._engine.stream(self._unknown(batches, waiting))
        while True:
            while waiting and waiting[0].left == 0:
                yield self._finished(waiting.popleft())
            piece = next(pieces, None)
            if piece is None:
                break
            for batch in islice((batch for batch in waiting if batch.left), 1):
                batch.take(piece)
        for batch in waiting:
            yield self._finished(batch)

    def close(self) -> None:
        """Close the engine and the file."""
        self._engine.close()
        self._store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def _unknown(self, batches: Iterable[Sequence[Sample]], waiting: deque[_Batch]) -> Iterator[list[Sample]]:
        """Give what must be scored; in pieces too small to be judged as a batch, where they are not a whole one.

        A batch of which all is known gives an empty piece, so that the engine reads on no further than its bound.
        """
        for samples in batches:
            batch = self._looked_up(samples)
            waiting.append(batch)
            missing = [samples[row] for row in batch.missing]
            size = len(missing) if len(missing) == len(samples) else REAL_BATCH - 1
            yield from (missing[start : start + size] for start in range(0, len(missing) or 1, size or 1))

    def _looked_up(self, samples: Sequence[Sample]) -> _Batch:
        keys = [content_of(sample) for sample in samples]
        marks = ",".join("?" * len(keys))
        query = f"select content, score from scores where version = ? and content in ({marks})"  # noqa: S608 - marks only
        known = {
            content: from_record(json.loads(text))
            for content, text in self._store.execute(query, (self._version, *keys))
        }
        found = [known.get(key) for key in keys]
        self.hits += sum(score is not None for score in found)
        return _Batch(samples, keys, found, [row for row, score in enumerate(found) if score is None])

    def _finished(self, batch: _Batch) -> list[Score]:
        scores = [score for score in batch.found if score is not None]
        refuse_broken(self._reward, batch.samples, scores)
        new = [
            (self._version, batch.keys[row], json.dumps(to_record(scores[row])))
            for row in batch.missing
            if not is_circumstantial(scores[row])
        ]
        with self._store:
            self._store.executemany("insert or replace into scores values (?, ?, ?)", new)
        return scores


@dataclass
class _Batch:
    samples: Sequence[Sample]
    keys: list[bytes]
    found: list[Score | None]
    missing: list[int]
    taken: int = 0

    @property
    def left(self) -> int:
        """How many of its samples the engine still has."""
        return len(self.missing) - self.taken

    def take(self, scores: Sequence[Score]) -> None:
        """Put the next scores from the engine in their places."""
        for row, score in zip(self.missing[self.taken :], scores, strict=False):
            self.found[row] = score
        self.taken += len(scores)


def content_of(sample: Sample) -> bytes:
    """Return a digest of all that a reward may look at in a sample.

    >>> content_of(Sample("4", "2 + 2?")) == content_of(Sample("4", "2 + 2?")) != content_of(Sample("4", "2 + 3?"))
    True
    """
    seen = [sample.completion, sample.prompt, dict(sample.columns)]
    return hashlib.blake2b(json.dumps(seen, sort_keys=True, default=repr).encode(), digest_size=16).digest()
