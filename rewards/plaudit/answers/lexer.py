r"""From text to tokens in one linear pass: numbers, names, functions, words, operators.

A token is a pair (kind, value). Kinds: num (its text), sym (a variable), fn (a function's name), op, text (a word of
prose or a unit). What LaTeX only uses to look good (\left, \displaystyle, spaces, dollar signs) is dropped.
"""

from __future__ import annotations

import re
from string import ascii_letters, digits

from plaudit.answers.tree import Unreadable
from plaudit.answers.vocabulary import (
    BIG_OPERATORS,
    BINOMIALS,
    DOTS,
    FRACTIONS,
    FUNCTIONS,
    IGNORED,
    INFINITY_WORDS,
    LETTERS,
    MARKED_LETTERS,
    MARKING_COMMANDS,
    OPERATORS,
    RENAMED,
    SHORT_WORDS,
    SYMBOLS,
    TEXT_COMMANDS,
    WORDS_OF_SYMBOLS,
)

Token = tuple[str, str]

MAX_CHARACTERS = 4_000
MAX_TOKENS = 1_500

_TOKEN = re.compile(
    r"(?P<space>\s+|~)"
    r"|(?P<num>(?:\d{1,3}(?:(?:,\\!\s?|\s?\{,\\?!?\s?\}|\\[,!;:]\s?)\d{3})+(?!\d)|\d{1,3}(?:,\d{3})+(?![,\d]?\d)"
    r"|\d{1,3}(?: \d{3})+(?![\d/])|\d+)(?:\.\d+)?|\.\d+)"
    r"|(?P<word>[A-Za-z]+)"
    r"|(?P<cmd>\\(?:[A-Za-z]+|.))"
    r"|(?P<op>\*\*|<=|>=|!=|==|=<|.)",
    re.ASCII | re.DOTALL,
)
_SEPARATORS = re.compile(r"[^0-9.,]|,(?=\\)|,(?=\})", re.ASCII)


def lex(text: str) -> list[Token]:
    r"""Cut a tidied text into tokens; linear, refuses (Unreadable) what is over the caps.

    >>> lex(r"\left(\frac12, 1{,}000\right)")
    [('op', '('), ('fn', 'frac'), ('num', '12'), ('op', ','), ('num', '1000'), ('op', ')')]
    """
    if len(text) > MAX_CHARACTERS:
        raise Unreadable(f"longer than {MAX_CHARACTERS} characters")
    tokens: list[Token] = []
    _lex(text, tokens, False, 0)
    if "U" in text:
        tokens = [_union(tokens, index) for index in range(len(tokens))]
    if len(tokens) > MAX_TOKENS:
        raise Unreadable(f"more than {MAX_TOKENS} tokens")
    return tokens


def _union(tokens: list[Token], index: int) -> Token:
    """Read a U between two brackets as a union: (0, 1) U (2, 3)."""
    if tokens[index] != ("sym", "U") or not 0 < index < len(tokens) - 1:
        return tokens[index]
    between = tokens[index - 1][1] in (")", "]", "\\}") and tokens[index + 1][1] in ("(", "[", "\\{")
    return ("op", "cup") if between else tokens[index]


def _lex(text: str, tokens: list[Token], prose: bool, depth: int) -> None:
    position, length, spaced = 0, len(text), True
    add = tokens.append
    while position < length:
        char = text[position]
        single = _SINGLE.get(char)
        if single is not None:
            add(single)
            position, spaced = position + 1, False
            continue
        if char == " ":
            position, spaced = position + 1, True
            continue
        leaf = None if prose else _LEAVES.get(char)
        if leaf is not None and text[position + 1 : position + 2] in leaf[1]:
            add(leaf[0])
            position, spaced = position + 1, False
            continue
        match = _TOKEN.match(text, position)
        if match is None:  # pragma: no cover (the last branch takes any character)
            raise Unreadable("no token")
        position = match.end()
        kind, value = match.lastgroup, match[0]
        if kind == "op":
            if value not in '$"' and not (value == "." and _ends(text, position)):
                add(("op", _OTHER_WRITING.get(value, value)))
        elif kind == "num":
            # only commas that may also separate a list are kept
            add(("num", value if value.isdigit() else _SEPARATORS.sub("", value)))
        elif kind == "word":
            if prose or len(value) > 1:
                _word(value, tokens, prose, spaced)
            else:
                add(("sym", value))
        elif kind == "cmd":
            known = _COMMANDS.get(value)
            if known is not None:
                add(known)
            else:
                position = _command(value[1:], text, position, tokens, depth)
        spaced = kind == "space"


