"""The child of the symbolic engine: reads pairs of trees from its standard input, writes a verdict for each.

Run as a file, by itself: it imports sympy and nothing of ours. Objects are built node by node from a fixed table of
constructors; no text is ever parsed as mathematics or as code.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from typing import Any

import sympy

MEMORY_BYTES = 2 * 1024**3
_CONSTANTS = {"pi": sympy.pi, "e": sympy.E, "i": sympy.I}
_INTEGER_NAMES = frozenset("kmn")
_CALLS = {
    "sin": sympy.sin, "cos": sympy.cos, "tan": sympy.tan, "cot": sympy.cot, "sec": sympy.sec, "csc": sympy.csc,
    "arcsin": sympy.asin, "arccos": sympy.acos, "arctan": sympy.atan, "sinh": sympy.sinh, "cosh": sympy.cosh,
    "tanh": sympy.tanh, "arcsinh": sympy.asinh, "arccosh": sympy.acosh, "arctanh": sympy.atanh, "ln": sympy.log,
    "exp": sympy.exp, "abs": sympy.Abs, "floor": sympy.floor, "ceil": sympy.ceiling, "factorial": sympy.factorial,
    "binom": sympy.binomial, "Gamma": sympy.gamma, "gcd": sympy.gcd, "lcm": sympy.lcm, "min": sympy.Min,
    "max": sympy.Max,
    "mod": sympy.Mod, "sgn": sympy.sign, "sign": sympy.sign,
}  # fmt: skip


def build(tree: list[Any]) -> Any:
    """Make a sympy object of a tree."""
    operation, value, children = tree
    if operation == "num":
        return sympy.Rational(int(value[0]), int(value[1]))
    if operation == "sym":
        return _CONSTANTS.get(value) or sympy.Symbol(
            value, real=True, integer=True if value in _INTEGER_NAMES else None
        )
    if operation == "inf":
        return sympy.oo
    if operation == "big":
        return _big(value, children)
    arguments = [build(child) for child in children]
    if operation == "call":
        return _call(value, arguments)
    if operation == "apply":
        return sympy.Function(value)(*arguments)
    return _OPERATIONS[operation](*arguments)


def _call(name: str, arguments: list[Any]) -> Any:
    if name == "log":
        return sympy.log(arguments[0]) / sympy.log(arguments[1] if len(arguments) > 1 else 10)
    if name == "root":
        return arguments[0] ** (1 / arguments[1])
    return _CALLS[name](*arguments)


def _big(value: list[str], children: list[Any]) -> Any:
    kind, variable = value
    body, low, high = children
    name = sympy.Symbol(variable, real=True, integer=True if variable in _INTEGER_NAMES else None)
    if kind == "lim":
        return sympy.Limit(build(body), name, build(low)).doit()
    limits = (name,) if low[0] == "empty" else (name, build(low), build(high))
    maker = {"sum": sympy.Sum, "prod": sympy.Product, "int": sympy.Integral}[kind]
    return maker(build(body), limits).doit()


_OPERATIONS: dict[str, Any] = {
    "add": lambda *terms: sympy.Add(*terms),
    "mul": lambda *factors: sympy.Mul(*factors),
    "div": lambda top, bottom: top / bottom,
    "pow": lambda base, exponent: base**exponent,
    "neg": lambda term: -term,
    "percent": lambda term: term / 100,
    "degree": lambda term: term * sympy.pi / 180,
}


def judge(first: list[Any], second: list[Any]) -> str:
    """Say equal, different or unknown."""
    difference = build(first) - build(second)
    if difference == 0:
        return "equal"
    simplified = sympy.simplify(difference)
    if simplified == 0:
        return "equal"
    settled = simplified.equals(0)
    return "unknown" if settled is None else "equal" if settled else "different"


def _limit_memory() -> None:
    try:
        import resource
    except ImportError:  # not on this platform
        return
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))


def _end_with_the_parent(parent: int) -> None:
    """End in the middle of a case when nobody is left to hear the answer, or to kill us at our deadline."""
    while os.getppid() == parent:
        time.sleep(1.0)
    os._exit(1)


def main() -> None:
    """Answer cases until the input ends."""
    _limit_memory()
    threading.Thread(target=_end_with_the_parent, args=(os.getppid(),), daemon=True).start()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    for line in sys.stdin:
        first, second = json.loads(line)
        try:
            answer = judge(first, second)
        except (ArithmeticError, TypeError, ValueError, KeyError, AttributeError, NotImplementedError, RecursionError):
            answer = "unknown"
        sys.stdout.write(answer + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
