"""One form for characters: look-alikes, superscripts, vulgar fractions and symbols become plain LaTeX."""

from __future__ import annotations

import re
import unicodedata

from plaudit.answers.infix import with_arguments

_SUPERSCRIPTS = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁽⁾ⁿⁱ", "0123456789+-()ni", strict=True))
_SUBSCRIPTS = dict(zip("₀₁₂₃₄₅₆₇₈₉₊₋₍₎ₙₖᵢ", "0123456789+-()nki", strict=True))
_SUPERSCRIPT_RUN = re.compile("[" + "".join(_SUPERSCRIPTS) + "]+")
_SUBSCRIPT_RUN = re.compile("[" + "".join(_SUBSCRIPTS) + "]+")
_FRACTIONS = {
    char: rf" \frac{{{top}}}{{{bottom}}} "
    for char, top, bottom in (
        ("½", 1, 2), ("⅓", 1, 3), ("⅔", 2, 3), ("¼", 1, 4), ("¾", 3, 4), ("⅕", 1, 5), ("⅖", 2, 5), ("⅗", 3, 5),
        ("⅘", 4, 5), ("⅙", 1, 6), ("⅚", 5, 6), ("⅐", 1, 7), ("⅛", 1, 8), ("⅜", 3, 8), ("⅝", 5, 8), ("⅞", 7, 8),
        ("⅑", 1, 9), ("⅒", 1, 10),
    )
}  # fmt: skip
_COMMANDS = {
    "×": "times", "÷": "div", "·": "cdot", "⋅": "cdot", "∙": "cdot", "•": "cdot", "∗": "cdot", "√": "sqrt",
    "π": "pi", "∞": "infty", "≤": "le", "≥": "ge", "⩽": "le", "⩾": "ge", "≦": "le", "≧": "ge", "≠": "ne", "≈": "approx",
    "≡": "equiv", "∈": "in", "∉": "notin", "∪": "cup", "⋃": "cup", "∩": "cap", "∅": "emptyset", "±": "pm", "∓": "mp",
    "°": "degree", "º": "degree", "˚": "degree", "∠": "angle", "ℝ": "Reals", "∖": "setminus", "⟨": "langle",
    "⟩": "rangle", "⌊": "lfloor", "⌋": "rfloor", "⌈": "lceil", "⌉": "rceil", "∛": "cbrt", "…": "ldots", "⋯": "ldots",
    "θ": "theta", "α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "λ": "lambda", "μ": "mu", "φ": "varphi",
    "ϕ": "phi", "ω": "omega", "σ": "sigma", "Δ": "Delta", "Ω": "Omega", "∑": "sum", "∏": "prod", "∫": "int",
    "→": "to", "∧": "wedge", "∨": "vee", "ρ": "rho", "ε": "epsilon", "ℓ": "ell",
}  # fmt: skip
_TABLE: dict[int, str] = {ord(char): f"\\{name} " for char, name in _COMMANDS.items()}
_TABLE.update({ord(char): text for char, text in _FRACTIONS.items()})
_TABLE.update(dict.fromkeys(map(ord, "−–—‐‑‒―﹣－"), "-"))
_TABLE.update(dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u00ad"), ""))
_TABLE.update(dict.fromkeys(map(ord, "\u00a0\u2009\u202f\u2007\u2002\u2003\u2005\u2006\u200a\u3000"), " "))
_TABLE.update({ord("⁄"): "/", ord("∕"): "/", ord("∶"): ":", ord("∣"): "|", ord("’"): "'", ord("‘"): "'"})
_TABLE.update({ord("“"): '"', ord("”"): '"', ord("′"): "'", ord("、"): ",", ord("，"): ",", ord("。"): "."})
_CIRCLED = re.compile("[\u2460-\u24ff\u2776-\u2793]")


def tidy(text: str) -> str:
    r"""Rewrite a text in the characters that the lexer knows; its meaning stays.

    >>> tidy("３／４ ≤ x²")
    '3/4 \\le  x^{2}'
    """
    if "\\" in text and ("\\overline" in text or "\\bar" in text):
        text = _REPEATING.sub(_repeating, text)
    if "\\over" in text or "\\choose" in text:
        text = with_arguments(text)
    if text.isascii():
        return text.strip()
    text = _SUPERSCRIPT_RUN.sub(lambda run: "^{" + "".join(_SUPERSCRIPTS[char] for char in run[0]) + "}", text)
    text = _SUBSCRIPT_RUN.sub(lambda run: "_{" + "".join(_SUBSCRIPTS[char] for char in run[0]) + "}", text)
    text = text.translate(_TABLE)
    if text.isascii():
        return text.strip()
    # a circled digit is a label, not the digit that NFKC would make of it
    if _CIRCLED.search(text) is None:
        text = unicodedata.normalize("NFKC", text)
    return text.translate(_TABLE).strip()


_REPEATING = re.compile(r"(?<![\d.])(\d{0,30})\.(\d{0,30})\\(?:overline|bar)\s?(?:\{\s?(\d{1,30})\s?\}|(\d))", re.ASCII)


def _repeating(match: re.Match[str]) -> str:
    """Write a repeating decimal as a fraction."""
    whole, fixed, grouped, single = match.groups()
    period = grouped or single
    bottom = (10 ** len(period) - 1) * 10 ** len(fixed)
    top = int(whole + fixed + period) - int(whole + fixed or "0")
    return f"\\frac{{{top}}}{{{bottom}}}"
