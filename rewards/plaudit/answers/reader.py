"""From tokens to an answer: lists, labels, relations, sets, brackets and matrices around expressions."""

from __future__ import annotations

from operator import itemgetter

from plaudit.answers.building import number, symbol
from plaudit.answers.expressions import UNKNOWN_FUNCTIONS, expression
from plaudit.answers.lexer import Token, lex
from plaudit.answers.splitting import (
    COMMAS,
    RELATIONS,
    SEPARATORS,
    between_sets,
    commas_apart,
    joined,
    operators,
    split,
    split_relations,
    trim,
    whole_bracket,
    without_domain,
    without_parameter,
)
from plaudit.answers.tree import Node, Unreadable
from plaudit.answers.vocabulary import words

_MAX_NESTING = 12
_MINUS = operators("-")
_SET_OPERATIONS = (
    (operators("cup"), "union"),
    (operators("cap"), "cap"),
    (operators("setminus"), "minus"),
    (_MINUS, "minus"),
)
_MARKS = SEPARATORS | RELATIONS | operators("cup", "cap", "setminus", ":")
_KIND = itemgetter(0)
_COLONS = operators(":")
_BARS = (operators("|"), _COLONS)
_ROW_ENDS, _CELL_ENDS = operators("\\\\"), operators("&")
_PERCENT: Token = ("op", "%")
_EMPTY = Node("empty")
_ANYTHING = Node("sym", (), "?")
_UNIT_LETTERS = words("a m s g h l p C F K J N W V A L")
_BEFORE_LETTER = operators(".", "/")
_LEADING = words("angle triangle about approximately exactly only not roughly usd rs x")


def read(text: str) -> Node:
    r"""Read a tidied text into a tree; Unreadable where it is over the caps.

    What is neither mathematics nor a known structure becomes a `text` node of its words.

    >>> read(r"\{1, 2\}").op
    'set'
    >>> read("0 < x \\le 1").value
    ('<', '<=')
    """
    return read_tokens(lex(text))


def read_tokens(tokens: list[Token]) -> Node:
    """Read lexed tokens into a tree."""
    return _answer(trim(tokens), 0)


def _answer(tokens: list[Token], nesting: int) -> Node:
    if nesting > _MAX_NESTING:
        raise Unreadable(f"brackets nested deeper than {_MAX_NESTING}")
    if len(tokens) == 1:
        return _single(tokens[0])
    if not tokens:
        return _EMPTY
    inner = whole_bracket(tokens, "{", "}")
    if inner is not None:
        return _answer(trim(inner), nesting + 1)
    try:
        return _structured(tokens, nesting)
    except Unreadable:
        return _words(tokens)


def _structured(tokens: list[Token], nesting: int) -> Node:
    if "text" not in map(_KIND, tokens):
        # in a pair of brackets around all tokens every mark is inside
        inner = whole_bracket(tokens, None, None)
        if inner is not None or (_MARKS.isdisjoint(tokens) and not between_sets(tokens)):
            bracketed = None if inner is None else _bracketed(tokens, inner, nesting)
            return _expression(tokens) if bracketed is None else bracketed
    tokens = without_domain(tokens)
    if len(tokens) == 1:
        return _single(tokens[0])
    present = frozenset(tokens)
    items = [tokens] if SEPARATORS.isdisjoint(present) else split(tokens, SEPARATORS)
    if len(items) > 1:
        read_items = [_answer(trim(item), nesting + 1) for item in without_parameter(items) if item]
        return _list(read_items, "or" if ("text", "or") in present else "and")
    if not RELATIONS.isdisjoint(present):
        parts, relations = split_relations(tokens)
        if relations:
            sides = [_answer(trim(part), nesting + 1) for part in parts[1:]]
            return Node("rel", (_left_side(trim(parts[0]), nesting), *sides), relations)
    labelled = _label(tokens, nesting)
    if labelled is not None:
        return labelled
    ratio = split(tokens, _COLONS)
    if len(ratio) > 2:  # 1:2:3 is three parts, and no fraction of a fraction
        return Node("group", tuple(_answer(trim(part), nesting + 1) for part in ratio), (":", ":"))
    for cuts, name in _SET_OPERATIONS:
        if cuts.isdisjoint(present) or (cuts is _MINUS and not between_sets(tokens)):
            continue
        parts = split(tokens, cuts)
        if len(parts) > 1:
            return Node(name, tuple(_answer(trim(part), nesting + 1) for part in parts))
    inner = whole_bracket(tokens, None, None)
    bracketed = None if inner is None else _bracketed(tokens, inner, nesting)
    return _expression_with_words(tokens) if bracketed is None else bracketed


def _left_side(tokens: list[Token], nesting: int) -> Node:
    """Read the first side of a relation: `x(t)` names a function, a missing one stands for any variable."""
    if not tokens:
        return _ANYTHING
    if (
        len(tokens) == 4
        and tokens[1] == ("op", "(")
        and tokens[3] == ("op", ")")
        and tokens[0][0] == tokens[2][0] == "sym"
    ):
        return Node("apply", (Node("sym", (), tokens[2][1]),), tokens[0][1])
    return _answer(tokens, nesting + 1)


def _list(items: list[Node], joiner: str) -> Node:
    flat: list[Node] = []
    for item in items:
        flat.extend(item.args if item.op == "list" else (item,))
    return flat[0] if len(flat) == 1 else Node("list", tuple(flat), joiner)


def _single(token: Token) -> Node:
    kind, value = token
    if kind == "text":
        return _prose(value)
    if value == "Reals":
        return Node("reals")
    if value == "emptyset":
        return Node("set")
    if kind == "sym" and value != "inf":
        return symbol(value)
    try:
        return number(value) if kind == "num" else expression([token])
    except Unreadable:
        return Node("text", (), value)


