"""What the expression parser builds: numbers, sums, products, mixed numbers, integrands."""

from __future__ import annotations

from functools import lru_cache

from flint import fmpq

from plaudit.answers.literals import plain_value
from plaudit.answers.tree import Node, Unreadable, new_node


@lru_cache(maxsize=1_024)
def number(text: str) -> Node:
    """Make a leaf of a number token; nodes never change, so the usual numbers are made once."""
    if "," in text:
        text = text.replace(",", "")
    try:
        value, decimals = plain_value(text)
    except ValueError as error:
        raise Unreadable(str(error)) from None
    return Node("dec", (), (value, decimals)) if decimals else Node("num", (), value)


@lru_cache(maxsize=1_024)
def symbol(name: str) -> Node:
    """Make a leaf of a variable or constant; the usual ones are made once."""
    return Node("sym", (), name)


def based(node: Node, base: int) -> Node:
    """Make a leaf of digits in a base."""
    digits = str(node.value)
    if any(int(digit) >= base for digit in digits):
        raise Unreadable("a digit that its base does not have")
    return Node("based", (), (digits, base))


def infix(operator: str, left: Node, right: Node) -> Node:
    """Combine two sides of an operator; sums and products stay flat."""
    if operator in ("+", "-"):
        if operator == "-":
            right = new_node(("neg", (right,), None))
        return new_node(("add", (*left.args, right) if left.op == "add" else (left, right), None))
    if operator == "*":
        return new_node(("mul", (*left.args, right) if left.op == "mul" else (left, right), None))
    if operator == "mod":
        return Node("call", (left, right), "mod")
    if operator in ("pm", "mp"):
        return Node("pm", (left, right), 1 if operator == "pm" else -1)
    return Node("div", (left, right))


def product(left: Node, right: Node) -> Node:
    """Put two factors side by side: a product, except that 2 1/2 is a mixed number."""
    if left.op == "num" and right.op == "div" and right.args[0].op == right.args[1].op == "num":
        return Node("add", (left, right))
    if left.op == "neg" and left.args[0].op == "num" and right.op == "div":
        return Node("neg", (product(left.args[0], right),))
    return new_node(("mul", (*left.args, right) if left.op == "mul" else (left, right), None))


def differential(body: Node) -> tuple[str, Node]:
    """Split `... d x` off the end of an integrand."""
    factors = list(body.args) if body.op == "mul" else [body]
    if len(factors) >= 2 and factors[-2] == Node("sym", (), "d") and factors[-1].op == "sym":
        rest = factors[:-2]
        inner = Node("mul", tuple(rest)) if len(rest) > 1 else rest[0] if rest else Node("num", (), fmpq(1))
        return factors[-1].value, inner
    raise Unreadable("an integral without its differential")
