"""One scored completion, as the trainer and the offline tools write it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from plaudit.failures import FAILED
from plaudit.protocol import text_of
from plaudit.report.lines import finite

STAGES = {
    "before": "before training",
    "after_sft": "after SFT",
    "grpo": "during GRPO",
    "after_grpo": "after GRPO",
    "": "scored",
}
"""The stages of a run that score completions, in order, as a person calls them; a file's rows may belong to none."""


@dataclass(frozen=True, slots=True)
class PartScore:
    """What one part of the reward said: raw value (None: it abstained), weight, why, and its own parts."""

    name: str
    weight: float
    value: float | None
    reason: str
    parts: tuple[PartScore, ...] = ()

    @property
    def failed(self) -> bool:
        """Whether it, or a part of it, abstained because it raised."""
        return self.reason.startswith(FAILED) or any(part.failed for part in self.parts)

    @property
    def contribution(self) -> float | None:
        """What it added to the total; None where it abstained."""
        return None if self.value is None else self.weight * self.value


@dataclass(frozen=True, slots=True)
class Completion:
    """One completion with its score; `line` is its place in the file, from 1, `group` names what belongs together."""

    line: int
    stage: str
    step: int
    mode: str
    prompt: str
    text: str
    answer: str
    value: float | None
    reason: str
    extracted: str | None
    parts: tuple[PartScore, ...]
    correct: bool | None
    group: str = ""

    @property
    def failed(self) -> bool:
        """Whether the reward, or a part of it, raised on this row."""
        return self.reason.startswith(FAILED) or any(part.failed for part in self.parts)

    @property
    def part_values(self) -> dict[str, float | None]:
        """The raw value of each part, by name."""
        return {part.name: part.value for part in self.parts}


def read_completion(line: int, record: Mapping[str, Any]) -> Completion:
    """Read one record.

    Raises:
        ValueError: A field has the wrong type; the message names it.
    """
    correct = record.get("correct")
    extracted = record.get("extracted")
    return Completion(
        line=line,
        stage=_text(record.get("stage")),
        step=int(finite(record.get("step")) or 0),
        mode=_text(record.get("mode")),
        prompt=text_of(record.get("prompt"), role="user"),
        text=text_of(record.get("completion")),
        answer=_text(record.get("answer")),
        value=_number(record, "value"),
        reason=_text(record.get("reason")),
        extracted=None if extracted is None else _text(extracted),
        parts=_read_parts(record.get("parts")),
        correct=correct if isinstance(correct, bool) else None,
        group=_text(record.get("group")),
    )


def _read_parts(parts: Any) -> tuple[PartScore, ...]:
    if parts is None:
        return ()
    if not isinstance(parts, list) or not all(isinstance(part, Mapping) for part in parts):
        raise ValueError("`parts` isn't a list of objects")
    seen: dict[str, int] = {}
    return tuple(_read_part(part, seen) for part in _nested(parts))


def _nested(parts: list[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Put parts that a table lists flat, each under its path (`plaudit.arrow`), into one another again."""
    if not any("path" in part for part in parts):
        return parts
    outermost: list[Mapping[str, Any]] = []
    below: dict[str, list[Mapping[str, Any]]] = {"": outermost}
    for part in parts:
        path = _text(part.get("path"))
        outer, _, name = path.rpartition("/")
        inner = below.setdefault(path, [])
        below.get(outer, outermost).append({**part, "name": name, "parts": inner})
    return outermost


def _read_part(part: Mapping[str, Any], seen: dict[str, int]) -> PartScore:
    name = _text(part.get("name")) or "unnamed"
    seen[name] = seen.get(name, 0) + 1
    shown = name if seen[name] == 1 else f"{name} ({seen[name]})"
    weight = finite(part.get("weight", 1.0))
    if weight is None:
        raise ValueError(f"`weight` of part {name!r} isn't a number")
    below = _read_parts(part.get("parts"))
    return PartScore(shown, weight, _number(part, "value"), _text(part.get("reason")), below)


def _number(record: Mapping[str, Any], key: str) -> float | None:
    value = record.get(key)
    number = finite(value)
    if value is not None and number is None:
        raise ValueError(f"`{key}` is {str(value)[:40]!r}, neither a finite number nor null")
    return number


def _text(value: Any) -> str:
    return value if isinstance(value, str) else "" if value is None else str(value)
