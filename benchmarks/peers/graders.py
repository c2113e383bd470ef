"""Which graders are measured, where each runs, and the settings it gets."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Grader:
    """One grader: its name, title, environment (None: the one that runs the script), wheel and settings in words."""

    name: str
    title: str
    environment: str | None
    settings: str
    wheel: str | None = None
    kinds: tuple[str, ...] = ("rows", "hostile")


OURS = "plaudit"
COLD = "plaudit-cold"
REFERENCE = "math-verify"

GRADERS = (
    Grader(OURS, "**Plaudit**", None, "`extract(text)`, then `equal(answer, gold)`, all defaults."),
    Grader(
        COLD,
        "Plaudit, caches cleared",
        None,
        "The same, with every cache of the package emptied before each row.",
        kinds=("rows",),
    ),
    Grader(
        REFERENCE,
        "Math-Verify 0.9.0",
        "antlr-4.13",
        "`verify(parse(gold), parse(text))` as in its README; golds and answers in `\\boxed{}`, which does better here "
        "than `$…$`; for choice golds (A to E) `StringExtractionConfig` first, as its FAQ says, then the default, as "
        "the former finds no letter in a box. Its time limits (5 s) on.",
    ),
    Grader(
        "math-verify-reward",
        "Math-Verify 0.9.0, settings for rewards",
        "antlr-4.13",
        "The same with what its FAQ recommends for rewards: `LatexExtractionConfig` (basic_latex, units, boxed='all', "
        "no malformed operators, no equations; `boxed_match_priority=0`) and `ExprExtractionConfig`.",
    ),
    Grader(
        "trl-bare",
        "TRL 1.16 `accuracy_reward`, bare gold",
        "antlr-4.13",
        "`rewards/accuracy_rewards.py` of the wheel as it is; `None` (row skipped) counts as a refusal.",
        wheel="trl",
    ),
    Grader(
        "trl-dollar",
        "TRL 1.16 `accuracy_reward`, gold in `$`",
        "antlr-4.13",
        "The same with the gold in `$…$`.",
        wheel="trl",
    ),
    Grader(
        "verl-math-verify",
        "verl 0.9.1 `math_verify`",
        "antlr-4.13",
        "The function that its process pool runs (`_verify_in_subprocess`), in our process; the pool is left out.",
        wheel="verl",
    ),
    Grader(
        "verl-prime-math",
        "verl 0.9.1 `prime_math`",
        "antlr-4.11",
        "`compute_score`; loaded from the wheel with `verl.utils.metric` stubbed (it would import torch).",
        wheel="verl",
    ),
    Grader(
        "inspect-ai",
        "inspect_ai 0.3.285 `math()`",
        "antlr-4.13",
        "The scorer as installed, on one event loop; its 2 s limit on.",
    ),
    Grader(
        "verl-math-reward",
        "verl 0.9.1 `math_reward`",
        "antlr-4.13",
        "`compute_score`; loaded from the wheel as a single file.",
        wheel="verl",
    ),
    Grader(
        "verl-math-dapo",
        "verl 0.9.1 `math_dapo`",
        "antlr-4.13",
        "`compute_score`; answers as `Answer: x`, its own form.",
        wheel="verl",
    ),
    Grader(
        "verl-gsm8k-flexible",
        "verl 0.9.1 `gsm8k`, flexible",
        "antlr-4.13",
        "`compute_score(method='flexible')`; answers as `#### x`.",
        wheel="verl",
    ),
    Grader(
        "verl-gsm8k-strict",
        "verl 0.9.1 `gsm8k`, strict",
        "antlr-4.13",
        "`compute_score(method='strict')`; answers as `#### x`, its own form.",
        wheel="verl",
    ),
)
