"""A Pratt parser: tokens of one expression become a tree; caps on depth and nodes."""

from __future__ import annotations

from flint import fmpq

from plaudit.answers.building import based, differential, infix, number, product, symbol
from plaudit.answers.lexer import Token
from plaudit.answers.splitting import operators
from plaudit.answers.tree import Node, Unreadable
from plaudit.answers.vocabulary import FUNCTIONS

MAX_DEPTH = 60
_MAX_HEIGHT = 100
UNKNOWN_FUNCTIONS = frozenset("fghFGHPQWT")
_SPECIAL_NAMES = UNKNOWN_FUNCTIONS | {"inf"}
_CLOSING = {"(": ")", "[": "]", "{": "}", "\\{": "\\}", "lfloor": "rfloor", "lceil": "rceil"}
_ADD, _MULTIPLY, _SIGN, _POWER = 10, 20, 25, 40
_INFIX = {
    "+": _ADD,
    "-": _ADD,
    "pm": _ADD,
    "mp": _ADD,
    "*": _MULTIPLY,
    "/": _MULTIPLY,
    ":": _MULTIPLY,
    "mod": _MULTIPLY,
}
_PREFIX = frozenset(("+", "-", "pm", "mp"))
_POSTFIX = operators("^", "!", "%", "degree", "_", "'")
_STARTS = frozenset(("(", "[", "{", "\\{", "lfloor", "lceil", "|"))
_END: Token = ("end", "")
_TWO = Node("num", (), fmpq(2))


def expression(tokens: list[Token]) -> Node:
    """Parse all tokens as one expression; Unreadable where they are not one.

    >>> expression([("num", "2"), ("sym", "x")]).op
    'mul'
    """
    parser = _Parser(tokens)
    node = parser.parse(0)
    if parser.peek() is not _END:
        raise Unreadable(f"nothing fits at {parser.peek()[1]!r}")
    if len(tokens) > _MAX_HEIGHT:
        _check_height(node)
    return node


def _check_height(root: Node) -> None:
    """Refuse a tree too high for those who walk it: x!!!..., 1/1/1/... need no brackets to get there."""
    level: list[Node] = [root]
    for _ in range(_MAX_HEIGHT):
        level = [child for node in level for child in node.args]
        if not level:
            return
    raise Unreadable(f"a formula higher than {_MAX_HEIGHT} operations")


