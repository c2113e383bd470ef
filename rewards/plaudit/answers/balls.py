"""Values in ball arithmetic (Arb through python-flint): a result is a number with a proven error bound.

python-flint keeps its precision in one global; a lock guards it, renewed in a forked child.
"""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from flint import acb, arb, ctx, fmpq, fmpz

from plaudit.answers.exact import rational
from plaudit.answers.tree import Node

Ball = Any
Point = dict[str, fmpq]
LOW_BITS, HIGH_BITS = 128, 1_024
MAX_TERMS = 2_000
_MAX_VISITS = 30_000
_visits_left = _MAX_VISITS  # of nodes in the terms of sums and products; written inside `precision`, which holds a lock


class Unevaluable(Exception):  # noqa: N818 (a refusal, not a programming error)
    """No value: an operation without a numeric rule, or over a cap."""


_lock = threading.RLock()


def _renew_lock() -> None:
    global _lock
    _lock = threading.RLock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_renew_lock)


class precision:  # noqa: N801 - reads like a function in a with statement
    """Hold flint's global precision at `bits` for this thread."""

    __slots__ = ("before", "bits", "lock")

    def __init__(self, bits: int) -> None:
        self.bits = bits

    def __enter__(self) -> None:
        self.lock = _lock  # a child forked meanwhile has another
        self.lock.acquire()
        self.before = ctx.prec
        ctx.prec = self.bits

    def __exit__(self, *_: object) -> None:
        ctx.prec = self.before
        self.lock.release()


def evaluate(node: Node, point: Point) -> Ball:
    """Value of an expression at a point, as a complex ball; call inside `precision`.

    Raises Unevaluable where there is no rule. Division by zero gives a ball that isn't finite.

    >>> from plaudit.answers.reader import read
    >>> with precision(64):
    ...     bool(evaluate(read("2+2"), {}) == 4)
    True
    """
    global _visits_left
    _visits_left = _MAX_VISITS
    return _value(node, point)


def _value(node: Node, point: Point) -> Ball:
    operation = node.op
    if operation == "num":
        return acb(node.value)
    rule = _RULES.get(operation)
    if rule is None:
        raise Unevaluable(operation)
    return rule(node, point)


def exactly(value: fmpq) -> Ball:
    """Make a ball around a rational number."""
    return acb(value)


def is_real(ball: Ball) -> bool:
    """Whether the imaginary part may be zero."""
    return bool(ball.imag.contains(0))


def _symbol(node: Node, point: Point) -> Ball:
    name = node.value
    value = point.get(name)
    if value is not None:
        return exactly(value)
    if name == "pi":
        return acb(arb.pi())
    if name == "e":
        return acb(1).exp()
    if name == "i":
        return acb(0, 1)
    raise Unevaluable(f"no value for {name}")


def _add(node: Node, point: Point) -> Ball:
    total = _value(node.args[0], point)
    for child in node.args[1:]:
        total = total + _value(child, point)
    return total


def _mul(node: Node, point: Point) -> Ball:
    total = _value(node.args[0], point)
    for child in node.args[1:]:
        total = total * _value(child, point)
    return total


def _div(node: Node, point: Point) -> Ball:
    below = _value(node.args[1], point)
    if below.is_zero():
        raise Unevaluable("division by zero")
    return _value(node.args[0], point) / below


def _pow(node: Node, point: Point) -> Ball:
    written, power = node.args
    base, exponent = _value(written, point), _value(power, point)
    whole = power.whole
    if whole is not None and whole > 0:
        return base**exponent
    if base.is_zero() and not (exponent.real > 0):
        raise Unevaluable("zero to a power that is not positive")
    if base.real < 0 and is_real(base):
        return _negative_power(node.args[1], base, exponent)
    return base**exponent


def _negative_power(written: Node, base: Ball, exponent: Ball) -> Ball:
    """School's convention: (-8)^(1/3) is -2, the real root, where the denominator is odd."""
    power = rational(written)
    if power is None or power.denominator == 1 or power.denominator % 2 == 0:
        return base**exponent
    size = (-base) ** exponent
    return -size if power.numerator % 2 else size


def _apply(node: Node, point: Point) -> Ball:
    """Stand in for an unknown function: a fixed generic one, chosen by its name."""
    total = acb(0)
    for index, child in enumerate(node.args):
        frequency, phase, slope = _generic(f"{node.value}/{len(node.args)}/{index}")
        inner = _value(child, point)
        total = total * inner + (inner * exactly(frequency) + exactly(phase)).cos() + inner * exactly(slope)
    return total


@lru_cache(maxsize=512)
def _generic(name: str) -> tuple[fmpq, fmpq, fmpq]:
    digest = hashlib.sha256(name.encode("utf-8", "surrogatepass")).digest()
    first, second, third = (int.from_bytes(digest[start : start + 4], "big") for start in (0, 4, 8))
    return fmpq(first + 2**30, 2**31), fmpq(second + 2**30, 2**31), fmpq(third + 2**30, 2**31)


def _percent(node: Node, point: Point) -> Ball:
    return _value(node.args[0], point) / 100


def _degree(node: Node, point: Point) -> Ball:
    return _value(node.args[0], point) * acb(arb.pi()) / 180


