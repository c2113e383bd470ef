"""The protocol: one sample in, one explained score out. Read this file first.

Batches, trainers, processes and files are wrappers around `Reward.score`. Nothing here imports anything heavy.
"""

from __future__ import annotations

import math
import re
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from plaudit.errors import ConfigError, RewardError
from plaudit.once import once

if TYPE_CHECKING:
    from plaudit.formats import Format, Parsed

MAX_NESTING = 32  # messages within messages
_SLUG = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.+-]*")


@dataclass(frozen=True)
class Sample:
    """One completion to be scored, with all that a reward may look at.

    Attributes:
        completion: What the model wrote: a text, one chat message, a list of content parts, or a list of messages.
        prompt: What it was asked, in any of the same shapes.
        columns: The dataset row: `answer` and whatever else it holds.
        group: Completions of one prompt share a group; None where groups don't matter.

    >>> Sample([{"role": "assistant", "content": "thinking"}, {"role": "assistant", "content": "42"}]).text
    '42'
    """

    completion: Any
    prompt: Any = ""
    columns: Mapping[str, Any] = field(default_factory=dict)
    group: Hashable = None

    @once
    def text(self) -> str:
        """The text of the last assistant turn, whatever the shape; empty where there is none."""
        return text_of(self.completion)

    @once
    def prompt_text(self) -> str:
        """The text of the prompt's last turn (the question, as a rule)."""
        return text_of(self.prompt, role="user")

    def parse(self, form: Format) -> Parsed:
        """Read the completion by a format, once, however many rewards ask."""
        known = self._parsed
        for asked, parsed in known:  # one or two: cheaper to compare, mostly by identity, than to hash all marks
            if asked is form or asked == form:
                return parsed
        parsed = form.parse(self.text)
        known.append((form, parsed))
        return parsed

    @once
    def _parsed(self) -> list[tuple[Format, Parsed]]:
        return []

    def __getstate__(self) -> dict[str, Any]:
        return {name: self.__dict__[name] for name in ("completion", "prompt", "columns", "group")}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)


def text_of(content: Any, role: str = "assistant") -> str:
    """Return the text of the last turn by `role` (or of the last turn at all), for every shape of chat content.

    Never raises: None, empty lists, images and tool calls without text give the empty text.

    >>> text_of([{"type": "text", "text": "4"}, {"type": "text", "text": "2"}])
    '42'
    >>> text_of({"role": "assistant", "content": None})
    ''
    """
    for _ in range(MAX_NESTING):
        if content is None or isinstance(content, str):
            return content or ""
        if isinstance(content, Mapping) and "content" not in content:
            return _part_text(content)
        turns = [item for item in content if _is_turn(item)] if _is_list(content) else [content]
        if not turns:
            return "".join(map(_part_text, content))
        spoken = [turn for turn in turns if _field(turn, "role") == role]
        content = _field((spoken or turns)[-1], "content")
    return ""  # nothing that a trainer passes is nested like this; a message that contains itself is


def _is_list(content: Any) -> bool:
    return isinstance(content, Sequence) and not isinstance(content, (str, bytes))


def _is_turn(item: Any) -> bool:
    return (isinstance(item, Mapping) and ("role" in item or "content" in item)) or hasattr(item, "role")


def _field(item: Any, name: str) -> Any:
    return item.get(name) if isinstance(item, Mapping) else getattr(item, name, None)


def _part_text(part: Any) -> str:
    text = part if isinstance(part, str) else _field(part, "text")
    return text if isinstance(text, str) else ""


@dataclass(frozen=True, slots=True)
class Score:
    """What one reward says of one sample, and why.

    Attributes:
        value: A finite number, or None to abstain. To abstain is neither zero nor NaN: the row doesn't count.
        reason: One sentence for a person.
        extracted: The answer as found in the completion, where the reward looked for one.
        parts: The components of a composite; their contributions add up to `value`.

    Raises:
        RewardError: The value is not a number (bool, NaN, infinity, text …).

    >>> Score(1.0, "equal to the gold", extracted="42").value
    1.0
    """

    value: float | None
    reason: str = ""
    extracted: str | None = None
    parts: tuple[Part, ...] = ()

    def __post_init__(self) -> None:
        value = self.value
        if value is None:
            return
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise RewardError(f"A score is a number or None, not {value!r} ({type(value).__name__}): return float(…).")
        if not math.isfinite(value):
            raise RewardError(f"A score is finite, not {value}: return None to abstain.")

    def walk(self) -> Iterator[Part]:
        """Go through every part, outermost first."""
        for part in self.parts:
            yield part
            yield from part.score.walk()


@dataclass(frozen=True, slots=True)
class Part:
    """One component of a composite score: its name, its weight there, and its own score, raw."""

    name: str
    weight: float
    score: Score

    @property
    def value(self) -> float | None:
        """The component's own value, before the weight."""
        return self.score.value

    @property
    def contribution(self) -> float:
        """What it adds to the total: weight times value, and nothing where it abstains.

        >>> Part("polite", 0.5, Score(3.0)).contribution
        1.5
        """
        return 0.0 if self.score.value is None or self.weight == 0 else self.weight * self.score.value


@dataclass(frozen=True, slots=True)
class Spec:
    """Facts about a reward, as data that tools can check.

    Attributes:
        name: What logs and curves call it: letters, digits, `-`, `_`, `.`, `+`.
        low: The least value it gives.
        high: The greatest value it gives.
        reads: The dataset columns that it needs.
        accept_at: The value from which it means "right"; None for shaping rewards.
        coupled: A row's score depends on the other rows of its group.
        deterministic: The same sample always gets the same score.
        effects: What it touches outside: `network`, `files`, `clock` …
        seconds: How long one sample may take; None where nothing is promised.

    Raises:
        ConfigError: A name that isn't a slug, or a range that isn't one.

    >>> Spec("polite", 0.0, 1.0).reads
    ()
    """

    name: str
    low: float
    high: float
    reads: tuple[str, ...] = ()
    accept_at: float | None = None
    coupled: bool = False
    deterministic: bool = True
    effects: tuple[str, ...] = ()
    seconds: float | None = None

    def __post_init__(self) -> None:
        check_name(self.name)
        if not (math.isfinite(self.low) and math.isfinite(self.high) and self.low <= self.high):
            raise ConfigError(f"The range of {self.name!r}, {self.low} to {self.high}, must be finite and rising.")
        if self.accept_at is not None and not self.low <= self.accept_at <= self.high:
            raise ConfigError(f"accept_at={self.accept_at} of {self.name!r} lies outside {self.low} to {self.high}.")


def check_name(name: str) -> None:
    """Refuse a name that logs and files could not carry.

    Raises:
        ConfigError: It is empty or holds anything but letters, digits, `-`, `_`, `.`, `+`.
    """
    if not _SLUG.fullmatch(name):
        raise ConfigError(f"{name!r} can't name a reward: use letters, digits, '-', '_', '.' or '+'.")


@runtime_checkable
class Reward(Protocol):
    """Anything with a `spec` and a `score`; no base class is required.

    A reward is immutable, pickles, is safe in threads, and never raises for anything that a model can write.
    """

    @property
    def spec(self) -> Spec:
        """The facts about this reward."""
        ...

    def score(self, batch: Sequence[Sample], /) -> list[Score]:
        """Score every sample of a batch, in order: one `Score` each."""
        ...
