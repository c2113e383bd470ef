"""Subsets of the real line: intervals, inequalities, unions and finite sets, compared as sets.

Both sets are cut at all their end points; then each is a row of yes and no over the cuts and the gaps between.
"""

from __future__ import annotations

from dataclasses import dataclass

from plaudit.answers.tree import Node, walk
from plaudit.answers.values import approximate, free, same_value

_FLIPPED = {"<": ">", ">": "<", "<=": ">=", ">=": "<=", "!=": "!=", "=": "="}
ORDER = frozenset(("<", ">", "<=", ">="))
_MAX_CUTS = 60
Row = list[bool]


class NoSetError(Exception):
    """The node is not a subset of the reals that we can draw."""


@dataclass(frozen=True, slots=True)
class _Cuts:
    placed: tuple[tuple[float, Node], ...]

    def place(self, node: Node) -> int:
        value = _approximate(node)
        for index, (other, cut) in enumerate(self.placed):
            if _is_near(value, other) and same_value(cut, node):
                return 2 * index + 1
        raise NoSetError("an end point that can't be placed")

    @property
    def size(self) -> int:
        return 2 * len(self.placed) + 1


def _approximate(end: Node) -> float:
    value = approximate(end)
    if value is None:
        raise NoSetError("an end point without a value")
    return value


def _is_near(value: float, other: float) -> bool:
    """Whether two ends may be the same: only then is it worth proving."""
    return abs(value - other) <= 1e-9 * max(1.0, abs(value))


def is_set(node: Node) -> bool:
    """Whether a node can only be meant as a subset of the reals."""
    if node.op in ("union", "cap", "minus", "builder", "reals"):
        return True
    if node.op == "group" and len(node.args) == 2:
        return node.value != ("(", ")") or _is_infinite(node.args[0]) or _is_infinite(node.args[1])
    if node.op == "list":
        return bool(node.args) and all(child.op == "rel" for child in node.args) and any(map(is_set, node.args))
    return node.op == "rel" and (any(mark in ORDER or mark == "!=" for mark in node.value) or node.value == ("in",))


def same_set(prediction: Node, gold: Node) -> bool | None:
    r"""Whether two nodes are the same subset of the reals; None where one of them is none.

    >>> from plaudit.answers.reader import read
    >>> same_set(read("1 <= x < 2"), read("[1, 2)"))
    True
    """
    first, second = _variables(prediction), _variables(gold)
    if len(first) > 1 or len(second) > 1 or (first and second and first != second and "?" not in first | second):
        return None
    try:
        cuts = _cuts(prediction, gold)
        return _row(prediction, cuts) == _row(gold, cuts)
    except NoSetError:
        return None


def _variables(node: Node) -> frozenset[str]:
    return frozenset().union(*(free(inner) for inner in walk(node) if inner.op == "rel"))


def _is_infinite(node: Node) -> bool:
    return node.op == "inf" or (node.op == "neg" and node.args[0].op == "inf")


def _ends(node: Node, *, mirrored: bool = False) -> list[Node]:
    """All constants of a set that could be end points; on both sides of zero where |x| or -x is compared."""
    if node.op in ("group", "set", "union", "cap", "minus", "list", "builder", "rel"):
        mirrored = node.op == "rel" and any(child.op in ("neg", "call") and free(child) for child in node.args)
        return [end for child in node.args for end in _ends(child, mirrored=mirrored)]
    if node.op in ("reals", "text", "inf") or _is_infinite(node) or free(node):
        return []
    if node.op == "pm":
        return [*_ends(signed(node, 1), mirrored=mirrored), *_ends(signed(node, -1), mirrored=mirrored)]
    return [node, Node("neg", (node,))] if mirrored else [node]


def _cuts(*sets: Node) -> _Cuts:
    placed: list[tuple[float, Node]] = []
    for end in (end for node in sets for end in _ends(node)):
        value = _approximate(end)
        if not any(_is_near(value, other) and same_value(end, node) for other, node in placed):
            placed.append((value, end))
        if len(placed) > _MAX_CUTS:
            raise NoSetError("too many end points")
    placed.sort(key=lambda pair: pair[0])
    return _Cuts(tuple(placed))