def _call(node: Node, point: Point) -> Ball:
    name = node.value
    if name in ("gcd", "lcm"):
        raise Unevaluable(name)
    arguments = [_value(child, point) for child in node.args]
    one = _ONE_ARGUMENT.get(name)
    if one is not None:
        if len(arguments) != 1:
            raise Unevaluable(f"{name} of {len(arguments)} arguments")
        return one(arguments[0])
    many = _MORE_ARGUMENTS.get(name)
    if many is None or not 1 + (name != "log") <= len(arguments) <= 2:
        raise Unevaluable(f"{name} of {len(arguments)} arguments")
    return many(*arguments)


def _log(value: Ball, base: Ball | None = None) -> Ball:
    return value.log() / (acb(10) if base is None else base).log()


def _root(value: Ball, degree: Ball) -> Ball:
    whole = degree.real.unique_fmpz() if is_real(degree) else None
    if whole == 2:
        return value.sqrt()
    if whole is not None and int(whole) % 2 and is_real(value) and value.real < 0:
        return -((-value) ** (acb(1) / degree))
    return value ** (acb(1) / degree)


def _absolute(value: Ball) -> Ball:
    return acb(abs(value))


def _whole(rounding: str) -> Callable[[Ball], Ball]:
    def rounded(value: Ball) -> Ball:
        if not is_real(value):
            raise Unevaluable(rounding)
        result = getattr(value.real, rounding)()
        if result.unique_fmpz() is None:
            raise Unevaluable(f"{rounding} of a number too near an integer")
        return acb(result)

    return rounded


def _sign(value: Ball) -> Ball:
    if is_real(value) and not value.contains(0):
        return acb(1 if value.real > 0 else -1)
    raise Unevaluable("sign")


def _binomial(top: Ball, bottom: Ball) -> Ball:
    return (top + 1).gamma() * (bottom + 1).rgamma() * (top - bottom + 1).rgamma()


def _modulo(value: Ball, modulus: Ball) -> Ball:
    if not (is_real(value) and is_real(modulus)) or modulus.contains(0):
        raise Unevaluable("mod")
    quotient = (value.real / modulus.real).floor()
    if quotient.unique_fmpz() is None:
        raise Unevaluable("mod of a number too big or too near a multiple")
    return value - modulus * acb(quotient)


def _smaller(left: Ball, right: Ball) -> Ball:
    return acb(left.real.min(right.real))


def _bigger(left: Ball, right: Ball) -> Ball:
    return acb(left.real.max(right.real))


_ONE_ARGUMENT: dict[str, Callable[[Ball], Ball]] = {
    "sin": lambda x: x.sin(), "cos": lambda x: x.cos(), "tan": lambda x: x.tan(), "cot": lambda x: x.cot(),
    "sec": lambda x: x.sec(), "csc": lambda x: x.csc(), "arcsin": lambda x: x.asin(), "arccos": lambda x: x.acos(),
    "arctan": lambda x: x.atan(), "arccot": lambda x: (1 / x).atan(), "arcsec": lambda x: (1 / x).acos(),
    "arccsc": lambda x: (1 / x).asin(), "sinh": lambda x: x.sinh(), "cosh": lambda x: x.cosh(),
    "tanh": lambda x: x.tanh(), "coth": lambda x: x.coth(), "arcsinh": lambda x: x.asinh(),
    "arccosh": lambda x: x.acosh(), "arctanh": lambda x: x.atanh(), "ln": lambda x: x.log(), "exp": lambda x: x.exp(),
    "abs": _absolute, "floor": _whole("floor"), "ceil": _whole("ceil"), "factorial": lambda x: (x + 1).gamma(),
    "Gamma": lambda x: x.gamma(), "sgn": _sign, "sign": _sign,
}  # fmt: skip
_MORE_ARGUMENTS: dict[str, Callable[..., Ball]] = {
    "log": _log, "root": _root, "binom": _binomial, "mod": _modulo, "min": _smaller, "max": _bigger,
}  # fmt: skip


def _big(node: Node, point: Point) -> Ball:
    """Add up or multiply a few terms; the rest is for the symbolic engine."""
    kind, variable = node.value
    if kind not in ("sum", "prod") or not variable:
        raise Unevaluable(kind)
    body, low, high = node.args
    first, last = _value(low, point).real.unique_fmpz(), _value(high, point).real.unique_fmpz()
    if first is None or last is None or last - first > fmpz(MAX_TERMS):
        raise Unevaluable(f"{kind} without few integer terms")
    _pay_for(body, int(last - first) + 1)
    total = acb(0 if kind == "sum" else 1)
    for index in range(int(first), int(last) + 1):
        value = _value(body, {**point, variable: fmpq(index)})
        total = total + value if kind == "sum" else total * value
    return total


def _pay_for(body: Node, terms: int) -> None:
    """Refuse what would take too long: a sum within a sum, or many side by side, draw on one budget."""
    global _visits_left
    _visits_left -= max(0, terms) * body.facts.size
    if _visits_left < 0:
        raise Unevaluable("more terms than are added up")


_RULES: dict[str, Callable[[Node, Point], Ball]] = {
    "dec": lambda node, _: exactly(node.value[0]),
    "based": lambda node, _: acb(int(*node.value)), "sym": _symbol, "add": _add, "mul": _mul, "div": _div, "pow": _pow,
    "neg": lambda node, point: -_value(node.args[0], point), "apply": _apply, "percent": _percent,
    "degree": _degree, "call": _call, "big": _big,
}  # fmt: skip