def _ends(text: str, position: int) -> bool:
    """Whether a full stop before this place ends the answer."""
    return text[position : position + 1] != ")" and not text[position:].strip(" .$)]}\n")


def _word(word: str, tokens: list[Token], prose: bool, spaced: bool) -> None:
    name = RENAMED.get(word, word)
    if name in FUNCTIONS and not (prose and name in ("min", "sec", "sign", "max")):
        tokens.append(("fn", name))
    elif len(word) == 1:
        tokens.append(("text" if prose and _measures(tokens) else "sym", word))
    elif len(word) == 2 and not spaced and word in ("st", "nd", "rd", "th") and tokens and tokens[-1][0] == "num":
        pass  # an ordinal
    elif word == "pi":
        tokens.append(("sym", "pi"))
    elif word in INFINITY_WORDS:
        tokens.append(("sym", "inf"))
    elif word == "sqrt":
        tokens.append(("fn", "sqrt"))
    elif prose or word.lower() in SHORT_WORDS or (len(word) > 2 and _is_prose(word, spaced)):
        tokens.append(("text", word))
    elif len(word) == 5 and word[1:3] == "or":  # 1orW(x): a list written without spaces
        tokens.extend((("sym", word[0]), ("text", "or"), ("sym", word[3])))
    elif len(word) > 2 and word.startswith("or"):
        tokens.extend((("text", "or"), *(("sym", letter) for letter in word[2:])))
    elif len(word) > 2 and word.endswith("pi"):
        tokens.extend(("sym", letter) for letter in word[:-2])
        tokens.append(("sym", "pi"))
    else:
        tokens.extend(("sym", letter) for letter in word)


def _measures(tokens: list[Token]) -> bool:
    """Whether a single letter of prose comes after a number or another word: it is a unit there."""
    if not tokens:
        return False
    return (tokens[-1][0] in ("num", "text") and tokens[-1][1] not in ("and", "or")) or (
        tokens[-1] == ("op", "/") and len(tokens) > 1 and tokens[-2][0] == "text"
    )


def _is_prose(word: str, spaced: bool) -> bool:
    if len(word) > 5:
        return True
    return (
        spaced
        and not word.isupper()
        and any(letter in "aeiouyAEIOUY" for letter in word)
        and not set(word) <= set("abcdxyz")
    )


def _command(name: str, text: str, position: int, tokens: list[Token], depth: int) -> int:
    if name in IGNORED:
        if name in ("left", "right") and text[position : position + 1] == ".":
            return position + 1
        return position
    if name in TEXT_COMMANDS:
        return _text_command(name, text, position, tokens, depth)
    if name == "mathbb":
        return _blackboard(text, position, tokens)
    if name in ("begin", "end"):
        return _environment(name, text, position, tokens)
    if name.startswith("quad"):
        _word(name[4:], tokens, False, True)
    elif name.isalpha():
        tokens.append(("text", "\\" + name))
    return position


