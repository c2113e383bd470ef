"""The one shape that every read answer has: a node with an operation, arguments and a value."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, NamedTuple

from plaudit.once import once


class _Shape(NamedTuple):
    op: str
    args: tuple[Node, ...] = ()
    value: Any = None


class Facts(NamedTuple):
    """What one walk through a tree tells: its nodes, variables, operations, called functions, worked-out exponents."""

    size: int
    free: frozenset[str]
    operations: frozenset[str]
    called: frozenset[str]
    plain_exponents: bool


class Node(_Shape):
    """One operation with its arguments; leaves carry a value.

    Expressions: num (fmpq), dec (fmpq, digits after the point), based (digits, base), sym (name), inf, add,
    mul, div, pow, neg, pm (+1 or -1 for the upper sign), call (name), apply (name of an unknown function), percent,
    degree, big (sum, product, integral, limit).
    Structures: list (its joiner), group (its two brackets), set, builder, union, cap, minus, rel (its operators),
    matrix (rows), unit (words), text (words), reals, empty.

    >>> Node("sym", (), "x").facts.free
    frozenset({'x'})
    """

    @once
    def facts(self) -> Facts:
        """Facts about the whole tree, gathered once."""
        names, operations, called, plain_exponents = set(), set(), set(), True
        nodes: list[Node] = [self]
        for operation, arguments, value in nodes:  # grows while it is walked
            operations.add(operation)
            if arguments:
                nodes += arguments
                if operation == "call":
                    called.add(value)
                elif operation == "pow" and arguments[1].op != "num":
                    plain_exponents = False
            elif operation == "sym":
                names.add(value)
        free = frozenset(names) - CONSTANTS
        return Facts(len(nodes), free, frozenset(operations), frozenset(called), plain_exponents)

    @once
    def signed(self) -> bool:
        """Whether a plus-minus occurs; asked part by part, as the facts of the parts are wanted later anyway."""
        if self.op in STRUCTURES:
            return any(child.signed for child in self.args)
        return "pm" in self.facts.operations

    @once
    def whole(self) -> int | None:
        """The integer that a `num` is, None where it is none."""
        return int(self.value.p) if self.op == "num" and self.value.q == 1 else None

    @once
    def rank(self) -> str:
        """Where a factor stands among others when products are compared whatever their order."""
        return self.value if self.op == "sym" else repr(self)

    @once
    def known(self) -> dict[Any, Any]:
        """Values already worked out for this tree, by what they are: a gold is asked about again and again."""
        return {}


# A node from its three fields as a tuple: what a named tuple's constructor does, in half the time.
new_node: Callable[[tuple[str, tuple[Node, ...], Any]], Node] = partial(tuple.__new__, Node)


class Unreadable(Exception):  # noqa: N818 (a refusal, not a programming error)
    """The text is not something this reader knows, or it is over a cap."""


CONSTANTS = frozenset(("pi", "e", "i"))
STRUCTURES = frozenset(
    ("list", "group", "set", "union", "cap", "minus", "rel", "matrix", "unit", "text", "reals", "empty", "builder")
)


def walk(node: Node) -> Iterator[Node]:
    """Every node of a tree, the root first; no recursion."""
    waiting = [node]
    while waiting:
        current = waiting.pop()
        yield current
        waiting.extend(current.args)


def rename(node: Node, names: dict[str, str]) -> Node:
    """Give the same tree with variables renamed."""
    if node.op == "sym":
        return Node("sym", (), names.get(node.value, node.value))
    if not node.args:
        return node
    return Node(node.op, tuple(rename(child, names) for child in node.args), node.value)


def has(node: Node, operation: str) -> bool:
    """Whether an operation occurs in the tree."""
    return operation in node.facts.operations
