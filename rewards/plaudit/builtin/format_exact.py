"""`format-exact`: is the completion in exactly the format's shape?"""

from __future__ import annotations

from dataclasses import dataclass

from plaudit.formats import Format, as_format
from plaudit.once import once
from plaudit.protocol import Sample, Score, Spec
from plaudit.rows import RowReward


@dataclass(frozen=True, kw_only=True)
class FormatExact(RowReward):
    """Pay `score_right` when the completion ends in exactly the format's shape with a solution that isn't blank.

    Semantics follow `match_format_exactly` of Unsloth's Qwen3-4B GRPO notebook; where it is wrong, the documentation
    lists the difference.

    Attributes:
        format: The format, by name or as a `Format`.
        score_right: What the exact shape earns.
        score_wrong: What any other shape earns.

    >>> FormatExact().score([Sample("2 + 2<end_working_out><SOLUTION>4</SOLUTION>"), Sample("4")])[1].reason
    '<end_working_out> is missing'
    """

    format: Format | str = "unsloth"
    score_right: float = 3.0
    score_wrong: float = 0.0

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "format", as_format(self.format))

    @once
    def spec(self) -> Spec:
        """Reads no column; right from `score_right` on."""
        low, high = sorted((self.score_right, self.score_wrong))
        return Spec("format-exact", low, high, accept_at=self.score_right if self.score_right == high else None)

    def score_one(self, sample: Sample) -> Score:
        """Judge the shape of one completion."""
        parsed = sample.parse(as_format(self.format))
        if parsed.exact:
            return Score(self.score_right, "exactly the format's shape", extracted=parsed.solution)
        return Score(self.score_wrong, parsed.problem, extracted=parsed.solution)
