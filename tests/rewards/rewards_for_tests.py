"""Small rewards, importable by name, so that tests can pickle them and write them into recipes."""

import time
from dataclasses import dataclass
from pathlib import Path

from plaudit import Score, Spec, reward


@reward(low=0.0, high=1.0, accept_at=1.0)
def polite(completion: str, *, greeting: str = "Dear", pay: float = 1.0) -> float:
    """Pay for a greeting."""
    return pay * completion.startswith(greeting)


@reward(low=0.0, high=1.0, accept_at=1.0)
def same_city(completion: str, answer: str, *, ignore_case: bool = True) -> float | None:
    """Pay for the city's name; abstain where none is known."""
    if not answer:
        return None
    return float(completion.casefold() == answer.casefold() if ignore_case else completion == answer)


@reward(low=-10.0, high=0.0)
def brevity(completion: str) -> float:
    """Charge for length."""
    return -min(len(completion), 10)


@reward(low=0.0, high=1.0)
def fragile(completion: str) -> float:
    """Raise on a text that holds an x."""
    if "x" in completion:
        raise KeyError(completion)
    return 1.0


@dataclass(frozen=True)
class Stranger:
    """A reward that knows nothing of our base classes."""

    bonus: float = 0.5

    @property
    def spec(self) -> Spec:
        """Between 0 and the bonus."""
        return Spec("stranger", 0.0, self.bonus)

    def score(self, batch, /):
        """Pay the bonus for text with a digit."""
        return [Score(self.bonus * any(map(str.isdigit, sample.text))) for sample in batch]


@reward(low=0.0, high=1.0)
def gated(completion: str, *, gate: str = "") -> float:
    """Wait until a file appears, unless there is nothing to score."""
    while completion and not Path(gate).exists():
        time.sleep(0.01)
    return 0.5


@reward(low=0.0, high=1.0)
def hanging(completion: str) -> float:
    """Hang on the word for it."""
    while completion == "hang":
        time.sleep(60)
    return 1.0