def _row(node: Node, cuts: _Cuts) -> Row:
    if node.op == "reals":
        return [True] * cuts.size
    if node.op == "group" and len(node.args) == 2:
        return _interval(node, cuts)
    if node.op == "set":
        return _finite(node, cuts)
    if node.op == "builder":
        return _row(node.args[1], cuts)
    if node.op == "rel":
        return _relation(node, cuts)
    if node.op in ("union", "cap", "minus", "list"):
        rows = [_row(child, cuts) for child in node.args]
        combine = {"union": any, "cap": all, "list": any if node.value == "or" else all}.get(node.op)
        if combine is None:
            return [row[0] and not any(row[1:]) for row in zip(*rows, strict=True)]
        return [combine(cells) for cells in zip(*rows, strict=True)]
    raise NoSetError(node.op)


def _interval(node: Node, cuts: _Cuts) -> Row:
    low, high = node.args
    row = [True] * cuts.size
    if not _is_infinite(low):
        _cut_off(row, cuts.place(low), keep_above=True, closed=node.value[0] == "[")
    elif low.op == "inf":
        raise NoSetError("an interval from plus infinity")
    if not _is_infinite(high):
        _cut_off(row, cuts.place(high), keep_above=False, closed=node.value[1] == "]")
    elif high.op == "neg":
        raise NoSetError("an interval to minus infinity")
    return row


def _cut_off(row: Row, place: int, *, keep_above: bool, closed: bool) -> None:
    for index in range(len(row)):
        beyond = index < place if keep_above else index > place
        if beyond or (index == place and not closed):
            row[index] = False


def _finite(node: Node, cuts: _Cuts) -> Row:
    row = [False] * cuts.size
    for child in node.args:
        for sign in (1, -1) if child.op == "pm" else (1,):
            row[cuts.place(signed(child, sign) if child.op == "pm" else child)] = True
    return row


def signed(node: Node, sign: int) -> Node:
    """One of the two values of a plus-minus node."""
    left, right = node.args
    return Node("add", (left, right if node.value * sign > 0 else Node("neg", (right,))))


def _relation(node: Node, cuts: _Cuts) -> Row:
    if node.value == ("in",):
        return _row(node.args[1], cuts)
    row = [True] * cuts.size
    for index, mark in enumerate(node.value):
        for place, inside in enumerate(_comparison(node.args[index], mark, node.args[index + 1], cuts)):
            row[place] = row[place] and inside
    return row


def _comparison(left: Node, mark: str, right: Node, cuts: _Cuts) -> Row:
    if mark not in _FLIPPED:
        raise NoSetError(mark)
    if not free(left):
        left, right, mark = right, left, _FLIPPED[mark]
    if left.op == "neg":
        left, right, mark = left.args[0], Node("neg", (right,)), _FLIPPED[mark]
    if free(right) or not free(left):
        raise NoSetError("no variable alone on one side")
    if left.op == "call" and left.value == "abs" and left.args[0].op == "sym":
        return _absolute(mark, right, cuts)
    if left.op != "sym":
        raise NoSetError("no variable alone on one side")
    return _half_line(mark, right, cuts)


def _half_line(mark: str, end: Node, cuts: _Cuts) -> Row:
    if _is_infinite(end):
        return [True] * cuts.size
    place = cuts.place(end)
    if mark in ("=", "!="):
        return [(index == place) == (mark == "=") for index in range(cuts.size)]
    row = [True] * cuts.size
    _cut_off(row, place, keep_above=mark.startswith(">"), closed=mark.endswith("="))
    return row


def _absolute(mark: str, size: Node, cuts: _Cuts) -> Row:
    upper, lower = _half_line(mark, size, cuts), _half_line(_FLIPPED[mark], Node("neg", (size,)), cuts)
    combine = all if mark.startswith("<") or mark == "!=" else any
    return [combine(pair) for pair in zip(upper, lower, strict=True)]
