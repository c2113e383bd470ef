"""Exact rational values under caps, and the exact difference of two expressions where huge parts cancel."""

from __future__ import annotations

import math
from collections.abc import Callable
from operator import attrgetter

from flint import fmpq, fmpz

from plaudit.answers.tree import Node

MAX_BITS = 60_000
_MAX_FACTOR_BITS = 16 * MAX_BITS
Point = dict[str, fmpq]
_NOWHERE: Point = {}
_ARITHMETIC = frozenset(("num", "neg", "add", "mul", "div", "pow"))
_SMALL_FACTORIAL = 2_500


def rational(node: Node) -> fmpq | None:
    r"""Exact value of an expression of rational numbers, or None where it isn't one or is over the caps.

    >>> from plaudit.answers.reader import read
    >>> rational(read(r"2\frac{1}{2}"))
    5/2
    """
    if node.op == "num":
        return node.value
    known = node.known
    if "rational" not in known:
        known["rational"] = rational_at(node, _NOWHERE)
    return known["rational"]


def coordinates(group: Node) -> tuple[fmpq, ...] | None:
    """Exact coordinates of a point, or None: an interval, or anything that a policy may read in another way.

    >>> from plaudit.answers.reader import read
    >>> coordinates(read("(1, 3/6)"))
    (1, 1/2)
    """
    known = group.known
    if "coordinates" not in known:
        exact = group.value == ("(", ")") and all(child.facts.operations <= _ARITHMETIC for child in group.args)
        values = tuple(rational(child) for child in group.args) if exact else (None,)
        known["coordinates"] = None if None in values else values
    found: tuple[fmpq, ...] | None = known.get("coordinates")
    return found


def rational_at(node: Node, point: Point) -> fmpq | None:
    """Exact value at a point of rational numbers, or None where there is none or it is over the caps."""
    operation = node.op
    if operation == "num":
        return node.value
    if operation == "sym":
        return point.get(node.value)
    if operation == "pow" and node.args[1].whole is not None:
        base = rational_at(node.args[0], point)
        return None if base is None else _whole_power(base, node.args[1].whole)
    combine = _COMBINE.get(operation)
    if combine is None:
        return _leaf_or_call(node, point)
    values = []
    for child in node.args:
        value = child.value if child.op == "num" else rational_at(child, point)
        if value is None:
            return None
        values.append(value)
    value = combine(values)
    return None if value is None or value.height_bits() > MAX_BITS else value


def _leaf_or_call(node: Node, point: Point) -> fmpq | None:
    operation = node.op
    if operation == "dec":
        return node.value[0]
    if operation == "based":
        return fmpq(int(*node.value))
    if operation != "call":
        return None
    values = []
    for child in node.args:
        value = rational_at(child, point)
        if value is None:
            return None
        values.append(value)
    return _capped(_called(node.value, values))


def _capped(value: fmpq | None) -> fmpq | None:
    return None if value is None or value.height_bits() > MAX_BITS else value


def _sum(values: list[fmpq]) -> fmpq:
    total = values[0]
    for index in range(1, len(values)):
        total = total + values[index]
    return total


def _product(values: list[fmpq]) -> fmpq | None:
    total = values[0]
    for index in range(1, len(values)):
        total = total * values[index]
        if total.height_bits() > MAX_BITS:
            return None
    return total


def _power(values: list[fmpq]) -> fmpq | None:
    base, exponent = values
    if exponent.q != 1:
        return _exact_root(base, exponent)
    return _capped(_whole_power(base, int(exponent.p)))


def _whole_power(base: fmpq, power: int) -> fmpq | None:
    if abs(power) * base.height_bits() > MAX_BITS or (power <= 0 and base == 0):
        return None
    return base**power


def _exact_root(base: fmpq, exponent: fmpq) -> fmpq | None:
    degree = int(exponent.denominator)
    if base < 0 or degree > 64 or base.height_bits() > 512:
        return None
    top, bottom = _integer_root(int(base.numerator), degree), _integer_root(int(base.denominator), degree)
    if top is None or bottom is None:
        return None
    return _power([fmpq(top, bottom), fmpq(exponent.numerator)])


def _integer_root(value: int, degree: int) -> int | None:
    root = math.isqrt(value) if degree == 2 else int(fmpz(value).root(degree))
    return root if root**degree == value else None


