"""Rewards that do what goes wrong, importable by name in every process of a trainer."""

from plaudit import reward

DEADLINE_SECONDS = 2.0


@reward(low=-1.0, high=1.0)
def edges(completion: str, answer: str) -> float | None:
    """Do what the completion says: abstain, raise, hang, or say how long it is."""
    if completion == "abstain":
        return None
    if completion == "raise":
        raise ZeroDivisionError(completion)
    if completion == "hang":
        while True:  # it never lets go, so that only killing its process helps
            pass
    return 1.0 if answer in completion else min(len(completion), 1_000_000) / 2_000_000


MEGABYTE = "x" * 1_000_000
CASES = {
    "abstain": "abstain",
    "exception": "raise",
    "hang past the deadline": "hang",
    "1 MB completion": MEGABYTE,
    "content=None": None,
    "multi-turn completion": [
        {"role": "assistant", "content": "wait"},
        {"role": "user", "content": "4?"},
        {"role": "assistant", "content": "4 it is"},
    ],
}
"""What the trainer gives as the completion; `answer` is 4, so the last turn of the last is worth 1."""


@reward(low=-1.0, high=1.0)
def wordless(completion: str) -> float | None:
    """The same, of the completion alone."""
    return edges.function(completion, "4")
