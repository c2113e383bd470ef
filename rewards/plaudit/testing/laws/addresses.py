"""Making objects at an address that has just become free: what a cache keyed by id() takes for what stood there.

CPython hands a place that was freed to the next object of the same size, so each maker makes one object of its kind
and nothing besides: a passing one would take the place, give it back, and take it again the next time.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from plaudit.protocol import Sample
from plaudit.testing.writing import paste

MOST_COPIES = 20_000
"""So many objects are made in search of one at a given address; more free places of one size a heap hardly has."""


@dataclass(frozen=True)
class Place:
    """One kind of object that a careless cache is keyed by.

    Attributes:
        name: What the reader calls it.
        maker: A function that makes the object anew, equal to the sample's each time.
        batch: The batch of one sample that holds a given object.
        written_maker: The maker, as Python.
        written_batch: The batch that holds `it`, as Python.
    """

    name: str
    maker: Callable[[Sample], Callable[[], Any]]
    batch: Callable[[Sample, Any], list[Sample]]
    written_maker: Callable[[Sample], str]
    written_batch: Callable[[Sample], str]


PLACES = (
    Place(
        "sample",
        lambda sample: partial(Sample, sample.completion, sample.prompt, sample.columns, sample.group),
        lambda _, it: [it],
        lambda sample: "partial(Sample, " + paste(sample).removeprefix("Sample("),
        lambda _: "[it]",
    ),
    Place(
        "completion",
        lambda sample: _makes(sample.completion),
        lambda sample, it: [replace(sample, completion=it)],
        lambda sample: f"{paste(_source(sample.completion))}.{_method(sample.completion)}",
        lambda sample: _written(sample, sample.completion),
    ),
    Place(
        "row",
        lambda sample: dict(sample.columns).copy,
        lambda sample, it: [replace(sample, columns=it)],
        lambda sample: f"{paste(dict(sample.columns))}.copy",
        lambda sample: _written(sample, dict(sample.columns)),
    ),
    Place(
        "batch",
        lambda sample: [replace(sample)].copy,
        lambda _, it: it,
        lambda sample: f"[{paste(sample)}].copy",
        lambda _: "it",
    ),
)


def _source(completion: Any) -> Any:
    return completion.encode() if isinstance(completion, str) else completion


def _method(completion: Any) -> str:
    return "decode" if isinstance(completion, str) else "copy"


def _makes(completion: Any) -> Callable[[], Any]:
    make: Callable[[], Any] = getattr(_source(completion), _method(completion))
    return make


def _written(sample: Sample, it: Any) -> str:
    return f"[{paste(sample).replace(paste(it), 'it', 1)}]"
