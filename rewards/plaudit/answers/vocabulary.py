"""The words that the lexer knows: functions, operators, symbols, text commands, short prose."""

from __future__ import annotations


def words(text: str) -> frozenset[str]:
    """Make a set of words written as one text.

    >>> sorted(words("sin cos"))
    ['cos', 'sin']
    """
    return frozenset(text.split())


FUNCTIONS = words(
    "sin cos tan cot sec csc arcsin arccos arctan arccot arcsec arccsc sinh cosh tanh coth arcsinh arccosh arctanh "
    "ln log "
    "exp sqrt cbrt gcd lcm max min det mod sgn sign abs floor ceil Gamma"
)
RENAMED = {"asin": "arcsin", "acos": "arccos", "atan": "arctan", "tg": "tan", "ctg": "cot", "cosec": "csc", "lg": "log"}
IGNORED = words(
    "left right big Big bigg Bigg bigl bigr Bigl Bigr biggl biggr Biggl Biggr displaystyle textstyle quad qquad , ; "
    ": ! "
    "limits nolimits ( ) [ ] $ middle hfill hspace vspace small large Large boldsymbol rm bf it"
) | {" ", "\n", "\t"}
TEXT_COMMANDS = words(
    "text textbf textit textrm textsf texttt mbox hbox mathrm mathbf mathit mathsf operatorname emph mathcal underline "
    "overline boxed fbox overrightarrow vec hat bar"
)
MARKED_LETTERS = words("overline bar hat")
MARKING_COMMANDS = words("boxed fbox overline underline vec hat bar overrightarrow mathcal")
OPERATORS = {
    "cdot": "*", "times": "*", "ast": "*", "div": "/", "le": "<=", "leq": "<=", "leqslant": "<=", "leqq": "<=",
    "ge": ">=", "geq": ">=", "geqslant": ">=", "geqq": ">=", "lt": "<", "gt": ">", "ne": "!=", "neq": "!=",
    "approx": "approx", "equiv": "equiv", "in": "in", "notin": "notin", "cup": "cup", "bigcup": "cup", "cupdot": "cup",
    "cap": "cap", "setminus": "setminus", "backslash": "setminus", "pm": "pm", "mp": "mp", "degree": "degree",
    "circ": "degree", "{": "\\{", "}": "\\}", "lbrace": "\\{", "rbrace": "\\}", "langle": "(", "rangle": ")",
    "lfloor": "lfloor", "rfloor": "rfloor", "lceil": "lceil", "rceil": "rceil", "vert": "|", "lvert": "|", "rvert": "|",
    "mid": "|", "colon": ":", "%": "%", "\\": "\\\\", "bmod": "mod", "to": "to", "rightarrow": "to", "Rightarrow": "to",
    "|": "|", "lparen": "(", "rparen": ")", "lbrack": "[", "rbrack": "]", "implies": "to", "#": "#", "&": "&", "_": "_",
}  # fmt: skip
FRACTIONS = words("frac dfrac tfrac cfrac nicefrac sfrac")
BINOMIALS = words("binom dbinom tbinom choose")
BIG_OPERATORS = words("sum prod int lim iint oint")
DOTS = words("ldots cdots dots dotsc dotsb dotsm vdots ddots")
LETTERS = words(
    "alpha beta gamma delta epsilon varepsilon zeta eta theta vartheta iota kappa lambda mu nu xi rho sigma tau phi "
    "varphi "
    "chi psi omega Delta Theta Lambda Xi Sigma Phi Psi Omega ell hbar aleph partial nabla"
)
SYMBOLS = {"infty": "inf", "pi": "pi", "emptyset": "emptyset", "varnothing": "emptyset", "Reals": "Reals", "R": "Reals"}
WORDS_OF_SYMBOLS = {"wedge": "and", "land": "and", "vee": "or", "lor": "or", "angle": "angle", "triangle": "triangle"}
SHORT_WORDS = words(
    "or and not no yes is to of the odd even ten one two six all for any if an be am pm cm mm km kg mg ml ft lb oz "
    "mi hr min sq "
    "sec mph pct day nan none true false inf neither only set red blue per yd dm nm kw mw kj hz"
)
INFINITY_WORDS = words("inf infinity oo Infinity")
