"""One read answer against another: lists, tuples, sets, matrices, relations, units, words; numbers at the leaves."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import product

from plaudit.answers import equations, intervals, units
from plaudit.answers.exact import coordinates
from plaudit.answers.scalars import same_scalar
from plaudit.answers.texts import same_text
from plaudit.answers.tree import STRUCTURES, Node
from plaudit.answers.types import Policy

_MAX_VARIANTS = 64
_MAX_MATCHED = 80
_FORMULAS = frozenset(("num", "dec", "sym", "neg", "add", "mul", "div", "pow", "call", "percent", "degree"))
_COLLECTIONS = ("list", "set", "group")
_HALF_OPEN = (("(", "]"), ("[", ")"))


def same(prediction: Node, gold: Node, policy: Policy) -> bool | None:
    """Whether two trees are the same answer under the policy; None where undecided.

    >>> from plaudit.answers.reader import read
    >>> same(read("2, 1"), read("1, 2"), Policy())
    True
    """
    if prediction == gold:
        return True
    if prediction.op in _FORMULAS and gold.op in _FORMULAS:
        if prediction.op == gold.op == "num" and not policy.tolerance:
            return False
        if prediction.signed or gold.signed:
            return _same_expanded(prediction, gold, policy)
        return same_scalar(prediction, gold, policy)
    if prediction.op == "group" == gold.op and not policy.tolerance:
        mine, theirs = coordinates(prediction), coordinates(gold)
        if mine is not None and theirs is not None:
            return mine == theirs
    prediction, gold = units.plain(prediction), units.plain(gold)
    if prediction.op == "unit" or gold.op == "unit":
        return _same_quantity(units.with_letter(prediction), units.with_letter(gold), policy)
    if prediction.signed or gold.signed:
        return _same_expanded(prediction, gold, policy)
    if prediction.op == "rel" or gold.op == "rel":
        return _same_with_relation(prediction, gold, policy)
    if prediction.op == "text" or gold.op == "text":
        return same_text(prediction, gold)
    if intervals.is_set(prediction) or intervals.is_set(gold):
        decided = _same_as_sets(prediction, gold, policy)
        if decided is not None:
            return decided
    if prediction.op in STRUCTURES or gold.op in STRUCTURES:
        return _same_collection(prediction, gold, policy)
    return same_scalar(prediction, gold, policy)


def _same_quantity(prediction: Node, gold: Node, policy: Policy) -> bool | None:
    mine = prediction.value if prediction.op == "unit" else ""
    theirs = gold.value if gold.op == "unit" else ""
    if policy.refuse_hedges and units.hedged(mine, theirs):
        return False
    if {prediction.op, gold.op} & {"percent", "degree"} and policy.units != "ignored":
        return False
    first = prediction.args[0] if prediction.op == "unit" else prediction
    second = gold.args[0] if gold.op == "unit" else gold
    if policy.units == "ignored" or (policy.units == "may-be-missing" and not (mine and theirs)):
        return same(first, second, policy)
    if not (mine and theirs):
        return False
    factor = units.compatible(mine, theirs)
    if factor is None:
        return False
    if factor == 1:
        return same(first, second, policy)
    return same(Node("mul", (Node("num", (), factor), first)), second, policy)


def _same_expanded(prediction: Node, gold: Node, policy: Policy) -> bool | None:
    """Plus-minus stands for two values; in a tuple each coordinate chooses for itself."""
    first, second = _variants(prediction), _variants(gold)
    if first is None or second is None:
        return None
    together = same_items(first, second, policy, ordered=False)
    if together:
        return True
    return same_items(_distinct(first, policy), _distinct(second, policy), policy, ordered=False)


def _distinct(items: list[Node], policy: Policy) -> list[Node]:
    kept: list[Node] = []
    for item in items:
        if not any(same(item, other, policy) for other in kept):
            kept.append(item)
    return kept


def _variants(node: Node) -> list[Node] | None:
    label, body = equations.split_label(node)
    if label is not None:
        return _variants(body)
    if node.op in ("list", "set"):
        found: list[Node] = []
        for child in node.args:
            variants = _variants(child)
            if variants is None:
                return None
            found.extend(variants)
        return found if len(found) <= _MAX_VARIANTS else None
    if node.op in ("group", "matrix"):
        choices = [_variants(child) for child in node.args]
        if any(choice is None for choice in choices):
            return None
        combined = list(product(*(choice for choice in choices if choice is not None)))
        return [Node(node.op, pick, node.value) for pick in combined] if len(combined) <= _MAX_VARIANTS else None
    if not node.signed:
        return [node]
    return [_signed(node, 1), _signed(node, -1)]


def too_many_signs(node: Node) -> bool:
    """Whether a plus-minus answer stands for more values than are looked at."""
    return node.signed and _variants(node) is None


def _signed(node: Node, sign: int) -> Node:
    if node.op == "pm":
        return intervals.signed(Node("pm", tuple(_signed(child, sign) for child in node.args), node.value), sign)
    if not node.args:
        return node
    return Node(node.op, tuple(_signed(child, sign) for child in node.args), node.value)


def _same_with_relation(prediction: Node, gold: Node, policy: Policy) -> bool | None:
    label, body = equations.split_label(prediction)
    gold_label, gold_body = equations.split_label(gold)
    if label is not None and gold_label is not None:
        names = equations.same_label(label, gold_label, policy)
        if names is not None and same(equations.renamed(body, names), gold_body, policy):
            return True
    elif (label is None) != (gold_label is None) or body is not prediction or gold_body is not gold:
        if policy.assignment_prefix == "required" and (label is None) != (gold_label is None):
            return False
        found = same(body, gold_body, policy)
        if found is not False or (intervals.is_set(body) and intervals.is_set(gold_body)):
            return found
    return _same_as_relations(prediction, gold, policy)


def _same_as_relations(prediction: Node, gold: Node, policy: Policy) -> bool | None:
    if intervals.is_set(prediction) or intervals.is_set(gold):
        decided = _same_as_sets(prediction, gold, policy)
        if decided is not None:
            return decided
    if prediction.op == "rel" and gold.op == "rel":
        return equations.same_relation(prediction, gold, lambda a, b: same(a, b, policy))
    relation, other = (prediction, gold) if prediction.op == "rel" else (gold, prediction)
    order = equations.ascending(relation)
    if order is not None and other.op == "list":
        return same_items(order, other.args, policy, ordered=True)
    chain = equations.chain_value(relation)
    if chain is not None:
        return same(chain, other, policy) if relation is prediction else same(other, chain, policy)
    if relation is gold and equations.is_equation(gold) and other.op not in STRUCTURES:
        return equations.solves(prediction, gold)
    return False


def _same_as_sets(prediction: Node, gold: Node, policy: Policy) -> bool | None:
    if policy.inequalities == "written" and (prediction.op == "rel") != (gold.op == "rel"):
        return False
    first, second = _bounds(prediction), _bounds(gold)
    if first is not None and second is not None:
        brackets = first.value == second.value
        if all(same(a, b, policy) for a, b in zip(first.args, second.args, strict=True)):
            return bool(brackets)
    return intervals.same_set(prediction, gold)


def _bounds(node: Node) -> Node | None:
    """Write a two-sided inequality or an interval as a pair with its brackets."""
    if node.op == "group" and len(node.args) == 2:
        return node
    if node.op == "rel" and len(node.value) == 2 and set(node.value) <= {"<", "<="}:
        opening = "(" if node.value[0] == "<" else "["
        closing = ")" if node.value[1] == "<" else "]"
        return Node("group", (node.args[0], node.args[2]), (opening, closing))
    return None


def _same_collection(prediction: Node, gold: Node, policy: Policy) -> bool | None:
    if prediction.op == "matrix" or gold.op == "matrix":
        return _same_matrix(prediction, gold, policy)
    if prediction.op not in _COLLECTIONS and gold.op not in _COLLECTIONS:
        # unions whose ends have variables: piece by piece
        same_kind = prediction.op == gold.op and prediction.args
        return same_items(prediction.args, gold.args, policy, ordered=gold.op == "minus") if same_kind else False
    ordered = "group" in (prediction.op, gold.op)
    if _differ_in_kind(prediction, gold):
        return False
    mine, theirs = _items(prediction), _items(gold)
    if ordered:
        if prediction.op == "group" == gold.op or len(theirs) == len(mine) != 1:
            return same_items(mine, theirs, policy, ordered=True)
        return False
    if prediction.op == gold.op == "list" and prediction.value != gold.value and all(map(_is_letter, mine)):
        return False  # A or C is a guess at two choices, A and C is one answer
    if prediction.op == "set" == gold.op:
        return same_items(_distinct(list(mine), policy), _distinct(list(theirs), policy), policy, ordered=False)
    return _same_list(mine, theirs, policy)


def _differ_in_kind(prediction: Node, gold: Node) -> bool:
    """Whether brackets tell apart: a point is no set, an interval no list; a list may be in any brackets."""
    if prediction.op == "group" == gold.op:
        return bool(prediction.value != gold.value)
    if {prediction.op, gold.op} == {"group", "set"}:
        return True
    if prediction.op == "group" and prediction.value in _HALF_OPEN:
        return True
    return gold.op == "group" and gold.value != ("(", ")")


def _is_letter(node: Node) -> bool:
    return node.op == "sym" and len(node.value) == 1 and bool(node.value.isupper())


def _items(node: Node) -> Sequence[Node]:
    return node.args if node.op in _COLLECTIONS else (node,)


def _same_list(mine: Sequence[Node], theirs: Sequence[Node], policy: Policy) -> bool | None:
    """Compare lists: labelled items keep their order against bare ones, bare ones follow the policy."""
    if all(item.op == "group" for item in (*mine, *theirs)) and policy.list_order == "ignored":
        mine, theirs = _distinct(list(mine), policy), _distinct(list(theirs), policy)
    if len(mine) != len(theirs):
        return False
    labels, gold_labels = _labels(mine), _labels(theirs)
    if labels and not gold_labels:
        bodies = [equations.split_label(item)[1] for item in mine]
        return same_items(bodies, theirs, policy, ordered=len(labels) == len(mine) and _differ(labels))
    if gold_labels and not labels:
        bodies = [equations.split_label(item)[1] for item in theirs]
        return same_items(mine, bodies, policy, ordered=len(gold_labels) == len(theirs) and _differ(gold_labels))
    return same_items(mine, theirs, policy, ordered=policy.list_order == "kept")


def _labels(items: Sequence[Node]) -> list[Node]:
    return [label for label in (equations.split_label(item)[0] for item in items) if label is not None]


def _differ(labels: list[Node]) -> bool:
    return len(labels) > 1 and len(set(labels)) > 1


def same_items(mine: Sequence[Node], theirs: Sequence[Node], policy: Policy, *, ordered: bool) -> bool | None:
    """Item by item, in order or as multisets."""
    if len(mine) != len(theirs):
        return False
    if ordered or len(mine) > _MAX_MATCHED:
        undecided = False
        for one, other in zip(mine, theirs, strict=True):
            verdict = same(one, other, policy)
            if verdict is False:
                return False
            undecided = undecided or verdict is None
        return None if undecided else True
    return _matched(mine, theirs, policy)


def _matched(mine: Sequence[Node], theirs: Sequence[Node], policy: Policy) -> bool | None:
    """Whether every item finds a partner of its own: with a tolerance the first that fits may be another's."""
    partner: dict[int, int] = {}
    verdicts: dict[tuple[int, int], bool | None] = {}

    def fits(index: int, candidate: int) -> bool:
        key = (index, candidate)
        if key not in verdicts:
            verdicts[key] = same(mine[index], theirs[candidate], policy)
        return verdicts[key] is True

    def settle(index: int, seen: set[int]) -> bool:
        for candidate in sorted(range(len(theirs)), key=lambda place: theirs[place] != mine[index]):
            if candidate not in seen and fits(index, candidate):
                seen.add(candidate)
                if candidate not in partner or settle(partner[candidate], seen):
                    partner[candidate] = index
                    return True
        return False

    if all(settle(index, set()) for index in range(len(mine))):
        return True
    return None if None in verdicts.values() else False


def _all(verdicts: Iterable[bool | None]) -> bool | None:
    undecided = False
    for verdict in verdicts:
        if verdict is False:
            return False
        undecided = undecided or verdict is None
    return None if undecided else True


def _same_matrix(prediction: Node, gold: Node, policy: Policy) -> bool | None:
    if prediction.op != gold.op or len(prediction.args) != len(gold.args):
        return False
    return _all(
        same_items(row.args, other.args, policy, ordered=True)
        for row, other in zip(prediction.args, gold.args, strict=True)
    )
