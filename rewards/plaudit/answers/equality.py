"""Is this answer the gold? The layers, cheapest first; each settles the case or passes it on."""

from __future__ import annotations

import re
from collections.abc import Sequence
from time import perf_counter

from flint import fmpq

from plaudit.answers import symbolic, units
from plaudit.answers.cache import MAX_CHARACTERS, Side, gold_side, side
from plaudit.answers.choices import chosen_letter
from plaudit.answers.lexer import Token
from plaudit.answers.literals import Number, literal
from plaudit.answers.reader import read_tokens
from plaudit.answers.structure import same, too_many_signs
from plaudit.answers.times import moment, same_moment
from plaudit.answers.tree import Node, Unreadable, walk
from plaudit.answers.types import Policy, Verdict, new_verdict
from plaudit.answers.values import evaluable

DEFAULT_POLICY = Policy()
_SHORT_NUMBER = 40
_NO_SOLUTION = Node("set")
_GROUPED = re.compile(r"\d,\d\d\d", re.ASCII)
Decision = tuple[bool | None, str]


def equal(prediction: str, gold: str, policy: Policy | None = None) -> Verdict:
    r"""Whether a predicted answer equals the gold answer.

    Both are answer texts (plain, LaTeX, unicode; boxes are opened). Never raises for any prediction. `Verdict.equal` is
    None where the gold can't be read (`gold_readable` is False) or where no layer can tell.

    >>> equal("0.5", r"\frac12").equal
    True
    >>> equal("42 or 43", "43").equal
    False
    >>> equal("42", "").gold_readable
    False
    """
    start = perf_counter()
    policy = policy or DEFAULT_POLICY
    text = prediction.strip()
    if gold.isdecimal() and len(text) < _SHORT_NUMBER > len(gold) and gold.isascii() and not policy.tolerance:
        settled = _against_digits(text, gold)
        if settled is not None:
            return new_verdict((*settled, perf_counter() - start, True))
    target = gold_side(gold, policy.boxes)
    if target is None:
        return Verdict(None, "gold: empty or unreadable", perf_counter() - start, gold_readable=False)
    answer, how = _decide(text, target, policy)
    return new_verdict((answer, how, perf_counter() - start, True))


def _against_digits(text: str, gold: str) -> Decision | None:
    """Compare a number with a plain integer, the usual gold by far, with nothing prepared and nothing kept."""
    if text == gold:
        return True, "text: identical"
    if text.isdecimal() and text.isascii():
        same = int(text) == int(gold)
    else:
        number = literal(text)
        if number is None or number.percent:
            return None
        same = number.value == int(gold)
    return (True, "number: the same value") if same else (False, "number: different values")


def equal_batch(predictions: Sequence[str], golds: Sequence[str], policy: Policy | None = None) -> list[Verdict]:
    """Judge many pairs; each distinct (prediction, gold) pair is judged once.

    Raises ValueError where the two sequences differ in length.

    >>> [verdict.equal for verdict in equal_batch(["1", "1", "2"], ["1", "1", "1"])]
    [True, True, False]
    """
    if len(predictions) != len(golds):
        raise ValueError(f"equal_batch: {len(predictions)} predictions but {len(golds)} golds. Give one gold for each.")
    known: dict[tuple[str, str], Verdict] = {}
    verdicts = []
    for pair in zip(predictions, golds, strict=True):
        verdict = known.get(pair)
        if verdict is None:
            verdict = known[pair] = equal(pair[0], pair[1], policy)
        verdicts.append(verdict)
    return verdicts


def _decide(text: str, gold: Side, policy: Policy) -> Decision:
    if text == gold.raw:
        return True, "text: identical"
    if gold.number is not None and len(text) < _SHORT_NUMBER:
        number = literal(text)
        if number is not None:
            return _same_numbers(number, gold.number, policy)
    if len(text) > MAX_CHARACTERS:
        return False, f"limit: the prediction is longer than {MAX_CHARACTERS} characters"
    mine = side(text, policy.boxes)
    if mine is None:
        return False, "text: the prediction says nothing"
    if mine.text == gold.text:
        return True, "text: identical when tidied"
    if mine.number is not None and gold.number is not None:
        return _same_numbers(mine.number, gold.number, policy)
    return _decide_read(mine, gold, policy)


def _same_numbers(mine: Number, gold: Number, policy: Policy) -> Decision:
    if mine.percent != gold.percent:
        return _same_but_for_percent(mine, gold, policy)
    if mine.value == gold.value:
        return True, "number: the same value"
    finer = mine.decimals > gold.decimals >= 3 and policy.decimals == "digits"
    if finer and abs(mine.value - gold.value) <= fmpq(1, 2 * 10**gold.decimals):
        return True, "number: rounds to the decimal gold"
    return _within_tolerance(mine.value, gold.value, policy)


def _same_but_for_percent(mine: Number, gold: Number, policy: Policy) -> Decision:
    if policy.percent == "written":
        return False, "number: only one side is a percentage"
    first = mine.value / 100 if mine.percent else mine.value
    second = gold.value / 100 if gold.percent else gold.value
    if first == second:
        return True, "number: the same value, one as a percentage"
    if policy.percent == "either" and mine.value == gold.value:
        return True, "number: the percent sign left out"
    return _within_tolerance(first, second, policy)