def _fixed_commands() -> dict[str, Token]:
    """Commands that are one token whatever stands around them."""
    fixed: dict[str, Token] = {name: ("text", word) for name, word in WORDS_OF_SYMBOLS.items()}
    fixed |= dict.fromkeys(DOTS, ("sym", "..."))
    fixed |= {name: ("fn", name) for name in BIG_OPERATORS}
    fixed |= {name: ("sym", name) for name in LETTERS}
    fixed |= {name: ("sym", symbol) for name, symbol in SYMBOLS.items()}
    fixed |= {name: ("fn", name) for name in FUNCTIONS}
    fixed |= {name: ("fn", function) for name, function in RENAMED.items()}
    fixed |= dict.fromkeys(BINOMIALS, ("fn", "binom"))
    fixed |= dict.fromkeys(FRACTIONS, ("fn", "frac"))
    fixed |= {name: ("op", operator) for name, operator in OPERATORS.items()}
    return {"\\" + name: token for name, token in fixed.items()}


_COMMANDS = _fixed_commands()
_OTHER_WRITING = {"**": "^", "=<": "<=", "==": "="}
# operators of one character that begin no longer one
_SINGLE: dict[str, Token] = {mark: ("op", mark) for mark in "(){}[]^_+-/,;:|'&%"}
# a digit or a letter that is a whole token, with what may stand behind it for that (nothing, too)
_BEHIND = ")}]([^_+-*/=!<>|:;&%'$"
_LEAVES: dict[str, tuple[Token, str]] = {
    **{digit: (("num", digit), _BEHIND + ascii_letters) for digit in digits},
    **{letter: (("sym", letter), _BEHIND + digits + " ,.{\\") for letter in ascii_letters},
}


def _text_command(name: str, text: str, position: int, tokens: list[Token], depth: int) -> int:
    while text[position : position + 1] == " ":
        position += 1
    if text[position : position + 1] != "{" or depth > 4:
        return position
    end = closing_brace(text, position)
    if end is None:
        return position + 1
    inner = text[position + 1 : end]
    if name == "mathrm" and inner in _UPRIGHT_CONSTANTS:
        tokens.append(("sym", inner))
    elif name in MARKED_LETTERS and len(inner.strip()) == 1:
        tokens.append(("sym", f"{inner.strip()}_{name}"))  # a conjugate is not its number
    else:
        if name in MARKED_LETTERS and not inner.isalnum():
            tokens.append(("text", "\\" + name))  # over a formula it is an operation, over AB the sign of a segment
        _lex(inner, tokens, name not in MARKING_COMMANDS, depth + 1)
    return end + 1


_UPRIGHT_CONSTANTS = frozenset("ei")


def _blackboard(text: str, position: int, tokens: list[Token]) -> int:
    match = _LETTER.match(text, position)
    if match is None:
        return position
    tokens.append(("sym", "Reals") if match[1] == "R" else ("text", "\\" + match[1]))
    return match.end()


_LETTER = re.compile(r"\s?\{?([A-Z])\}?")


def closing_brace(text: str, opening: int) -> int | None:
    """Index of the brace that closes the one at `opening`, or None; escaped braces don't count."""
    shallow = _SHALLOW.match(text, opening)
    if shallow is not None:
        return shallow.end() - 1
    depth = 0
    for match in _BRACE.finditer(text, opening):
        mark = match[0]
        if mark == "{":
            depth += 1
            if depth > _MAX_BRACES:
                return None
        elif mark == "}":
            depth -= 1
            if depth == 0:
                return match.start()
    return None


_MAX_BRACES = 200
_BRACE = re.compile(r"\\.|[{}]", re.DOTALL)
# the usual case at once: braces within braces and no deeper; possessive, so that a failure costs one scan
_SHALLOW = re.compile(r"\{(?:[^{}\\]++|\\[^{}\\]|\{(?:[^{}\\]++|\\[^{}\\])*+\})*+\}")
_ENVIRONMENT = re.compile(r"\s*\{([A-Za-z]{1,12})\*?\}(?:\{[clr|. ]{0,40}\})?")


def _environment(name: str, text: str, position: int, tokens: list[Token]) -> int:
    match = _ENVIRONMENT.match(text, position)
    if match is None:
        raise Unreadable("an environment without a name")
    kind = "matrix" if match[1] in ("matrix", "pmatrix", "bmatrix", "Bmatrix", "smallmatrix", "array") else match[1]
    tokens.append(("op", f"{name}:{kind}"))
    return match.end()
