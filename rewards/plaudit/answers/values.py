"""Are two expressions the same number, or the same function? Proof of difference, or agreement at high precision."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from flint import fmpq

from plaudit.answers import exact
from plaudit.answers.balls import HIGH_BITS, LOW_BITS, Ball, Point, Unevaluable, evaluate, is_real, precision
from plaudit.answers.tree import STRUCTURES, Node, has, walk

_RATIONAL = frozenset(("num", "dec", "based", "sym", "add", "mul", "div", "neg", "pow", "percent"))
_MAX_KNOWN = 32
_POSITIVE = 4
_STEP_NAMES = frozenset(("floor", "ceil", "mod", "sgn", "sign", "min", "max"))
MAX_NODES = 1_200


def free(node: Node) -> frozenset[str]:
    """Variables of an expression that are not constants."""
    return node.facts.free


def same_value(left: Node, right: Node) -> bool | None:
    """Whether two expressions have the same value for every value of their variables; None where undecided.

    >>> from plaudit.answers.reader import read
    >>> same_value(read("(x+1)^2"), read("x^2+2x+1"))
    True
    >>> same_value(read("1/2004!"), read("1/2006!"))
    False
    """
    if left == right:
        return True
    if left.op == "inf" or right.op == "inf":
        return False
    first, second = exact.rational(left), exact.rational(right)
    if first is not None and second is not None:
        return bool(first == second)
    mine, theirs = left.facts, right.facts
    if mine.size + theirs.size > MAX_NODES:
        return None
    names = mine.free | theirs.free
    return _same_function(left, right, tuple(sorted(names))) if names else _same_constant(left, right)


def _same_constant(left: Node, right: Node) -> bool | None:
    first, second = value_at(left, NOWHERE, LOW_BITS), value_at(right, NOWHERE, LOW_BITS)
    if first is None or second is None:
        return None
    if not first.overlaps(second) and first.is_finite() and second.is_finite():
        return False
    terms = exact.difference(left, right)
    if terms is not None and not terms:
        return True
    first, second = value_at(left, NOWHERE, HIGH_BITS), value_at(right, NOWHERE, HIGH_BITS)
    if first is None or second is None:
        return None
    try:
        with precision(HIGH_BITS):
            gap = first - second
            zero = _is_zero(gap)
            if zero is False or (terms is not None and _is_zero(_total(terms, {})) is False):
                return False
    except Unevaluable:
        return None
    # a ball this wide says nothing about numbers beyond the precision
    return True if zero and gap.rad() < 1e-9 else None


def _total(terms: exact.Terms, point: Point) -> Ball:
    weighted = [Node("mul", (Node("num", (), factor), term)) for term, factor in terms]
    return evaluate(Node("add", tuple(weighted)), point)


def _is_zero(ball: Ball) -> bool | None:
    """Say False if it is proved not to be zero, True if this precision can't tell them apart, None if undefined."""
    if not ball.contains(0):
        return None if _is_undefined(ball) else False
    return True if ball.is_finite() else None


def _is_undefined(ball: Ball) -> bool:
    return bool(ball.real.is_nan() or ball.imag.is_nan())


_INTEGER_SPREADS = ((fmpq(5), fmpq(3)), (fmpq(20), fmpq(7)), (fmpq(11), fmpq(4)))
_SPREADS: dict[str, tuple[tuple[fmpq, fmpq], ...]] = {
    "generic": (
        (fmpq(17, 53), fmpq(37, 761)),
        (fmpq(1361, 1009), fmpq(197, 613)),
        (fmpq(419, 97), fmpq(911, 541)),
        (fmpq(83, 811), fmpq(29, 397)),
        (fmpq(641, 499), fmpq(271, 577)),
        (fmpq(313, 877), fmpq(61, 1231)),
    ),
    "integers": _INTEGER_SPREADS,
    "steps": (*_INTEGER_SPREADS, (fmpq(717, 53), fmpq(97, 41))),
}


class Place(NamedTuple):
    """A sample point under a name of its own, by which values there are remembered."""

    name: tuple[str, ...]
    point: Point
    mixed: bool


NOWHERE = Place((), {}, False)


def value_at(node: Node, place: Place, bits: int) -> Ball | None:
    """Value of an expression at a place, None where it has none; worked out once, for as many places as a few."""
    known = node.known
    key = (bits, place.name)
    if key in known:
        return known[key]
    with precision(bits):
        return value_within(node, place, bits)


def value_within(node: Node, place: Place, bits: int) -> Ball | None:
    """Do the same where the precision is held already."""
    known = node.known
    key = (bits, place.name)
    if key in known:
        return known[key]
    try:
        ball = evaluate(node, place.point)
    except Unevaluable:
        ball = None
    if len(known) < _MAX_KNOWN:
        known[key] = ball
    return ball


