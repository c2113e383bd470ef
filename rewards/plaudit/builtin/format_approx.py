"""`format-approx`: how near is the completion to the format's shape?"""

from __future__ import annotations

from dataclasses import dataclass
from math import fsum

from plaudit.formats import Format, as_format
from plaudit.once import once
from plaudit.protocol import Sample, Score, Spec
from plaudit.rows import RowReward


@dataclass(frozen=True, kw_only=True)
class FormatApprox(RowReward):
    """Pay, for each tag that the model must write itself, `score_once` if it occurs exactly once, else `score_else`.

    Semantics follow `match_format_approximately` of Unsloth's Qwen3-4B GRPO notebook. A prefilled tag doesn't count.

    Attributes:
        format: The format, by name or as a `Format`; it must have tags.
        score_once: What a tag earns that occurs exactly once.
        score_else: What a tag earns that is missing or occurs more often.

    >>> FormatApprox().score([Sample("<SOLUTION>4</SOLUTION>")])[0].value
    0.0
    """

    format: Format | str = "unsloth"
    score_once: float = 0.5
    score_else: float = -1.0

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "format", as_format(self.format))

    @once
    def spec(self) -> Spec:
        """Reads no column; a shaping reward."""
        count = len(as_format(self.format).tags)
        low, high = sorted((count * self.score_once, count * self.score_else))
        return Spec("format-approx", low, high)

    def score_one(self, sample: Sample) -> Score:
        """Count the tags of one completion."""
        counts = {tag: sample.text.count(tag) for tag in as_format(self.format).tags}
        value = fsum(self.score_once if count == 1 else self.score_else for count in counts.values())
        wrong = [f"{tag} occurs {count} times" for tag, count in counts.items() if count != 1]
        return Score(value, "; ".join(wrong) or "every tag occurs exactly once")
