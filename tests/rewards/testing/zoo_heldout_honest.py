"""Honest rewards that no law was written for: as a careful author writes them."""

import math
import random
import re
from collections import Counter
from dataclasses import dataclass
from fractions import Fraction

from zoo_parts import BOXED, TAGGED, Slip

from plaudit import Score, Spec, load, reward
from plaudit.adapters.trl import from_trl
from plaudit.algebra import Algebra
from plaudit.testing.tasks import Task

LETTERS = tuple(
    Task(question, gold, wrong=tuple(sorted(set("ABCD") - {gold})), format="boxed")
    for question, gold in (
        ("Which planet is red? A Venus, B Mars, C Jupiter, D Earth", "B"),
        ("2 + 2? A 4, B 5, C 22, D 0", "A"),
    )
)
HASHES = tuple(Task(task.prompt, task.gold, wrong=task.wrong, format="gsm8k") for task in BOXED)


def spoken(completion):
    if isinstance(completion, str):
        return completion
    turns = [turn for turn in completion if isinstance(turn, dict) and turn.get("role") == "assistant"]
    content = turns[-1].get("content") if turns else ""
    if isinstance(content, list):
        content = "".join(part.get("text", "") for part in content if isinstance(part, dict))
    return content or ""


def only_box(text):
    """The content of the one box; nothing where there are none, several, or something behind it."""
    found = re.findall(r"\\boxed\{([^{}]*)\}", text)
    alone = len(found) == 1 and text.rstrip().endswith("}") and text.count("boxed") == 1
    return found[0].strip() if alone and "not \\boxed" not in text and "<|" not in text else None


def exact_box(completions, answer, **kwargs):
    return [
        None if gold is None or not gold.strip() else float(only_box(spoken(text)) == gold.strip())
        for text, gold in zip(completions, answer, strict=True)
    ]


@reward(low=0.0, high=1.0, accept_at=1.0)
def exact_fraction(completion: str, answer: str) -> float | None:
    number = re.compile(r"-?[0-9]{1,12}(\.[0-9]{1,12})?")
    if not answer or not number.fullmatch(answer):
        return None
    given = only_box(completion) or ""
    return float(bool(number.fullmatch(given)) and Fraction(given) == Fraction(answer))


@reward(low=0.0, high=1.0, accept_at=1.0)
def choice_letter(completion: str, answer: str) -> float | None:
    return float(only_box(completion) == answer) if answer and answer.strip() else None


@reward(low=0.0, high=1.0, accept_at=1.0)
def strict_tags(completion: str) -> float:
    shape = r"<think>[^<]*</think>\s*<answer>[^<]*[^<\s][^<]*</answer>\s*"
    return float(re.fullmatch(shape, completion) is not None)


@reward(low=0.0, high=1.0)
def cosine_length(completion: str) -> float:
    return (1 + math.cos(math.pi * min(1.0, len(completion) / 4000))) / 2


@reward(low=0.0, high=1.0)
def share_of_ascii(completion: str) -> float:
    return sum(map(str.isascii, completion)) / len(completion) if completion else 0.0


@dataclass(frozen=True)
class RareInItsGroup(Algebra):
    """Pays for texts that few others of the group repeat, every copy alike."""

    spec = Spec("rare-in-its-group", 0.0, 1.0, coupled=True)

    def score(self, batch, /):
        copies = Counter((sample.group, sample.text) for sample in batch)
        return [Score(1 / copies[sample.group, sample.text]) for sample in batch]


@reward(low=0.0, high=1.0, deterministic=False, effects=("random",))
def noisy_judge(completion: str) -> float:
    return min(1.0, max(0.0, random.gauss(0.5, 0.1)))


@reward(low=0.0, high=1.0, accept_at=1.0)
def after_the_hashes(completion: str, answer: str) -> float | None:
    if not answer or not answer.strip():
        return None
    lines = [line for line in completion.splitlines() if line.startswith("####")]
    last = completion.rstrip().splitlines()[-1:] == lines
    return float(len(lines) == 1 and last and completion.count("####") == 1 and lines[0][4:].strip() == answer.strip())


HONEST = {
    "exact-box": Slip("", "a TRL function: the one box, stripped", from_trl(exact_box), BOXED),
    "exact-fraction": Slip("", "equal as exact fractions", exact_fraction, BOXED),
    "choice-letter": Slip("", "the letter of a multiple choice", choice_letter, LETTERS),
    "strict-tags": Slip("", "tags by one anchored pattern without backtracking", strict_tags, TAGGED),
    "cosine-length": Slip("", "a cosine of the length", cosine_length),
    "share-of-ascii": Slip("", "the share of ASCII characters", share_of_ascii),
    "rare-in-its-group": Slip("", "coupled, and says so", RareInItsGroup()),
    "noisy-judge": Slip("", "noise, and says so", noisy_judge),
    "after-the-hashes": Slip("", "the answer behind the hashes, as GSM8K writes it", after_the_hashes, HASHES),
    "match-and-shape": Slip(
        "",
        "the better of two built-in rewards and a share of a third",
        load("math-equal", format="boxed") + 0.1 * load("format-exact", format="boxed"),
        BOXED,
    ),
}
