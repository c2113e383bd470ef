"""Units: what their words mean, and when two quantities are the same."""

from __future__ import annotations

import re

from flint import fmpq

from plaudit.answers.tree import Node
from plaudit.answers.vocabulary import words

Unit = tuple[str, fmpq]

_LENGTH = {"mm": "1/1000", "cm": "1/100", "dm": "1/10", "m": "1", "km": "1000", "inch": "127/5000", "foot": "381/1250",
           "yard": "1143/1250", "mile": "201168/125"}  # fmt: skip
_TIME = {"second": "1", "minute": "60", "hour": "3600", "day": "86400", "week": "604800"}
_MASS = {
    "mg": "1/1000000",
    "g": "1/1000",
    "kg": "1",
    "pound": "45359237/100000000",
    "ounce": "45359237/1600000000",
    "ton": "1000",
}
_VOLUME = {"ml": "1/1000", "liter": "1"}
_MONEY = {"dollar": "1", "cent": "1/100"}
_TABLE: dict[str, Unit] = {
    name: (dimension, fmpq(factor))
    for dimension, table in (
        ("length", _LENGTH),
        ("time", _TIME),
        ("mass", _MASS),
        ("volume", _VOLUME),
        ("money", _MONEY),
    )
    for name, factor in table.items()
}
_SPELLINGS = {
    "centimeter": "cm", "centimetre": "cm", "millimeter": "mm", "millimetre": "mm", "meter": "m", "metre": "m",
    "kilometer": "km",
    "kilometre": "km", "in": "inch", "inche": "inch", "ft": "foot", "feet": "foot", "yd": "yard", "mi": "mile",
    "sec": "second",
    "s": "second", "min": "minute", "h": "hour", "hr": "hour", "gram": "g", "gramme": "g", "kilogram": "kg",
    "kilo": "kg",
    "milligram": "mg", "lb": "pound", "oz": "ounce", "tonne": "ton", "l": "liter", "litre": "liter", "milliliter": "ml",
    "millilitre": "ml", "usd": "dollar", "buck": "dollar", "degree": "degree", "deg": "degree", "percent": "percent",
    "percentage": "percent", "pct": "percent",
}  # fmt: skip
_SPEEDS = {"mph": ("mile", "/", "hour"), "kmh": ("km", "/", "hour"), "kph": ("km", "/", "hour")}
_NOISE = words("a an the of in unit total long old each approximately about exactly only is are {} { } ( ) . , units")
_WORD = re.compile(r"[a-z\\]+|[23]|/")
HEDGES = words(
    "not no isn isnt wasn never nor wrong incorrect maybe perhaps probably possibly unsure guess except \\neg "
    "\\lnot \\not dozen hundred thousand million billion trillion"
)


def words_of(text: str) -> list[str]:
    """Words that carry meaning, singular, in their usual spelling.

    >>> words_of("square feet")
    ['foot', '2']
    """
    found: list[str] = []
    power = ""
    for word in _WORD.findall(text.lower()):
        if word in ("square", "sq", "cubic", "cu"):
            power = "2" if word.startswith("sq") else "3"
            continue
        if word == "per":
            word = "/"
        if word in _SPEEDS:
            found.extend(_SPEEDS[word])
            continue
        if word in _NOISE and not (word == "in" and not found):
            continue
        name = _singular(word)
        found.append(_SPELLINGS.get(name, name))
        if power:
            found.append(power)
            power = ""
    return found


def _singular(word: str) -> str:
    if word in _SPELLINGS or word in _TABLE or len(word) < 3 or not word.endswith("s") or word.endswith("ss"):
        return word
    return word[:-1]


def hedged(words: str, allowed: str = "") -> bool:
    """Whether words take an answer back, beyond the words that the gold itself uses.

    >>> hedged("not"), hedged("cm")
    (True, False)
    """
    found = set(_WORD.findall(words.lower())) & HEDGES
    return bool(found - set(_WORD.findall(allowed.lower())))


def meaning(words: list[str]) -> Unit | None:
    """Dimension and factor to the base unit, or None for words that are no known unit.

    >>> meaning(["foot", "2"])[0]
    'length^2'
    """
    above, slash, below = _parted(words)
    top = _powered(above)
    if not slash or top is None:
        return top if not slash else None
    bottom = _powered(below)
    return None if bottom is None else (f"{top[0]}/{bottom[0]}", top[1] / bottom[1])


def _parted(words: list[str]) -> tuple[list[str], bool, list[str]]:
    cut = words.index("/") if "/" in words else len(words)
    return words[:cut], cut < len(words), words[cut + 1 :]


def _powered(words: list[str]) -> Unit | None:
    """Read one unit, perhaps with its power."""
    unit = _TABLE.get(words[0]) if words else None
    if unit is None or len(words) > 2 or (len(words) == 2 and words[1] not in ("2", "3")):
        return None
    power = int(words[1]) if len(words) == 2 else 1
    return (f"{unit[0]}^{power}" if power > 1 else unit[0], unit[1] ** power)


def compatible(prediction: str, gold: str) -> fmpq | None:
    """Factor from the prediction's unit to the gold's, 1 for the same words; None if they are different things."""
    first, second = words_of(prediction), words_of(gold)
    if first == second or not first or not second:
        return fmpq(1)
    one, other = meaning(first), meaning(second)
    if one and other:
        return one[1] / other[1] if one[0] == other[0] else None
    if (one or other) and not (set(first) & set(second)):
        return None
    return fmpq(1) if set(first) <= set(second) or set(second) <= set(first) else None


def with_letter(node: Node) -> Node:
    """Read 5 m as a quantity where the other side is one."""
    if node.op == "mul" and len(node.args) == 2 and node.args[1].op == "sym" and node.args[1].value in _LETTERS:
        return Node("unit", (node.args[0],), node.args[1].value)
    measured = _measured(node)
    return node if measured is None else Node("unit", measured[:1], measured[1])


def _measured(node: Node) -> tuple[Node, str] | None:
    """Split 5 m^2, 5 m/s, 5 m/s^2 into the number and its unit."""
    if node.op == "div":
        above, below = with_letter(node.args[0]), _power_of_letter(node.args[1])
        return (above.args[0], f"{above.value} / {below}") if above.op == "unit" and below else None
    power = _power_of_letter(node.args[1]) if node.op == "mul" and len(node.args) == 2 else ""
    return (node.args[0], power) if power else None


def _power_of_letter(node: Node) -> str:
    if node.op == "pow" and node.args[1].whole in (2, 3):
        letter = _power_of_letter(node.args[0])
        return f"{letter} ^ {node.args[1].whole}" if letter else ""
    return str(node.value) if node.op == "sym" and node.value in _LETTERS else ""


_LETTERS = words("m s g h l")


def plain(node: Node) -> Node:
    """Give a quantity in percent or degrees its node, whichever way it was written."""
    if node.op != "unit":
        return node
    words = words_of(node.value)
    if words == ["percent"]:
        return Node("percent", node.args)
    if words == ["degree"]:
        return Node("degree", node.args)
    if words and set(words) <= {"\\angle", "angle"}:
        return node.args[0]
    return node