def _quotient(values: list[fmpq]) -> fmpq | None:
    return values[0] / values[1] if values[1] else None


_COMBINE: dict[str, Callable[[list[fmpq]], fmpq | None]] = {
    "add": _sum,
    "mul": _product,
    "neg": lambda values: -values[0],
    "div": _quotient,
    "pow": _power,
    "percent": lambda values: values[0] / 100,
}


def _called(name: str, values: list[fmpq]) -> fmpq | None:
    first = values[0]
    whole = all(value.denominator == 1 for value in values)
    if name == "abs":
        return abs(first)
    if name in ("floor", "ceil"):
        return fmpq(math.floor(first) if name == "floor" else math.ceil(first))
    if name == "root":
        if values[1].denominator != 1 or not 1 <= values[1] <= 64:
            return None
        if first < 0 and int(values[1]) % 2:
            root = _exact_root(-first, 1 / values[1])
            return None if root is None else -root
        return _exact_root(first, 1 / values[1])
    if name in ("min", "max"):
        return min(values) if name == "min" else max(values)
    return _integer_call(name, [int(value) for value in values]) if whole else None


def _integer_call(name: str, values: list[int]) -> fmpq | None:
    if name == "factorial" and 0 <= values[0] <= _SMALL_FACTORIAL:
        return fmpq(math.factorial(values[0]))
    if name == "binom" and len(values) == 2 and 0 <= values[0] <= 2 * _SMALL_FACTORIAL and values[1] >= 0:
        return fmpq(math.comb(values[0], values[1]))
    if name in ("gcd", "lcm"):
        return fmpq(math.gcd(*values) if name == "gcd" else math.lcm(*values))
    if name == "mod" and len(values) == 2 and values[1]:
        return fmpq(values[0] % values[1])
    return None


Terms = list[tuple[Node, fmpq]]
_MAX_KINDS = 200
_ONE = Node("num", (), fmpq(1))
_RANK = attrgetter("rank")


def difference(left: Node, right: Node) -> Terms | None:
    """Subtract and cancel equal terms; what is left, as terms with coefficients; None over the caps.

    Two numbers too big for any precision are told apart by what is left when the big part has gone.

    >>> from plaudit.answers.reader import read
    >>> difference(read("10^{10^{10}}+1"), read("10^{10^{10}}")) == [(_ONE, fmpq(1))]
    True
    """
    terms: Terms = []
    if not (_collect(left, fmpq(1), terms, 0) and _collect(right, fmpq(-1), terms, 0)):
        return None
    return [term for term in terms if term[1]]


def _enter(node: Node, factor: fmpq, terms: Terms) -> bool:
    """Add a term to an equal one; trees are compared, as hashing a flint number costs more than a few comparisons."""
    for index, (known, total) in enumerate(terms):
        if known == node:
            terms[index] = known, total + factor
            return True
    terms.append((node, factor))
    return True


def _collect(node: Node, factor: fmpq, terms: Terms, depth: int) -> bool:
    if len(terms) > _MAX_KINDS or depth > 80:
        return False
    operation = node.op
    if operation == "add":
        return all(_collect(child, factor, terms, depth + 1) for child in node.args)
    if operation == "neg":
        return _collect(node.args[0], -factor, terms, depth + 1)
    if operation == "mul":
        return _collect_product(node, factor, terms, depth)
    if operation == "sym":
        return _enter(node, factor, terms)
    value = rational(node)
    if value is not None:
        return _enter(_ONE, factor * value, terms)
    if operation == "div":
        below = rational(node.args[1])
        if below:
            return _collect(node.args[0], factor / below, terms, depth + 1)
    return _enter(node, factor, terms)


def _collect_product(node: Node, factor: fmpq, terms: Terms, depth: int) -> bool:
    rest = []
    for child in node.args:
        value = None if child.op == "sym" else rational(child)
        if value is None:
            rest.append(child)
        else:
            factor *= value
            if factor.height_bits() > _MAX_FACTOR_BITS:
                return False
    if not rest:  # each part is under the cap, and only their product over it
        return _enter(_ONE, factor, terms)
    if len(rest) == 1:
        return _collect(rest[0], factor, terms, depth + 1)
    return _enter(Node("mul", tuple(sorted(rest, key=_RANK))), factor, terms)
