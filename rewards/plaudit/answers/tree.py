"""The one shape that every read answer has: a node with an operation, arguments and a value."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from flint import fmpq


class Node(NamedTuple):
    """One operation with its arguments; leaves carry a value.

    Expressions: num (fmpq), dec (fmpq, digits after the point), based (digits, base), sym (name), inf, add,
    mul, div, pow, neg, pm (+1 or -1 for the upper sign), call (name), apply (name of an unknown function), percent,
    degree, big (sum, product, integral, limit).
    Structures: list (its joiner), group (its two brackets), set, builder, union, cap, minus, rel (its operators),
    matrix (rows), unit (words), text (words), reals, empty.

    >>> number_node(fmpq(1, 2)).value
    1/2
    """

    op: str
    args: tuple[Node, ...] = ()
    value: Any = None


class Unreadable(Exception):  # noqa: N818 (a refusal, not a programming error)
    """The text is not something this reader knows, or it is over a cap."""


STRUCTURES = frozenset(
    ("list", "group", "set", "union", "cap", "minus", "rel", "matrix", "unit", "text", "reals", "empty", "builder")
)


def number_node(value: fmpq) -> Node:
    """Make a leaf of an exact number."""
    return Node("num", (), value)


def walk(node: Node) -> Iterator[Node]:
    """Every node of a tree, the root first; no recursion."""
    waiting = [node]
    while waiting:
        current = waiting.pop()
        yield current
        waiting.extend(current.args)


def symbols(node: Node) -> frozenset[str]:
    """Names of the free variables of an expression."""
    return frozenset(leaf.value for leaf in walk(node) if leaf.op == "sym")


def rename(node: Node, names: dict[str, str]) -> Node:
    """Give the same tree with variables renamed."""
    if node.op == "sym":
        return Node("sym", (), names.get(node.value, node.value))
    if not node.args:
        return node
    return Node(node.op, tuple(rename(child, names) for child in node.args), node.value)


def has(node: Node, *operations: str) -> bool:
    """Whether any of these operations occurs in the tree."""
    return any(inner.op in operations for inner in walk(node))
