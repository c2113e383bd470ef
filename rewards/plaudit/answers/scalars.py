"""One number or formula against another, under the policy: percent, degrees, decimals, tolerance, renamed constants."""

from __future__ import annotations

from flint import fmpq

from plaudit.answers.balls import LOW_BITS, exactly, precision
from plaudit.answers.exact import rational
from plaudit.answers.tree import Node, has, rename
from plaudit.answers.types import Policy
from plaudit.answers.values import NOWHERE, free, same_value, value_at

_MARKS = ("percent", "degree")
_PARAMETERS = frozenset("kntmlj")
_ENOUGH_DECIMALS = 3
_DOUBLE_DIGITS = 16


def same_scalar(prediction: Node, gold: Node, policy: Policy) -> bool | None:
    """Whether two expressions are equal under the policy; None where undecided."""
    if prediction.op not in _MARKS and gold.op not in _MARKS:
        return same_plain(prediction, gold, policy)
    for mark, option in (("percent", policy.percent), ("degree", policy.degrees)):
        first, second = prediction.op == mark, gold.op == mark
        if first and second:
            return same_plain(prediction.args[0], gold.args[0], policy)
        if first or second:
            return _same_marked(prediction, gold, mark, option, policy)
    return same_plain(prediction, gold, policy)


def _same_marked(prediction: Node, gold: Node, mark: str, option: str, policy: Policy) -> bool | None:
    if option == "written":
        return False
    if option == "value":
        return same_plain(prediction, gold, policy)
    bare = same_plain(
        prediction.args[0] if prediction.op == mark else prediction, gold.args[0] if gold.op == mark else gold, policy
    )
    if bare:
        return bare
    exact = same_plain(prediction, gold, policy)
    return exact if exact or bare is False else bare


def same_plain(prediction: Node, gold: Node, policy: Policy) -> bool | None:
    """Equality of two expressions whose marks are settled."""
    same = same_value(prediction, gold)
    if same:
        return True
    if prediction.op == gold.op == "num" and not policy.tolerance:
        return False
    if _near(prediction, gold, policy):
        return True
    constant = rational(prediction) is not None or rational(gold) is not None
    if policy.rename_constants and not constant and _same_renamed(prediction, gold):
        return True
    return same


def _near(prediction: Node, gold: Node, policy: Policy) -> bool:
    slack = _slack(prediction, gold, policy)
    if (slack is None and not policy.tolerance) or free(prediction) or free(gold):
        return False
    target, mine = value_at(gold, NOWHERE, LOW_BITS), value_at(prediction, NOWHERE, LOW_BITS)
    if target is None or mine is None:
        return False
    with precision(LOW_BITS):
        gap = abs(mine - target)
        if slack is not None and gap <= exactly(slack).real:
            return True
        return bool(policy.tolerance and gap <= abs(target) * policy.tolerance)


def _slack(prediction: Node, gold: Node, policy: Policy) -> fmpq | None:
    """How far off a prediction may be because one side is written in decimals."""
    if policy.decimals == "exact":
        return None
    target = _decimal(gold)
    if target is not None:
        value, decimals = target
        if _decimal(prediction) is not None:
            mine = _decimal(prediction)
            if mine is not None and decimals >= _ENOUGH_DECIMALS and mine[1] > decimals:
                return fmpq(1, 2 * 10**decimals) * (1 if gold.op != "percent" else fmpq(1, 100))
            return None
        if abs(value) * 10**decimals < 10 ** (_ENOUGH_DECIMALS - 1) or _terminates(prediction):
            return None
        return fmpq(1, 10**decimals) * (1 if gold.op != "percent" else fmpq(1, 100)) * fmpq(99_999, 100_000)
    printed = _decimal(prediction)
    if printed is not None and printed[1] >= _DOUBLE_DIGITS - 1 and not has(gold, "dec"):
        digits = len(str(abs(printed[0].numerator * 10 ** printed[1] // printed[0].denominator)))
        if _DOUBLE_DIGITS <= digits <= _DOUBLE_DIGITS + 2:
            return abs(printed[0]) / 2**52
    return None


def _terminates(node: Node) -> bool:
    """Whether a value has a finite decimal form: then nothing had to be rounded."""
    value = rational(node)
    if value is None:
        return False
    rest = value.denominator
    for prime in (2, 5):
        while rest % prime == 0:
            rest //= prime
    return bool(rest == 1)


def _decimal(node: Node) -> tuple[fmpq, int] | None:
    """Value and decimals of a decimal literal, with a sign or a percent mark."""
    if node.op == "neg" or node.op == "percent":
        inner = _decimal(node.args[0])
        return None if inner is None else (-inner[0] if node.op == "neg" else inner[0], inner[1])
    return node.value if node.op == "dec" else None


def _same_renamed(prediction: Node, gold: Node) -> bool:
    """N pi against k pi (any integer parameter), c against C."""
    mine, theirs = free(prediction) - free(gold), free(gold) - free(prediction)
    if len(mine) != 1 or len(theirs) != 1:
        return False
    (old,), (new,) = mine, theirs
    letters = old in _PARAMETERS and new in _PARAMETERS and has_pi(prediction) and has_pi(gold)
    if letters or (old != new and old.lower() == new.lower() == "c"):
        return same_value(rename(prediction, {old: new}), gold) is True
    return False


def has_pi(node: Node) -> bool:
    """Whether pi occurs."""
    if node.op == "sym":
        return bool(node.value == "pi")
    return any(has_pi(child) for child in node.args)
