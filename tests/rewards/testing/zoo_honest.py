"""Honest rewards of many kinds: none of them may raise an alarm."""

import random
import re
from dataclasses import dataclass

from zoo_parts import BOXED, NOTATIONS, TAGGED, Slip, box, right

from plaudit import Score, Spec, load, reward
from plaudit.algebra import Algebra
from plaudit.protocol import Sample
from plaudit.rows import RowReward


@reward(low=0.0, high=1.0, accept_at=1.0)
def stripped_match(sample: Sample, answer: str) -> float | None:
    return right(sample)


@reward(low=0.0, high=1.0, accept_at=1.0)
def near_number(sample: Sample, answer: str) -> float | None:
    value, given = right(sample), box(sample.text)
    plain = (
        sample.text.count("\\boxed{") == 1 and "not \\boxed" not in sample.text and "<|im_start|>" not in sample.text
    )
    if value is None or value or not plain or not re.fullmatch(r"-?\d{1,9}(\.\d{1,9})?", given):
        return value
    return 0.3 if abs(float(given) - float(answer)) <= 0.2 * abs(float(answer)) else 0.0


@reward(low=0.0, high=1.0, accept_at=1.0)
def whole_shape(completion: str) -> float:
    parts = re.split(r"(</?think>|</?answer>)", completion.rstrip())
    marks, words = parts[1::2], parts[::2]
    shaped = marks == ["<think>", "</think>", "<answer>", "</answer>"]
    return float(shaped and bool(words[3].strip()) and not (words[0] + words[2] + words[4]).strip())


@reward(low=0.0, high=1.0)
def brevity(completion: str) -> float:
    return max(0.0, 1.0 - len(completion) / 2000)


@reward(low=0.0, high=1.0)
def few_repetitions(completion: str) -> float:
    words = completion.split()[:5000]
    return len(set(words)) / len(words) if words else 0.0


@reward(low=0.0, high=1.0, deterministic=False, effects=("random",))
def moody_judge(completion: str) -> float:
    return random.random()


@reward(low=0.0, high=1.0, effects=("output",))
def says_what_it_does(completion: str) -> float:
    print("scored")
    return float(completion.isascii())


@reward(low=0.0, high=1.0)
def polite(completion: str, *, greeting: str = "Dear") -> float:
    return float(completion.startswith(greeting))


@dataclass(frozen=True)
class ShorterThanItsGroup(Algebra):
    """Compares within the prompt group, and says so."""

    spec = Spec("shorter-than-its-group", 0.0, 1.0, coupled=True)

    def score(self, batch, /):
        sizes = {}
        for sample in batch:
            sizes.setdefault(sample.group, []).append(len(sample.text))
        means = {group: sum(lengths) / len(lengths) for group, lengths in sizes.items()}
        return [Score(float(len(sample.text) <= means[sample.group])) for sample in batch]


@dataclass(frozen=True, kw_only=True)
class Keywords(RowReward):
    """Options that are a tuple and a number."""

    words: tuple[str, ...] = ("please", "thanks")
    each: float = 0.5

    @property
    def spec(self):
        return Spec("keywords", 0.0, self.each * len(self.words))

    def score_one(self, sample):
        return Score(self.each * sum(word in sample.text for word in self.words))


HONEST: dict[str, Slip] = {
    "stripped-match": Slip("", "equal to the gold after stripping", stripped_match, NOTATIONS),
    "near-number": Slip("", "partial credit for a number within 20 %", near_number, BOXED),
    "whole-shape": Slip("", "the whole shape, by splitting", whole_shape, TAGGED),
    "brevity": Slip("", "shorter is better", brevity),
    "few-repetitions": Slip("", "few repeated words", few_repetitions),
    "moody-judge": Slip("", "random, and says so", moody_judge),
    "says-what-it-does": Slip("", "prints, and says so", says_what_it_does),
    "polite": Slip("", "ten lines with the decorator", polite),
    "polite-oi": Slip("", "with another option", polite.using(greeting="Oi")),
    "shorter-than-its-group": Slip("", "coupled, and says so", ShorterThanItsGroup()),
    "keywords": Slip("", "a dataclass with a tuple of words", Keywords(words=("a", "b", "c"))),
    "weighted": Slip(
        "",
        "a sum of built-in rewards",
        load("answer-match", format="boxed") + 0.25 * load("format-exact", format="boxed"),
        BOXED,
    ),
}