def _bracketed(tokens: list[Token], inner: list[Token], nesting: int) -> Node | None:
    opening, closing = tokens[0][1], tokens[-1][1]
    if opening.startswith("begin:"):
        return _matrix(inner, nesting) if opening == "begin:matrix" else None
    if opening in ("lfloor", "lceil"):
        return None
    items = split(commas_apart(inner), COMMAS)
    if opening == "\\{":
        return _set(inner, items, nesting)
    if len(items) == 1:
        return (
            _answer(trim(inner), nesting + 1)
            if opening == "(" and closing == ")"
            else _one_item(opening, closing, inner, nesting)
        )
    arguments = tuple(_answer(trim(item), nesting + 1) for item in items)
    if opening == "[" and closing == "]" and all(item.op == "group" and item.value == ("[", "]") for item in arguments):
        return Node("matrix", tuple(Node("list", item.args) for item in arguments))
    return Node("group", arguments, (opening, closing))


def _one_item(opening: str, closing: str, inner: list[Token], nesting: int) -> Node | None:
    if opening == "[" and closing == "]":
        return _answer(trim(inner), nesting + 1)
    return None


def _set(inner: list[Token], items: list[list[Token]], nesting: int) -> Node:
    for bars in _BARS:
        parts = split(inner, bars)
        if len(parts) == 2 and len(parts[0]) <= 3:
            return Node("builder", (_answer(parts[0], nesting + 1), _answer(trim(parts[1]), nesting + 1)))
    if not inner:
        return Node("set")
    return Node("set", tuple(_answer(trim(item), nesting + 1) for item in items))


def _matrix(inner: list[Token], nesting: int) -> Node:
    rows = []
    for row in split(inner, _ROW_ENDS):
        if row:
            cells = split(row, _CELL_ENDS)
            rows.append(Node("list", tuple(_answer(trim(cell), nesting + 1) for cell in cells)))
    if len({len(row.args) for row in rows}) != 1:
        raise Unreadable("a matrix with uneven rows")
    return Node("matrix", tuple(rows))


def _label(tokens: list[Token], nesting: int) -> Node | None:
    """`Minimum: 1` and `A:B = 1`: words or names before a colon are a label."""
    if ("op", ":") not in tokens:
        return None
    cut = tokens.index(("op", ":"))
    if cut == 0 or cut == len(tokens) - 1 or not any(kind == "text" for kind, _ in tokens[:cut]):
        return None
    words = " ".join(value for _, value in tokens[:cut]).lower()
    return Node("rel", (Node("text", (), words), _answer(trim(tokens[cut + 1 :]), nesting + 1)), ("=",))


def _expression(tokens: list[Token]) -> Node:
    if tokens[-1] == _PERCENT:
        return Node("percent", (expression(tokens[:-1]),))
    return expression(tokens)


def _expression_with_words(tokens: list[Token]) -> Node:
    """Read an expression, perhaps with words after it (a unit) or a few before it."""
    if tokens[-1] == _PERCENT:
        return _expression(tokens)
    start = next((index for index, token in enumerate(tokens) if token[0] == "text"), 0)
    if start and all(_is_unit_part(tokens, index) for index in range(start, len(tokens))):
        opening = start - 1 if tokens[start - 1] == ("op", "(") and start > 1 else start
        return Node("unit", (expression(trim(tokens[:opening])),), joined(tokens[start:]))
    if tokens[0][0] == "text" and len(tokens) > 1:
        start = 0
        while start < len(tokens) and tokens[start][0] == "text" and tokens[start][1].lower() in _LEADING:
            start += 1
        if start < len(tokens) and start and tokens[start][0] != "text":
            return Node("unit", (expression(tokens[start:]),), " ".join(value for _, value in tokens[:start]).lower())
    return expression(tokens)


def _is_unit_part(tokens: list[Token], index: int) -> bool:
    kind, value = tokens[index]
    if kind == "text":
        return not value.startswith("\\")
    if kind == "op" and value in "./()^{}*'":
        return True
    if kind == "num":
        return value in ("2", "3") and tokens[index - 1] in (("op", "^"), ("op", "{"))
    return (
        kind == "sym"
        and value in _UNIT_LETTERS
        and (tokens[index - 1][0] == "text" or tokens[index - 1] in _BEFORE_LETTER)
    )


def _words(tokens: list[Token]) -> Node:
    return _prose(joined(tokens))


def _prose(words: str) -> Node:
    """Words, or the set that they name."""
    return _NAMED.get(words.lower()) or Node("text", (), words)


_NAMED = {
    "all real numbers": Node("reals"),
    "all reals": Node("reals"),
    "all real": Node("reals"),
    "no solution": Node("set"),
    "no solutions": Node("set"),
    "no real solutions": Node("set"),
    "the empty set": Node("set"),
    "empty set": Node("set"),
}


def is_name(node: Node) -> bool:
    """Whether a left-hand side only names what follows: x, f(x), (x, y), T(10), AB, a ratio of such, words."""
    if node.op in ("sym", "text"):
        return bool(node.value != "...")
    if node.op == "apply":
        return True
    if node.op == "unit":
        return is_name(node.args[0])
    if node.op in ("group", "list", "div"):
        return all(is_name(child) for child in node.args)
    if node.op == "mul":
        if node.args[0].op == "sym" and node.args[0].value in UNKNOWN_FUNCTIONS:
            return len(node.args) == 2
        return all(child.op == "sym" and child.value.isupper() for child in node.args)
    return False
