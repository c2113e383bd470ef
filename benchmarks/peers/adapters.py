"""How each grader is called; runs inside the grader's own environment, so it imports nothing of ours but `plaudit`."""

from __future__ import annotations

import importlib
import sys
import types
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Judge = Callable[[Any, str], bool | None]


def boxed(answer: str) -> str:
    r"""Put a bare answer into a box, as the graders that look for one want it."""
    if "\\boxed" in answer or "\\fbox" in answer:
        return answer
    bare = answer.strip()
    if len(bare) > 2 and bare[0] == bare[-1] == "$" and bare.count("$") == 2:
        bare = bare[1:-1]
    return "\\boxed{" + bare + "}"


def dollars(gold: str) -> str:
    """A gold in a LaTeX environment, for the grader that reads it with Math-Verify."""
    return gold if "$" in gold or "\\boxed" in gold else f"${gold}$"


@dataclass(frozen=True)
class Adapter:
    """A grader: `judge` is timed, the two preparations (of a bare answer, of a whole completion) are not."""

    judge: Judge
    answer: Callable[[str], Any] = boxed
    completion: Callable[[str], Any] = str
    judge_answer: Judge | None = None


def plaudit(_: Path) -> Adapter:
    """Ours: extract, then compare; bare answers are only compared."""
    from plaudit.answers import equal, extract

    def judge(text: str, gold: str) -> bool | None:
        found = extract(text)
        return False if found.text is None else equal(found.text, gold).equal

    return Adapter(judge, answer=str, judge_answer=lambda text, gold: equal(text, gold).equal)


def math_verify(_: Path) -> Adapter:
    """Math-Verify as its README calls it, the gold in the LaTeX environment that does best on these rows."""
    from math_verify import parse

    return _math_verify(parse)


def math_verify_reward(_: Path) -> Adapter:
    """Math-Verify with the settings that its FAQ recommends for rewards."""
    from latex2sympy2_extended import NormalizationConfig
    from math_verify import ExprExtractionConfig, LatexExtractionConfig, parse

    normal = NormalizationConfig(
        basic_latex=True, units=True, malformed_operators=False, nits=False, boxed="all", equations=False
    )
    wanted = [LatexExtractionConfig(normalization_config=normal, boxed_match_priority=0), ExprExtractionConfig()]
    return _math_verify(lambda text: parse(text, wanted))


def _math_verify(read: Callable[[str], Any]) -> Adapter:
    """Choice golds are sought as strings first, as the FAQ says; that finds no letter in a box, so then as usual."""
    from math_verify import parse, verify
    from math_verify.parser import StringExtractionConfig

    choice = [StringExtractionConfig()]

    def judge(text: str, gold: str) -> bool:
        if len(gold) == 1 and gold in "ABCDE":
            letters = parse(text, choice)
            if letters:
                return bool(verify(parse(gold, choice), letters))
        return bool(verify(parse(boxed(gold)), read(text)))

    return Adapter(judge)


def _without_init(name: str, folder: Path) -> None:
    """Register a package by its folder alone: its `__init__` would import a whole trainer."""
    package = types.ModuleType(name)
    package.__path__ = [str(folder)]
    sys.modules[name] = package


def _trl(source: Path, gold_of: Callable[[str], str]) -> Adapter:
    _without_init("trl", source / "trl")
    _without_init("trl.rewards", source / "trl" / "rewards")
    reward = importlib.import_module("trl.rewards.accuracy_rewards").accuracy_reward

    def judge(text: str, gold: str) -> bool | None:
        (value,) = reward([[{"role": "assistant", "content": text}]], [gold_of(gold)])
        return None if value is None else value == 1.0

    return Adapter(judge)


def trl_bare(source: Path) -> Adapter:
    """TRL's reward with the gold as it stands in a data set."""
    return _trl(source, str)


def trl_dollar(source: Path) -> Adapter:
    """TRL's reward with the gold in dollars."""
    return _trl(source, dollars)


def _verl(source: Path, module: str) -> Any:
    root = source / "verl"
    _without_init("verl", root)
    _without_init("verl.utils", root / "utils")
    _without_init("verl.utils.reward_score", root / "utils" / "reward_score")
    sys.modules["verl.utils.metric"] = types.ModuleType("verl.utils.metric")
    sys.modules["verl.utils.metric"].Metric = object  # type: ignore[attr-defined]
    return importlib.import_module(f"verl.utils.reward_score.{module}")


def verl_math_verify(source: Path) -> Adapter:
    """The function that verl's process pool runs."""
    verify = _verl(source, "math_verify")._verify_in_subprocess
    return Adapter(lambda text, gold: verify("\\boxed{" + gold + "}", text) == 1.0)


def verl_prime_math(source: Path) -> Adapter:
    """PRIME's grader as verl ships it."""
    score = _verl(source, "prime_math").compute_score
    return Adapter(lambda text, gold: bool(score(text, gold)[0]))


def verl_math_reward(source: Path) -> Adapter:
    """The string grader for MATH."""
    score = _verl(source, "math_reward").compute_score
    return Adapter(lambda text, gold: score(text, gold) == 1.0)


def verl_math_dapo(source: Path) -> Adapter:
    """DAPO's string grader."""
    score = _verl(source, "math_dapo").compute_score
    return Adapter(lambda text, gold: bool(score(text, gold)["acc"]), answer=lambda answer: f"Answer: {answer}")


def _gsm8k(source: Path, method: str) -> Adapter:
    score = _verl(source, "gsm8k").compute_score
    return Adapter(lambda text, gold: score(text, gold, method=method) == 1.0, answer=lambda answer: f"#### {answer}")


def verl_gsm8k_strict(source: Path) -> Adapter:
    """GSM8K's scorer, `#### x` only."""
    return _gsm8k(source, "strict")


def verl_gsm8k_flexible(source: Path) -> Adapter:
    """GSM8K's scorer, the last number."""
    return _gsm8k(source, "flexible")


def inspect_ai(_: Path) -> Adapter:
    """inspect_ai's scorer on one event loop."""
    import asyncio

    from inspect_ai.model import ModelName, ModelOutput
    from inspect_ai.scorer import Target, math
    from inspect_ai.solver import TaskState

    score, loop = math(), asyncio.new_event_loop()

    def state(text: str) -> Any:
        output = ModelOutput.from_content("none/none", text)
        return TaskState(ModelName("none/none"), 1, 1, "", [], output=output)

    def judge(given: Any, gold: str) -> bool | None:
        found = loop.run_until_complete(score(given, Target(gold)))
        return {"C": True, "I": False}.get(found.value)

    return Adapter(judge, answer=lambda answer: state(boxed(answer)), completion=state)


ADAPTERS: dict[str, Callable[[Path], Adapter]] = {
    "plaudit": plaudit,
    "plaudit-cold": plaudit,
    "math-verify": math_verify,
    "math-verify-reward": math_verify_reward,
    "trl-bare": trl_bare,
    "trl-dollar": trl_dollar,
    "verl-math-verify": verl_math_verify,
    "verl-prime-math": verl_prime_math,
    "verl-math-reward": verl_math_reward,
    "verl-math-dapo": verl_math_dapo,
    "verl-gsm8k-strict": verl_gsm8k_strict,
    "verl-gsm8k-flexible": verl_gsm8k_flexible,
    "inspect-ai": inspect_ai,
}
