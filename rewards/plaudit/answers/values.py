"""Are two expressions the same number, or the same function? Proof of difference, or agreement at high precision."""

from __future__ import annotations

from collections.abc import Sequence

from flint import fmpq

from plaudit.answers import exact
from plaudit.answers.balls import HIGH_BITS, LOW_BITS, Ball, Point, Unevaluable, evaluate, is_real, precision
from plaudit.answers.tree import STRUCTURES, Node, number_node, symbols, walk

CONSTANTS = frozenset(("pi", "e", "i"))
_STEP_NAMES = frozenset(("floor", "ceil", "mod", "sgn", "sign", "min", "max"))
MAX_NODES = 1_200
Spreads = Sequence[tuple[fmpq, fmpq]]


def free(node: Node) -> frozenset[str]:
    """Variables of an expression that are not constants."""
    return symbols(node) - CONSTANTS


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
        return first == second
    if sum(1 for _ in walk(left)) + sum(1 for _ in walk(right)) > MAX_NODES:
        return None
    names = free(left) | free(right)
    return _same_function(left, right, sorted(names)) if names else _same_constant(left, right)


def _same_constant(left: Node, right: Node) -> bool | None:
    terms: exact.Terms | None = None
    for bits in (LOW_BITS, HIGH_BITS):
        try:
            with precision(bits):
                gap = evaluate(left, {}) - evaluate(right, {})
                zero = _is_zero(gap)
                if zero is False:
                    return False
                if terms is None:
                    terms = exact.difference(left, right)
                if terms is not None:
                    settled = _settled(terms)
                    if settled is not None:
                        return settled
        except Unevaluable:
            return None
    # a ball this wide says nothing about numbers beyond the precision
    return True if zero and gap.rad() < 1e-9 else None


def _settled(terms: exact.Terms) -> bool | None:
    if not terms:
        return True
    return False if _is_zero(_total(terms, {})) is False else None


def _total(terms: exact.Terms, point: Point) -> Ball:
    weighted = [Node("mul", (Node("num", (), factor), term)) for term, factor in terms.items()]
    return evaluate(Node("add", tuple(weighted)), point)


def _is_zero(ball: Ball) -> bool | None:
    """Say False if it is proved not to be zero, True if this precision can't tell them apart, None if undefined."""
    if not ball.contains(0):
        return None if _is_undefined(ball) else False
    return True if ball.is_finite() else None


def _is_undefined(ball: Ball) -> bool:
    return bool(ball.real.is_nan() or ball.imag.is_nan())


def points(names: list[str], spreads: Spreads | None = None) -> list[Point]:
    """Give fixed generic sample points, positive ones first, then mixed signs."""
    spreads = spreads or _SPREADS
    found = []
    for index, (base, step) in enumerate(spreads):
        point: Point = {}
        for place, name in enumerate(names):
            sign = -1 if index >= 4 and (place + index) % 2 == 0 else 1
            point[name] = sign * (base + step * ((place * 7 + index * 3) % 11 + 1))
        found.append(point)
    return found


_SPREADS = (
    (fmpq(17, 53), fmpq(37, 761)),
    (fmpq(1361, 1009), fmpq(197, 613)),
    (fmpq(419, 97), fmpq(911, 541)),
    (fmpq(83, 811), fmpq(29, 397)),
    (fmpq(641, 499), fmpq(271, 577)),
    (fmpq(313, 877), fmpq(61, 1231)),
)
_INTEGER_SPREADS = (
    (fmpq(5), fmpq(3)),
    (fmpq(20), fmpq(7)),
    (fmpq(11), fmpq(4)),
)
_STEP_SPREADS = (*_INTEGER_SPREADS, (fmpq(717, 53), fmpq(97, 41)))
_ENOUGH = 3


def _same_function(left: Node, right: Node, names: list[str]) -> bool | None:
    spreads = _spreads(left, right)
    agreed: list[Point] = []
    for index, point in enumerate(points(names, spreads)):
        zero = _zero_at(left, right, point, LOW_BITS, mixed=index >= 4)
        if zero is False:
            return False
        if zero:
            agreed.append(point)
    if len(agreed) < _ENOUGH:
        return None
    first, second = (exact.rational(insert(tree, agreed[0])) for tree in (left, right))
    if first is not None and second is not None:
        return first == second
    return _zero_at(left, right, agreed[0], HIGH_BITS, mixed=False) and _leaves_nothing(left, right, agreed[0])


def insert(node: Node, point: Point) -> Node:
    """Put numbers in the place of variables."""
    if node.op == "sym" and node.value in point:
        return number_node(point[node.value])
    if not node.args:
        return node
    return Node(node.op, tuple(insert(child, point) for child in node.args), node.value)


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


def _spreads(left: Node, right: Node) -> Spreads:
    """Choose where to look: at integers for what only means something there, far out for steps."""
    inner = [*walk(left), *walk(right)]
    if any(node.op == "pow" and _alternates(node) for node in inner):
        return _INTEGER_SPREADS
    stepped = any(node.op == "big" or (node.op == "call" and node.value in _STEP_NAMES) for node in inner)
    return _STEP_SPREADS if stepped else _SPREADS


def _alternates(power: Node) -> bool:
    """Whether a power is like (-1)^n, where n can only be an integer."""
    base = exact.rational(power.args[0])
    return base is not None and base < 0 and bool(free(power.args[1]))


def _zero_at(left: Node, right: Node, point: Point, bits: int, *, mixed: bool) -> bool | None:
    try:
        with precision(bits):
            first, second = evaluate(left, point), evaluate(right, point)
            zero = _is_zero(first - second)
            if zero is False and mixed and not (is_real(first) and is_real(second)):
                return None  # off the real domain of a root or logarithm, branches may differ
            return zero
    except Unevaluable:
        return None


def evaluable(node: Node) -> bool:
    """Whether an answer has a value within the caps, in all its parts."""
    if node.op in STRUCTURES or node.op == "pm":
        return all(evaluable(child) for child in node.args)
    if node.op == "inf" or (node.op == "neg" and node.args[0].op == "inf"):
        return True
    try:
        with precision(LOW_BITS):
            return bool(evaluate(node, points(sorted(free(node)))[0]).is_finite())
    except Unevaluable:
        return False


def approximate(node: Node) -> float | None:
    """Give a float near a real constant, or None; only for ordering, never for deciding."""
    try:
        with precision(LOW_BITS):
            ball = evaluate(node, {})
            if not ball.is_finite() or not is_real(ball):
                return None
            return float(ball.real.mid())
    except (Unevaluable, OverflowError):
        return None


def sign(node: Node) -> int | None:
    """Find the sign of a real constant: -1, 0 or 1; None where there is none."""
    for bits in (LOW_BITS, HIGH_BITS):
        try:
            with precision(bits):
                ball = evaluate(node, {})
                if not ball.is_finite() or not is_real(ball):
                    return None
                if ball.real > 0:
                    return 1
                if ball.real < 0:
                    return -1
        except Unevaluable:
            return None
    return 0
