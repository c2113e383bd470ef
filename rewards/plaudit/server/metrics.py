"""Prometheus metrics: what was asked, what came back, and how long it took."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, PlatformCollector, ProcessCollector
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

from plaudit.failures import has_failed

if TYPE_CHECKING:
    from starlette.types import Scope

    from plaudit.protocol import Score
    from plaudit.server.admission import Admission

CONTENT_TYPE = CONTENT_TYPE_LATEST

SECONDS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0)
"""Upper ends of the histogram's buckets: a format check takes a millisecond, a hanging sample its deadline."""


class Metrics:
    """The metrics of one server, in a registry of its own."""

    def __init__(self, admission: Admission) -> None:
        self.paths: frozenset[str] = frozenset()
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)
        self._requests = Counter("plaudit_requests", "Requests answered.", ["path", "status"], registry=self.registry)
        self._seconds = Histogram(
            "plaudit_request_seconds", "Time from request to answer.", ["path"], buckets=SECONDS, registry=self.registry
        )
        self._samples = Counter(
            "plaudit_samples", "Samples by outcome: scored, abstained, failed.", ["outcome"], registry=self.registry
        )
        self._outcomes = {outcome: self._samples.labels(outcome) for outcome in ("scored", "abstained", "failed")}
        self._known: dict[tuple[str, int], tuple[Counter, Histogram]] = {}
        waiting = Gauge("plaudit_queue_samples", "Samples waiting or being scored.", registry=self.registry)
        waiting.set_function(lambda: admission.taken)
        capacity = Gauge("plaudit_queue_capacity", "Samples that may wait or be scored.", registry=self.registry)
        capacity.set(admission.capacity)

    def answered(self, scope: Scope, status: int, seconds: float) -> None:
        """Count a request; paths that no endpoint has share one label, or strangers could make labels without end."""
        path = scope["path"] if scope["path"] in self.paths else "other"
        requests, durations = self._of(path, status)
        requests.inc()
        durations.observe(seconds)

    def _of(self, path: str, status: int) -> tuple[Counter, Histogram]:
        if (path, status) not in self._known:
            self._known[path, status] = self._requests.labels(path, str(status)), self._seconds.labels(path)
        return self._known[path, status]

    def count(self, score: Score) -> None:
        """Count a sample by its outcome; one whose reward failed in part counts as failed."""
        outcome = "failed" if has_failed(score) else "abstained" if score.value is None else "scored"
        self._outcomes[outcome].inc()

    def page(self) -> bytes:
        """Return all metrics in Prometheus' text format."""
        return generate_latest(self.registry)
