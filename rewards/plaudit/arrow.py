"""Scores as a table: the schema, its version, and `Scores`, a list of scores that becomes one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from plaudit.protocol import Sample, Score
from plaudit.storage.needs import needed

SCHEMA_VERSION = 1
"""Raised when a column changes its name, type or meaning, or goes; new columns may come without that."""

SCORE_COLUMNS = ("value", "reason", "extracted", "parts")


def score_fields(arrow: Any) -> list[Any]:
    """Return the Arrow fields of a score."""
    text, number = arrow.string(), arrow.float64()
    part = [("path", text), ("weight", number), ("value", number), ("reason", text), ("extracted", text)]
    return [
        arrow.field("value", number),
        arrow.field("reason", text),
        arrow.field("extracted", text),
        arrow.field("parts", arrow.list_(arrow.struct(part))),
    ]


def metadata() -> dict[bytes, bytes]:
    """Return what the schema of every table of scores carries."""
    return {b"plaudit.schema": str(SCHEMA_VERSION).encode()}


def flat_parts(parts: Iterable[Mapping[str, Any]], prefix: str = "") -> list[dict[str, Any]]:
    """List the parts of a record, those inside after the one they are in, each under its path.

    >>> inner = {"name": "b", "weight": 2.0, "value": 1.0, "reason": "", "extracted": None, "parts": []}
    >>> [part["path"] for part in flat_parts([inner | {"name": "a", "parts": [inner]}])]
    ['a', 'a/b']
    """
    return list(_walk(parts, prefix))


def _walk(parts: Iterable[Mapping[str, Any]], prefix: str) -> Iterator[dict[str, Any]]:
    for part in parts:
        path = prefix + part["name"]
        yield {"path": path} | {key: part[key] for key in ("weight", "value", "reason", "extracted")}
        yield from _walk(part["parts"], f"{path}/")


class Scores(list[Score]):
    """The scores of a batch, in the order of its samples: a list, and a table for those who want one.

    Attributes:
        samples: What was scored.
        reward: The name of the reward.

    >>> from plaudit import load, score
    >>> found = score(load("format-exact"), [Sample("4")])
    >>> found[0].value, len(found)
    (0.0, 1)
    """

    def __init__(self, scores: Iterable[Score], samples: Sequence[Sample], reward: str) -> None:
        super().__init__(scores)
        self.samples = samples
        self.reward = reward

    def to_arrow(self) -> Any:
        """Return a `pyarrow.Table`: `prompt`, `completion`, `value`, `reason`, `extracted`, `parts`.

        Raises:
            ConfigError: pyarrow is not installed (`pip install 'plaudit[data]'`).

        >>> from plaudit import load, score
        >>> score(load("format-exact"), [Sample("4")]).to_arrow().column_names
        ['prompt', 'completion', 'value', 'reason', 'extracted', 'parts']
        """
        arrow: Any = needed("pyarrow", "a table of scores")
        texts = [arrow.field("prompt", arrow.string()), arrow.field("completion", arrow.string())]
        more = metadata() | {b"plaudit.reward": self.reward.encode()}
        schema = arrow.schema([*texts, *score_fields(arrow)], metadata=more)
        return arrow.Table.from_pylist(list(self._records()), schema=schema)

    def to_pandas(self) -> Any:
        """Return a `pandas.DataFrame`: as `to_arrow`, with a column of values for each part instead of `parts`.

        Raises:
            ConfigError: pandas is not installed.

        >>> from plaudit import recipe, score
        >>> frame = score(recipe("unsloth"), [Sample("4", columns={"answer": "4"})]).to_pandas()
        >>> frame["part/answer-match"].tolist()
        [-2.0]
        """
        pandas: Any = needed("pandas", "a data frame of scores")
        rows = []
        for record in self._records():
            parts = record.pop("parts")
            rows.append(record | {f"part/{part['path']}": part["value"] for part in parts})
        always = ["prompt", "completion", *(name for name in SCORE_COLUMNS if name != "parts")]
        frame = pandas.DataFrame(rows, columns=list(dict.fromkeys([*always, *(key for row in rows for key in row)])))
        numbers = [name for name in frame.columns if name == "value" or name.startswith("part/")]
        frame.attrs["plaudit.schema"] = SCHEMA_VERSION
        return frame.astype(dict.fromkeys(numbers, "float64"))

    def _records(self) -> Iterator[dict[str, Any]]:
        from plaudit.files import to_record

        for sample, score in zip(self.samples, self, strict=True):
            record = to_record(score)
            texts = {"prompt": writable(sample.prompt_text), "completion": writable(sample.text)}
            yield texts | record | {"parts": flat_parts(record["parts"])}


def writable(text: str) -> str:
    r"""Replace half surrogate pairs, which models do write and a table can't hold, by their escapes.

    >>> writable("4 \ud83d")
    '4 \\ud83d'
    """
    return text.encode("utf-8", "backslashreplace").decode()
