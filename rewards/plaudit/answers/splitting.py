"""Cutting tokens at what separates: lists, relations, brackets, punctuation."""

from __future__ import annotations

from plaudit.answers.lexer import Token
from plaudit.answers.tree import Unreadable

_OPEN = frozenset(("(", "[", "{", "\\{", "lfloor", "lceil", "begin:matrix", "begin:cases"))
_CLOSE = frozenset((")", "]", "}", "\\}", "rfloor", "rceil", "end:matrix", "end:cases"))


def operators(*values: str) -> frozenset[Token]:
    """Make the set of tokens that these operators are."""
    return frozenset(("op", value) for value in values)


_SET_ENDS = operators("\\}", "]") | {("sym", "Reals"), ("text", "Reals")}
COMMAS = operators(",", ";")
SEPARATORS = operators(",", ";", "&") | {("text", "and"), ("text", "or")}
RELATIONS = operators("=", "<", ">", "<=", ">=", "!=", "in", "notin", "approx", "equiv", "to")
_BEFORE = operators(",", ";", ".", ":", "`") | {("text", "\\therefore")}
_BEHIND = operators(",", ";", ".", ":", "\\\\", "?")


def trim(tokens: list[Token]) -> list[Token]:
    """Drop punctuation around an answer."""
    start, end = 0, len(tokens)
    while start < end and tokens[start] in _BEFORE:
        start += 1
    while end > start and tokens[end - 1] in _BEHIND:
        end -= 1
    while end - start > 2 and tokens[start] == ("op", "*") == tokens[end - 1]:
        start, end = start + 1, end - 1
    return tokens[start:end] if end - start < len(tokens) else tokens


def split(tokens: list[Token], cuts: frozenset[Token]) -> list[list[Token]]:
    """Cut at these tokens, outside all brackets."""
    return _cut(tokens, cuts)[0]


def split_relations(tokens: list[Token]) -> tuple[list[list[Token]], tuple[str, ...]]:
    """Cut at relations outside all brackets: the sides and the relations."""
    pieces, found = _cut(tokens, RELATIONS)
    if any(not piece for piece in pieces[1:]):
        raise Unreadable("a relation without a side")
    return pieces, tuple(value for _, value in found)


def _cut(tokens: list[Token], cuts: frozenset[Token]) -> tuple[list[list[Token]], list[Token]]:
    if cuts.isdisjoint(tokens):
        return [tokens], []
    piece: list[Token] = []
    pieces, found = [piece], []
    depth = 0
    for token in tokens:
        kind, value = token
        if kind == "op":
            if value in _OPEN:
                depth += 1
            elif value in _CLOSE:
                depth -= 1
        if depth == 0 and token in cuts:
            piece = []
            pieces.append(piece)
            found.append(token)
        else:
            piece.append(token)
    return pieces, found


def whole_bracket(tokens: list[Token], opening: str | None, closing: str | None) -> list[Token] | None:
    """Give what is inside, if one pair of brackets holds all tokens."""
    first, last = tokens[0], tokens[-1]
    if first[0] != "op" or last[0] != "op" or first[1] not in _OPEN or last[1] not in _CLOSE:
        return None
    if (opening is not None and first[1] != opening) or (closing is not None and last[1] != closing):
        return None
    depth = 0
    for index, (kind, value) in enumerate(tokens):
        if kind == "op":
            if value in _OPEN:
                depth += 1
            elif value in _CLOSE:
                depth -= 1
                if depth == 0 and index < len(tokens) - 1:
                    return None
    return tokens[1:-1] if depth == 0 else None


def commas_apart(tokens: list[Token]) -> list[Token]:
    """Inside brackets a comma separates: 1,234 is two items there."""
    for kind, value in tokens:
        if kind == "num" and "," in value:
            break
    else:
        return tokens
    apart: list[Token] = []
    depth = 0
    for token in tokens:
        kind, value = token
        if kind == "op":
            depth += (value in _OPEN) - (value in _CLOSE)
        if kind == "num" and "," in value and depth == 0:
            for index, piece in enumerate(value.split(",")):
                if index:
                    apart.append(("op", ","))
                apart.append(("num", piece))
        else:
            apart.append(token)
    return apart


def between_sets(tokens: list[Token]) -> bool:
    """Whether a minus stands between two sets."""
    if _SET_ENDS.isdisjoint(tokens) or ("op", "-") not in tokens:
        return False
    return any(
        tokens[index] == ("op", "-") and tokens[index - 1] in _SET_ENDS and tokens[index + 1][1] in ("\\{", "(", "[")
        for index in range(1, len(tokens) - 1)
    )


def without_domain(tokens: list[Token]) -> list[Token]:
    """Drop a trailing `for all x > 0`, `where c is ...`: it says where, not what."""
    for index, (kind, value) in enumerate(tokens):
        if kind != "text" or value.lower() not in ("for", "where", "with"):
            continue
        if any(before != "text" for before, _ in tokens[:index]):
            return trim(tokens[:index])
    return tokens


def without_parameter(items: list[list[Token]]) -> list[list[Token]]:
    r"""Drop a last item `k \in \mathbb{Z}`: it says what the k of the others is."""
    last = items[-1]
    says_what = len(last) == 3 and last[1:] in _INTEGERS and any(last[0] in item for item in items[:-1])
    return items[:-1] if says_what else items


_INTEGERS = [[("op", "in"), ("text", "\\" + name)] for name in "ZN"]


def joined(tokens: list[Token]) -> str:
    """Join the words of tokens."""
    return " ".join(value for _, value in tokens)