@lru_cache(maxsize=1_024)
def places(names: tuple[str, ...], kind: str) -> tuple[Place, ...]:
    """Give the fixed sample points of a kind (generic, integers, steps), positive ones first, then mixed signs."""
    found = []
    for index, (base, step) in enumerate(_SPREADS[kind]):
        point: Point = {}
        for place, name in enumerate(names):
            sign = -1 if index >= _POSITIVE and (place + index) % 2 == 0 else 1
            point[name] = sign * (base + step * ((place * 7 + index * 3) % 11 + 1))
        found.append(Place((*names, f"{kind} {index}"), point, index >= _POSITIVE))
    return tuple(found)


_ENOUGH = 3


def _same_function(left: Node, right: Node, names: tuple[str, ...]) -> bool | None:
    sampled = places(names, _kind_of_places(left, right))
    if left.facts.operations <= _RATIONAL >= right.facts.operations:
        settled = _same_rational_function(left, right, sampled)
        if settled is not None:
            return settled
    agreed: list[Place] = []
    for place in sampled:
        zero = _zero_at(left, right, place, LOW_BITS)
        if zero is False:
            return False
        if zero:
            if not agreed and exact.difference(left, right) == []:
                return True
            agreed.append(place)
    if len(agreed) < _ENOUGH:
        return None
    first, second = (exact.rational_at(tree, agreed[0].point) for tree in (left, right))
    if first is not None and second is not None:
        return bool(first == second)
    return _zero_at(left, right, agreed[0], HIGH_BITS) and _leaves_nothing(left, right, agreed[0].point)


def _same_rational_function(left: Node, right: Node, sampled: tuple[Place, ...]) -> bool | None:
    """Compare exact values at all points; None where one has none, for an exponent that isn't whole say.

    Once the first point agrees, equal terms are cancelled: mostly that leaves nothing, and the other points are spared.
    """
    for place in sampled:
        first, second = _exact_at(left, place), _exact_at(right, place)
        if first is None or second is None:
            return None
        if first != second:
            return False
        if place is sampled[0] and exact.difference(left, right) == []:
            return True
    return True


def _exact_at(node: Node, place: Place) -> fmpq | None:
    known = node.known
    key = ("exact", place.name)
    if key not in known:
        value = exact.rational_at(node, place.point)
        if len(known) >= _MAX_KNOWN:
            return value
        known[key] = value
    return known[key]


def _leaves_nothing(left: Node, right: Node, point: Point) -> bool | None:
    """Cancel equal terms and look at the rest: x + 10^-400 is not x at any precision."""
    terms = exact.difference(left, right)
    if not terms:
        return True
    try:
        with precision(HIGH_BITS):
            return _is_zero(_total(terms, point))
    except Unevaluable:
        return True  # the rest may have no value where the whole has one


def _kind_of_places(left: Node, right: Node) -> str:
    """Choose where to look: at integers for what only means something there, far out for steps."""
    trees = (left, right)
    for tree in trees:
        if not tree.facts.plain_exponents and any(node.op == "pow" and _alternates(node) for node in walk(tree)):
            return "integers"
    stepped = any(has(tree, "big") or not _STEP_NAMES.isdisjoint(tree.facts.called) for tree in trees)
    return "steps" if stepped else "generic"


def _alternates(power: Node) -> bool:
    """Whether a power is like (-1)^n, where n can only be an integer."""
    written, exponent = power.args
    if exponent.op == "num" or not free(exponent):
        return False
    base = exact.rational(written)
    return base is not None and bool(base < 0)


def _zero_at(left: Node, right: Node, place: Place, bits: int) -> bool | None:
    with precision(bits):
        first, second = value_within(left, place, bits), value_within(right, place, bits)
        if first is None or second is None:
            return None
        zero = _is_zero(first - second)
    if zero is False and place.mixed and not (is_real(first) and is_real(second)):
        return None  # off the real domain of a root or logarithm, branches may differ
    return zero


def evaluable(node: Node) -> bool:
    """Whether an answer has a value within the caps, in all its parts."""
    if node.op in STRUCTURES or node.op == "pm":
        return all(evaluable(child) for child in node.args)
    if node.op == "inf" or (node.op == "neg" and node.args[0].op == "inf"):
        return True
    ball = value_at(node, places(tuple(sorted(free(node))), "generic")[0], LOW_BITS)
    return ball is not None and bool(ball.is_finite())


def approximate(node: Node) -> float | None:
    """Give a float near a real constant, or None; only for ordering, never for deciding."""
    ball = value_at(node, NOWHERE, LOW_BITS)
    if ball is None or not ball.is_finite() or not is_real(ball):
        return None
    try:
        return float(ball.real.mid())
    except OverflowError:
        return None
