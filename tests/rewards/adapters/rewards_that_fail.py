"""Rewards that do what goes wrong on command, importable by name."""

import threading

from plaudit import Score, Spec, reward

RELEASE = threading.Event()


@reward(low=-1.0, high=1.0)
def unruly(completion: str, answer: str) -> float | None:
    """Abstain, raise or hang where the completion says so; else pay for the answer."""
    if completion == "abstain":
        return None
    if completion == "raise":
        raise ZeroDivisionError(completion)
    if completion == "hang":
        RELEASE.wait()
    return float(answer in completion)


@reward(low=0.0, high=1.0)
def wordless(completion: str) -> float | None:
    """The same, of the completion alone."""
    return unruly.function(completion, "4")


class Homebound:
    """A reward that doesn't pickle: it holds a lock."""

    def __init__(self):
        self.lock = threading.Lock()
        self.spec = Spec("homebound", 0.0, 1.0, ("answer",))

    def score(self, batch, /):
        """Pay for the answer."""
        with self.lock:
            return [Score(float(sample.columns["answer"] in sample.text)) for sample in batch]


HOMEBOUND = Homebound()
