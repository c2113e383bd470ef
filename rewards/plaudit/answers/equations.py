"""Equations and inequalities against each other: labels, both sides, up to a factor, solved for a variable."""

from __future__ import annotations

from collections.abc import Callable

from flint import fmpq

from plaudit.answers.balls import LOW_BITS, is_real, precision
from plaudit.answers.intervals import ORDER
from plaudit.answers.reader import is_name
from plaudit.answers.tree import STRUCTURES, Node, rename, walk
from plaudit.answers.types import Policy
from plaudit.answers.values import free, places, same_value, value_within

Same = Callable[[Node, Node], bool | None]
_ZERO = Node("num", (), fmpq(0))


def split_label(node: Node) -> tuple[Node | None, Node]:
    """Take `x =`, `f(x) =`, `x in`, `A:B =` off an answer: the label, if there is one, and the body.

    >>> from plaudit.answers.reader import read
    >>> split_label(read("x = 5"))[1]
    Node(op='num', args=(), value=5)
    """
    if node.op != "rel":
        return None, node
    if (
        node.value[0] in ("=", "in")
        and is_name(node.args[0])
        and (len(set(node.value)) == 1 or node.value[-1] == "approx")
    ):
        if node.value[-1] == "approx":
            return node.args[0], node.args[1]
        return node.args[0], node.args[-1]
    if node.value == ("approx",) and node.args[0].value == "?":
        return None, node.args[1]
    if node.value == ("approx",):
        return None, node.args[0]
    if set(node.value) == {"equiv"} and not free(node.args[-1]):
        return node.args[0], node.args[-1]
    return None, node


def is_equation(node: Node) -> bool:
    """Whether a node is one equation of two expressions."""
    return node.op == "rel" and node.value == ("=",) and not any(child.op in STRUCTURES for child in node.args)


def same_label(prediction: Node, gold: Node, policy: Policy) -> dict[str, str] | None:
    """How to rename the prediction's variables so that both labels agree; None where they name different things."""
    if prediction == gold:
        return {}
    if prediction.op == "apply" == gold.op and prediction.value == gold.value and policy.rename_bound_variables:
        pairs = list(zip(prediction.args, gold.args, strict=False))
        if len(prediction.args) == len(gold.args) and all(a.op == b.op == "sym" for a, b in pairs):
            return {a.value: b.value for a, b in pairs}
        return None
    if {prediction.op, gold.op} == {"apply", "sym"}:
        return {}
    return {} if prediction.op == "text" or gold.op == "text" else None


def same_relation(prediction: Node, gold: Node, same: Same) -> bool | None:
    """Compare two relations: the same side by side, mirrored, or (equations and inequalities) up to a factor."""
    first, second = _upward(prediction), _upward(gold)
    alike = first.value == second.value and len(first.args) == len(second.args)
    if alike and all(same(a, b) for a, b in zip(first.args, second.args, strict=True)):
        return True
    if is_equation(first) and is_equation(second):
        return _same_equation(first, second)
    if (
        len(first.value) == len(second.value) == 1
        and first.value == second.value
        and first.value[0] in ("<", "<=", "!=")
    ):
        return _same_up_to_factor(gap(first), gap(second), positive=first.value[0] != "!=")
    return False


def _upward(node: Node) -> Node:
    """Write a chain with < and <= only, from the smaller to the bigger side."""
    if node.value and all(mark in (">", ">=") for mark in node.value):
        return Node("rel", node.args[::-1], tuple({">": "<", ">=": "<="}[mark] for mark in reversed(node.value)))
    return node


def gap(node: Node) -> Node:
    """Left side minus right side."""
    return Node("add", (node.args[0], Node("neg", (node.args[1],))))


def _same_equation(first: Node, second: Node) -> bool | None:
    if free(first) != free(second):
        return False
    if not free(first):
        return None
    if _same_up_to_factor(gap(first), gap(second), positive=False):
        return True
    for one, other in ((first, second), (second, first)):
        for lone, expression in (one.args, one.args[::-1]):
            if lone.op == "sym" and lone.value not in free(expression):
                return solves(expression, other, lone.value)
    return False


def _same_up_to_factor(first: Node, second: Node, *, positive: bool) -> bool | None:
    """Whether two differences are a constant multiple of each other at all sample points."""
    names = sorted(free(first) | free(second))
    if free(first) != free(second) or not names:
        return same_value(first, second)
    ratio = None
    found = 0
    with precision(LOW_BITS):
        for place in places(tuple(names), "generic")[:5]:
            top, bottom = value_within(first, place, LOW_BITS), value_within(second, place, LOW_BITS)
            if top is None or bottom is None:
                return None
            if bottom.contains(0) or not top.is_finite() or not bottom.is_finite():
                continue
            quotient = top / bottom
            if quotient.contains(0) or (ratio is not None and not quotient.overlaps(ratio)):
                return False
            if positive and not (is_real(quotient) and quotient.real > 0):
                return False
            ratio = quotient
            found += 1
    return True if found >= 3 else None


def solves(expression: Node, equation: Node, variable: str | None = None) -> bool | None:
    """Whether an expression is what an equation, linear in one variable, gives for that variable."""
    left = free(equation) - free(expression)
    if variable is None:
        if len(left) != 1:
            return False
        (variable,) = left
    difference = gap(equation)
    if same_value(_insert(difference, variable, expression), _ZERO) is not True:
        return False
    one = Node("num", (), fmpq(1))
    above = _insert(difference, variable, Node("add", (expression, one)))
    below = _insert(difference, variable, Node("add", (expression, Node("neg", (one,)))))
    if same_value(above, _ZERO) is not False:
        return False
    return same_value(Node("add", (above, below)), _ZERO)


def _insert(node: Node, variable: str, value: Node) -> Node:
    if node.op == "sym" and node.value == variable:
        return value
    if not node.args:
        return node
    return Node(node.op, tuple(_insert(child, variable, value) for child in node.args), node.value)


def chain_value(node: Node) -> Node | None:
    """Find the value that a chain a = b = c of equal expressions stands for, or None where they aren't equal."""
    if node.op != "rel" or any(mark != "=" for mark in node.value):
        return None
    if any(inner.op in STRUCTURES for child in node.args for inner in walk(child)):
        return None
    last = node.args[-1]
    return last if all(same_value(child, last) for child in node.args[:-1]) else None


def ascending(node: Node) -> tuple[Node, ...] | None:
    """Items of a strict chain a < b < c, from small to big."""
    chain = _upward(node)
    return chain.args if node.op == "rel" and len(node.value) > 1 and set(chain.value) == {"<"} else None


def renamed(node: Node, names: dict[str, str]) -> Node:
    """Give the tree under a renaming, or itself where nothing is renamed."""
    return rename(node, names) if names else node


def has_order(node: Node) -> bool:
    """Whether a relation uses <, <=, > or >=."""
    return any(mark in ORDER for mark in node.value)