class _Parser:
    __slots__ = ("bars", "depth", "position", "tokens")

    def __init__(self, tokens: list[Token]) -> None:
        self.tokens = [*tokens, _END]
        self.position = 0
        self.depth = 0
        self.bars = 0

    def peek(self) -> Token:
        return self.tokens[self.position]

    def take(self, value: str) -> bool:
        kind, found = self.tokens[self.position]
        if kind == "op" and found == value:
            self.position += 1
            return True
        return False

    def need(self, value: str) -> None:
        if not self.take(value):
            raise Unreadable(f"expected {value!r}")

    def descend(self) -> None:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise Unreadable(f"nested deeper than {MAX_DEPTH}")

    def parse(self, power: int) -> Node:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise Unreadable(f"nested deeper than {MAX_DEPTH}")
        left = self.prefix()
        while True:
            kind, value = self.tokens[self.position]
            if kind == "op":
                binding = _INFIX.get(value)
                if binding is not None:
                    if binding <= power:
                        break
                    self.position += 1
                    left = infix(value, left, self.parse(binding))
                    continue
                if value in _STARTS and not (value == "|" and self.bars):
                    if power >= _MULTIPLY:
                        break
                    left = product(left, self.parse(_MULTIPLY))
                    continue
                break
            if kind in ("end", "text"):
                break
            if power >= _MULTIPLY:
                break
            if kind == "num" and left.op in ("num", "dec"):
                left = self.mixed(left)
            else:
                left = product(left, self.parse(_MULTIPLY))
        self.depth -= 1
        return left

    def mixed(self, whole: Node) -> Node:
        """`2 1/2`; any other two numbers side by side are not an expression."""
        after = self.tokens[self.position + 1 : self.position + 3]
        if whole.op != "num" or len(after) < 2 or after[0] != ("op", "/") or after[1][0] != "num":
            raise Unreadable("two numbers side by side")
        top = self.atom()
        self.position += 1
        return Node("add", (whole, Node("div", (top, self.atom()))))

    def prefix(self) -> Node:
        kind, value = self.tokens[self.position]
        if kind != "op" or value not in _PREFIX:
            node = self.atom()
            following = self.tokens[self.position]
            return self.postfix(node) if following in _POSTFIX else node
        self.position += 1
        operand = self.parse(_SIGN - 6)
        if value == "+":
            return operand
        if value == "-":
            return Node("neg", (operand,))
        return Node("pm", (Node("num", (), fmpq(0)), operand), 1 if value == "pm" else -1)

    def postfix(self, node: Node) -> Node:
        powered = False
        while True:
            kind, value = self.tokens[self.position]
            if kind != "op":
                return node
            if value == "^":
                if powered:
                    raise Unreadable("two exponents in a row")
                self.position += 1
                node, powered = self.superscript(node), True
            elif value == "!":
                self.position += 1
                node = Node("call", (node,), "factorial")
            elif value == "%":
                self.position += 1
                node = Node("percent", (node,))
            elif value == "degree":
                self.position += 1
                node = Node("degree", (node,))
            elif value == "_":
                self.position += 1
                node = self.subscript(node)
            elif value == "'":
                self.position += 1
                node = Node("apply", (node,), "prime")
            else:
                return node

    def superscript(self, node: Node) -> Node:
        self.descend()
        exponent = self.script()
        self.depth -= 1
        if exponent is None:
            return Node("degree", (node,))
        return Node("pow", (node, exponent))

    def script(self) -> Node | None:
        """Parse an exponent: a group, a signed atom with its own exponent; None for a degree sign."""
        if self.tokens[self.position] == ("op", "degree"):
            self.position += 1
            return None
        if self.peek() == ("op", "{") and self.tokens[self.position + 1 : self.position + 3] == [
            ("op", "degree"),
            ("op", "}"),
        ]:
            self.position += 3
            return None
        if self.take("-"):
            return Node("neg", (self.need_script(),))
        if self.take("+"):
            return self.need_script()
        node = self.atom()
        if self.peek() == ("op", "^"):
            self.position += 1
            return self.superscript(node)
        while self.take("!"):
            node = Node("call", (node,), "factorial")
        return node

    def need_script(self) -> Node:
        self.descend()
        node = self.script()
        self.depth -= 1
        if node is None:
            raise Unreadable("an empty exponent")
        return node

    def subscript(self, node: Node) -> Node:
        label = self.label()
        if node.op == "sym":
            return Node("sym", (), f"{node.value}_{label}")
        if node.op in ("num", "dec") and label.isdigit() and 2 <= int(label) <= 36 and node.op == "num":
            return based(node, int(label))
        raise Unreadable("a subscript on something that has none")

    def label(self) -> str:
        kind, value = self.tokens[self.position]
        self.position += 1
        if (kind, value) != ("op", "{"):
            if kind not in ("num", "sym", "text"):
                raise Unreadable("a subscript without a name")
            return value
        parts: list[str] = []
        while True:
            kind, value = self.tokens[self.position]
            self.position += 1
            if kind == "end":
                raise Unreadable("a subscript that never ends")
            if (kind, value) == ("op", "}"):
                return "".join(parts)
            parts.append(value)

    def atom(self) -> Node:
        kind, value = self.tokens[self.position]
        self.position += 1
        if kind == "num":
            return number(value)
        if kind == "sym":
            return self.name(value) if value in _SPECIAL_NAMES else symbol(value)
        if kind == "fn":
            return self.function(value)
        if kind == "op" and value in _CLOSING:
            return self.bracket(value)
        if kind == "op" and value == "|":
            self.bars += 1
            inner = self.parse(0)
            self.need("|")
            self.bars -= 1
            return Node("call", (inner,), "abs")
        raise Unreadable(f"no expression starts with {value!r}")

    def bracket(self, opening: str) -> Node:
        bars, self.bars = self.bars, 0
        inner = self.parse(0)
        self.need(_CLOSING[opening])
        self.bars = bars
        if opening in ("lfloor", "lceil"):
            return Node("call", (inner,), "floor" if opening == "lfloor" else "ceil")
        return inner

    def name(self, value: str) -> Node:
        if value == "inf":
            return Node("inf")
        if value in UNKNOWN_FUNCTIONS and self.peek() == ("op", "("):
            self.position += 1
            arguments = [self.parse(0)]
            while self.take(","):
                arguments.append(self.parse(0))
            self.need(")")
            return Node("apply", tuple(arguments), value)
        return symbol(value)

    def function(self, name: str) -> Node:
        self.descend()
        node = self.called(name)
        self.depth -= 1
        return node

    def called(self, name: str) -> Node:
        if name in ("frac", "binom"):
            top, bottom = self.argument(), self.argument()
            return Node("div", (top, bottom)) if name == "frac" else Node("call", (top, bottom), "binom")
        if name in ("sqrt", "cbrt"):
            return self.root(name)
        if name in ("sum", "prod", "int", "lim"):
            return self.big(name)
        exponent = base = None
        while self.peek() in (("op", "^"), ("op", "_")):
            if self.take("^"):
                exponent = self.script()
            else:
                self.position += 1
                base = self.argument()
        node = self.applied(name, base)
        if exponent is None:
            return node
        if exponent == Node("neg", (Node("num", (), fmpq(1)),)) and "arc" + name in FUNCTIONS:
            return Node("call", node.args, "arc" + name)
        return Node("pow", (node, exponent))

    def applied(self, name: str, base: Node | None) -> Node:
        if self.peek()[1] in ("(", "[") and self.peek()[0] == "op":
            closing = ")" if self.peek()[1] == "(" else "]"
            self.position += 1
            arguments = [self.parse(0)]
            while self.take(","):
                arguments.append(self.parse(0))
            self.need(closing)
        else:
            arguments = [self.juxtaposed()]
        if base is not None:
            arguments.append(base)
        return Node("call", tuple(arguments), name)

    def juxtaposed(self) -> Node:
        r"""Parse the argument of \sin 2x: signs and factors up to the next sum, function or slash."""
        if self.take("-"):
            self.descend()
            operand = self.juxtaposed()
            self.depth -= 1
            return Node("neg", (operand,))
        if self.peek()[0] == "fn" and self.peek()[1] not in ("frac", "sqrt", "cbrt", "binom"):
            return self.prefix()
        node = self.postfix(self.atom())
        while True:
            kind, value = self.peek()
            if kind in ("num", "sym") or (kind == "fn" and value in ("frac", "sqrt", "binom")):
                node = Node("mul", (node, self.postfix(self.atom())))
            elif (
                (kind, value) == ("op", "/")
                and self.tokens[self.position + 1][0] == "num"
                and node.op in ("num", "sym")
            ):
                self.position += 1
                node = Node("div", (node, self.postfix(self.atom())))
            else:
                return node

    def root(self, name: str) -> Node:
        degree = Node("num", (), fmpq(3)) if name == "cbrt" else _TWO
        if name == "sqrt" and self.take("["):
            degree = self.parse(0)
            self.need("]")
        kind, _ = self.peek()
        inner = self.atom() if kind == "num" else self.argument()
        return Node("call", (inner, degree), "root")

    def argument(self) -> Node:
        r"""One TeX argument: a group, or a single token (one digit of a number: \frac12)."""
        kind, value = self.tokens[self.position]
        if kind == "num" and len(value) > 1 and value.isdigit():
            self.tokens[self.position] = ("num", value[1:])
            return Node("num", (), fmpq(int(value[0])))
        return self.atom()

    def big(self, name: str) -> Node:
        low = high = None
        variable = ""
        while self.peek() in (("op", "^"), ("op", "_")):
            if self.take("^"):
                high = self.script()
            else:
                self.position += 1
                variable, low = self.lower_limit()
        body = self.parse(_MULTIPLY - 1)
        if name == "int":
            variable, body = differential(body)
        absent = Node("empty")
        return Node("big", (body, low or absent, high or absent), (name, variable))

    def lower_limit(self) -> tuple[str, Node]:
        if not self.take("{"):
            return "", self.atom()
        if self.tokens[self.position][0] == "sym" and self.tokens[self.position + 1] in (("op", "="), ("op", "to")):
            variable = self.tokens[self.position][1]
            self.position += 2
        else:
            variable = ""
        low = self.parse(0)
        self.need("}")
        return variable, low