def _within_tolerance(mine: fmpq, gold: fmpq, policy: Policy) -> Decision:
    if policy.tolerance and abs(mine - gold) <= fmpq(*policy.tolerance.as_integer_ratio()) * abs(gold):
        return True, "number: within the tolerance"
    return False, "number: different values"


def _decide_read(mine: Side, gold: Side, policy: Policy) -> Decision:
    letter = gold.letter
    if letter is not None:
        chosen = chosen_letter(mine.text, with_text=policy.choice_text)
        if chosen is not None:
            return chosen == letter, "choice: letter"
    at_once = same_moment(mine.text, gold.text)
    if at_once is not None:
        return at_once, "time: the same moment" if at_once else "time: another moment"
    try:
        tokens = mine.tokens
        if tokens == gold.tokens:
            return True, "text: the same tokens"
        if policy.refuse_hedges and _is_hedged(tokens, gold.tokens) and mine.tree != _NO_SOLUTION:
            return False, "hedge: the prediction takes itself back"
        answer = same(mine.tree, gold.tree, policy)
        if answer is False and _other_reading(mine, gold, policy):
            return True, "structure: a comma read the other way"
    except Unreadable as reason:
        return False, f"limit: the prediction is unreadable ({reason})"
    except RecursionError:
        return False, "limit: the prediction is nested too deep"
    if answer is not False and _is_no_moment_of(gold.text, answer):
        return False, "time: the prediction is none"
    if answer is None:
        return _last_resort(mine.tree, gold.tree, policy)
    return answer, _rule(mine.tree, gold.tree, answer)


def _is_no_moment_of(gold: str, answer: bool | None) -> bool:
    """Whether the gold is a date, which is no subtraction of numbers, or a time that nothing else explains."""
    target = moment(gold)
    return target is not None and (answer is None or target[0] == "date")


def _is_hedged(tokens: list[Token], gold: list[Token]) -> bool:
    hedges = {value.lower() for kind, value in tokens if kind == "text"} & units.HEDGES
    return bool(hedges) and not hedges <= {value.lower() for kind, value in gold if kind == "text"}


def _other_reading(mine: Side, gold: Side, policy: Policy) -> bool:
    """`1,234` may be a list, `1,5` a decimal, and the digits of a number in a base may stand without it."""
    for first, second in ((mine, gold), (gold, mine)) if "," in mine.text or "," in gold.text else ():
        if _has_separator(first) and not _has_separator(second):
            apart = read_tokens(_apart(first.tokens))
            if same(apart, second.tree, policy) if first is mine else same(second.tree, apart, policy):
                return True
    if gold.tree.op == "based" and mine.tree == Node("num", (), fmpq(int(gold.tree.value[0]))):
        return True
    if gold.text.count(",") == 1 and mine.number is not None and mine.number.decimals:
        whole, _, after = gold.text.partition(",")
        return whole.isdigit() and after.isdigit() and mine.text == f"{whole}.{after}"
    return False


def _has_separator(side: Side) -> bool:
    if _GROUPED.search(side.text) is None:
        return False
    grouped = [value for kind, value in side.tokens if kind == "num" and "," in value]
    # no list is written 1,000: an item with a zero in front shows that the comma groups digits
    return bool(grouped) and not any(piece[0] == "0" != piece for value in grouped for piece in value.split(","))


def _apart(tokens: list[Token]) -> list[Token]:
    apart: list[Token] = []
    for kind, value in tokens:
        if kind == "num" and "," in value:
            for index, piece in enumerate(value.split(",")):
                if index:
                    apart.append(("op", ","))
                apart.append(("num", piece))
        else:
            apart.append((kind, value))
    return apart


def _last_resort(mine: Node, gold: Node, policy: Policy) -> Decision:
    if evaluable(gold) and (too_many_signs(mine) or not evaluable(mine)):
        left = _left_to_do(mine)
        if left:
            return False, f"unfinished: the prediction leaves {left} to be worked out, the gold is worked out"
        return False, "limit: the prediction has no value within the caps, the gold has"
    if policy.engine:
        return symbolic.decide(mine, gold, policy.engine_seconds)
    return None, "undecided: no layer settles it, and the symbolic engine is off"


def _left_to_do(node: Node) -> str:
    """Name the integral, limit or long sum that keeps an answer from having a value; empty where none does."""
    left = next((inner for inner in walk(node) if inner.op == "big" and not evaluable(inner)), None)
    return "" if left is None else _BIG_NAMES.get(left.value[0], "an operation")


_BIG_NAMES = {"int": "an integral", "lim": "a limit", "sum": "a long sum", "prod": "a long product"}


def _rule(mine: Node, gold: Node, answer: bool) -> str:
    layer = {"rel": "relation", "group": "tuple or interval", "list": "list", "text": "text"}.get(gold.op, gold.op)
    if gold.op == mine.op or gold.op in ("rel", "group", "list", "set", "matrix", "union", "text", "unit"):
        return f"structure: {layer}, {'the same' if answer else 'different'}"
    return f"value: {'equal' if answer else 'different'}"
