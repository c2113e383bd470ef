"""What a run folder keeps of one scored completion, and when a completion counts as right."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from plaudit.composite import Composite, unique_names
from plaudit.errors import ConfigError, nearest

if TYPE_CHECKING:
    from plaudit.protocol import Reward, Sample, Score, Spec


@dataclass(frozen=True)
class Accuracy:
    """Which part of the reward says "right", and from which value.

    Attributes:
        part: The part's name; empty for the reward as a whole.
        accept_at: Its value from which a completion is right.
    """

    part: str
    accept_at: float

    def correct(self, score: Score) -> bool:
        """The completion is right; an abstaining part says nothing, so it is not."""
        value = score.value
        if self.part:
            value = next((part.value for part in score.walk() if part.name == self.part), None)
        return value is not None and value >= self.accept_at


def accuracy_of(reward: Reward, part: str | None = None) -> Accuracy:
    """Find what measures accuracy: the named part, or the first that reads `answer` and knows a value meaning right.

    Raises:
        ConfigError: No such part, or none that can say "right".

    >>> import plaudit
    >>> accuracy_of(plaudit.recipe("unsloth"))
    Accuracy(part='answer-match', accept_at=3.5)
    """
    judge = _inside(reward)
    known = dict(_parts(judge))
    if part is not None:
        if part not in known:
            raise ConfigError(f"evaluate.accuracy_part: the reward has no part {part!r}. {nearest(part, known)}")
        accept_at = known[part].accept_at
        if accept_at is None:
            raise ConfigError(f"evaluate.accuracy_part: {part!r} is a shaping reward; no value of it means right.")
        return Accuracy(part, accept_at)
    for name, spec in [("", judge.spec), *known.items()]:
        if spec.accept_at is not None and "answer" in spec.reads:
            return Accuracy(name, spec.accept_at)
    raise ConfigError(
        "No part of the reward reads `answer` and has a value that means right, so accuracy can't be measured: add "
        "one (answer-match, say), with weight 0 if it shall not count."
    )


def verdict_of(reward: Reward) -> Accuracy | None:
    """Find what of a reward can say "right": the whole, the first part that reads `answer`, or any part; else None.

    >>> import plaudit
    >>> verdict_of(plaudit.load("answer-match")), verdict_of(plaudit.load("format-approx"))
    (Accuracy(part='', accept_at=3.5), None)
    """
    judge = _inside(reward)
    known = [("", judge.spec), *_parts(judge)]
    able = [(name, spec) for name, spec in known if spec.accept_at is not None]
    able.sort(key=lambda each: (each[0] != "", "answer" not in each[1].reads))
    for name, spec in able:
        if spec.accept_at is not None:
            return Accuracy(name, spec.accept_at)
    return None


def completion_row(place: Mapping[str, Any], sample: Sample, score: Score, accuracy: Accuracy | None) -> dict[str, Any]:
    """Return a row for `completions.jsonl`: where, what was asked and written, and what each part said."""
    return {
        **place,
        "prompt": sample.prompt_text,
        "completion": sample.text,
        "answer": str(sample.columns.get("answer", "")),
        "value": score.value,
        "reason": score.reason,
        "extracted": score.extracted,
        "parts": [
            {"name": part.name, "weight": part.weight, "value": part.value, "reason": part.score.reason}
            for part in score.parts
        ],
        "correct": None if accuracy is None else accuracy.correct(score),
    }


def _inside(reward: Reward) -> Reward:
    """A recipe's composed reward; any other reward itself."""
    judge: Reward = getattr(reward, "judge", reward)
    return judge


def _parts(reward: Reward) -> Iterator[tuple[str, Spec]]:
    """Every part of a composite by its name there, outermost first."""
    if isinstance(reward, Composite):
        children = reward.children()
        for name, child in zip(unique_names(children), children, strict=True):
            yield name, child.spec
            yield from _parts(child)
