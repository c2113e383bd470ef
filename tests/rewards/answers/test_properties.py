"""Random expressions rendered in many ways: every rendering equal, every mutated value different."""

import json
import os
import time
from fractions import Fraction

from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from plaudit.answers import Policy, cache, equal, extract, number
from plaudit.answers.extract import FORMATS
from plaudit.answers.lexer import lex
from plaudit.answers.normalize import tidy
from plaudit.answers.reader import read
from plaudit.answers.tree import Unreadable

# PLAUDIT_FUZZ=40 with --hypothesis-profile explore: forty times the examples, new ones, for minutes of fuzzing
FUZZ = int(os.environ.get("PLAUDIT_FUZZ", "1"))
many = settings(max_examples=150 * FUZZ)
SLOW_SECONDS = 2.0

integers = st.integers(-(10**12), 10**12)
fractions = st.fractions(max_denominator=10**6)


def _grouped(value, separator):
    return f"{value:,}".replace(",", separator)


@st.composite
def written_integers(draw):
    value = draw(integers)
    ways = [
        str(value),
        f"{value}.0",
        f"+{value}" if value >= 0 else f"\\left({value}\\right)",
        f"\\frac{{{2 * value}}}{{2}}",
        f"{value - 3}+3",
        f"$ {value} $",
        f"\\text{{{value}}}",
        f"x = {value}",
        f"{value}.",
        str(value).translate(str.maketrans("0123456789-", "０１２３４５６７８９−")),
        f"{value * 100}\\%",
        f"\\boxed{{{value}}}",
        f"{value * 10}e-1",
        f"{value} \\times 10^0",
        *(_grouped(value, separator) for separator in (",", "{,}", ",\\!", "\\,", " ")),
    ]
    return value, draw(st.sampled_from(ways))


@given(written_integers())
@many
@example((1000, "1,000"))
def test_every_way_to_write_an_integer_is_that_integer(pair):
    value, text = pair
    assert equal(text, str(value)).equal is True
    assert equal(str(value), text).equal is True


@given(written_integers(), st.integers(1, 10**12) | st.just(1))
@many
def test_another_integer_is_never_equal(pair, step):
    value, text = pair
    other = value + step
    # the percent policy lets 50% stand for 0.5 and for 50
    assume(not (text.endswith("%") and other == value * 100))
    assert equal(text, str(other)).equal is False


@st.composite
def written_fractions(draw):
    value = draw(fractions)
    top, bottom = value.numerator, value.denominator
    whole, rest = divmod(abs(top), bottom)
    sign = "-" if top < 0 else ""
    ways = [
        f"{top}/{bottom}",
        f"\\frac{{{top}}}{{{bottom}}}",
        f"\\dfrac {{{3 * top}}} {{{3 * bottom}}}",
        f"{sign}\\tfrac{{{abs(top)}}}{{{bottom}}}",
        f"{sign}{whole}\\frac{{{rest}}}{{{bottom}}}",
        f"{sign}{whole} {rest}/{bottom}",
        f"{top} \\div {bottom}",
        f"{top} \\cdot {bottom}^{{-1}}",
        f"({top})/({bottom})",
    ]
    return value, draw(st.sampled_from(ways))


@given(written_fractions(), fractions)
@many
def test_fractions_are_exact(pair, other):
    value, text = pair
    gold = f"\\frac{{{value.numerator}}}{{{value.denominator}}}"
    assert number(text) == value
    assert equal(text, gold).equal is True
    if other != value:
        assert equal(text, f"{other.numerator}/{other.denominator}").equal is False


@given(st.integers(-(10**9), 10**9), st.integers(1, 9))
@many
def test_decimals_are_exact_and_a_change_in_the_last_digit_is_seen(digits, places):
    value = Fraction(digits, 10**places)
    text = f"{'-' if digits < 0 else ''}{abs(digits) // 10**places}.{abs(digits) % 10**places:0{places}d}"
    assert number(text) == value
    assert equal(f"{value.numerator}/{value.denominator}", text).equal is True
    changed = f"{text[:-1]}{(int(text[-1]) + 1) % 10}"
    assert equal(changed, text).equal is (number(changed) == value)


leaves = st.one_of(
    st.integers(1, 30).map(lambda value: ("num", value)), st.sampled_from("xyn").map(lambda name: ("sym", name))
)
trees = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.tuples(st.just("+"), inner, inner),
        st.tuples(st.just("-"), inner, inner),
        st.tuples(st.just("*"), inner, inner),
        st.tuples(st.just("/"), inner, inner),
        st.tuples(st.just("^"), inner, st.integers(2, 3)),
        st.tuples(st.just("sqrt"), inner),
    ),
    max_leaves=7,
)


def _plain(tree):
    kind = tree[0]
    if kind in ("num", "sym"):
        return str(tree[1])
    if kind == "^":
        return f"({_plain(tree[1])})^{tree[2]}"
    if kind == "sqrt":
        return f"sqrt({_plain(tree[1])})"
    return f"(({_plain(tree[1])}){kind}({_plain(tree[2])}))"


def _latex(tree):
    """LaTeX, with the operands of sums and products turned round."""
    kind = tree[0]
    if kind in ("num", "sym"):
        return str(tree[1])
    if kind == "^":
        return rf"\left({_latex(tree[1])}\right)^{{{tree[2]}}}"
    if kind == "sqrt":
        return rf"\sqrt{{{_latex(tree[1])}}}"
    left, right = _latex(tree[1]), _latex(tree[2])
    if kind == "/":
        return rf"\dfrac{{{left}}}{{{right}}}"
    if kind == "+":
        return rf"{right} + {left}"
    if kind == "*":
        return rf"\left({right}\right) \cdot \left({left}\right)"
    return rf"-\left({right}\right) + {left}"


def _unicode(tree):
    """Signs and digits as people paste them: a true minus, a middle dot, raised digits, thin spaces."""
    kind = tree[0]
    if kind in ("num", "sym"):
        return str(tree[1])
    if kind == "^":
        return f"({_unicode(tree[1])}){'⁰¹²³'[tree[2]]}"
    if kind == "sqrt":
        return f"√({_unicode(tree[1])})"
    sign = {"-": "\u2009−\u2009", "*": " · ", "/": "⁄", "+": " ＋ "}[kind]
    return f"(({_unicode(tree[1])}){sign}({_unicode(tree[2])}))"


def _spaced(tree):
    r"""LaTeX with all the room and the ornament that means nothing."""
    text = _latex(tree).replace("\\cdot", "\\times").replace("\\dfrac", "\\displaystyle\\tfrac")
    text = text.replace("+", r" \, +\; ").replace("-", r" \! - ")
    return rf"$ {text} \quad$"


RENDERINGS = (_plain, _latex, _unicode, _spaced)


def _vanishes(tree):
    """Whether some denominator is identically zero, so that there is no value to speak of."""
    if tree[0] in ("num", "sym"):
        return False
    if tree[0] == "/" and equal(_plain(tree[2]), "0").equal is not False:
        return True
    return any(_vanishes(child) for child in tree[1:] if isinstance(child, tuple))


@given(trees, st.sampled_from(RENDERINGS), st.sampled_from(RENDERINGS))
@many
def test_a_formula_equals_its_other_renderings(tree, first, second):
    assume(not _vanishes(tree))
    assert equal(first(tree), second(tree)).equal is True


@given(trees, st.integers(1, 10**6))
@many
def test_a_formula_is_not_itself_plus_something(tree, shift):
    assume(not _vanishes(tree))
    assert equal(f"{_plain(tree)}+{shift}", _latex(tree)).equal is False
    if "sqrt" not in _plain(tree):
        # rational functions are compared exactly, beyond any precision
        assert equal(f"{_plain(tree)}+1/10^{{400}}", _latex(tree)).equal is False


@given(trees)
@many
def test_equality_is_reflexive(tree):
    assert equal(_plain(tree), _plain(tree)).equal is True


@given(trees, trees)
@many
def test_equality_of_formulas_is_symmetric(first, second):
    assume(not _vanishes(first) and not _vanishes(second))
    assert equal(_plain(first), _latex(second)).equal is equal(_latex(second), _plain(first)).equal


@given(st.lists(st.integers(-50, 50), min_size=2, max_size=6, unique=True), st.randoms(use_true_random=False))
@many
def test_order_counts_in_tuples_only(values, random):
    shuffled = values[:]
    random.shuffle(shuffled)
    gold, text = ", ".join(map(str, values)), ", ".join(map(str, shuffled))
    assert equal(text, gold).equal is True
    assert equal(rf"\{{{text}\}}", rf"\{{{gold}\}}").equal is True
    assert equal(f"({text})", f"({gold})").equal is (values == shuffled)
    assert equal(text, gold, Policy(list_order="kept")).equal is (values == shuffled)
    assert equal(f"{text}, 77", gold).equal is False
    assert equal(str(values[0]), gold).equal is False


@given(st.integers(-20, 20), st.integers(1, 20), st.sampled_from("()[]"), st.sampled_from("()[]"))
@many
def test_ends_of_intervals_count(low, width, first, second):
    high = low + width
    opening, closing = ("[" if first in "[]" else "("), ("]" if second in "[]" else ")")
    interval = f"{opening}{low}, {high}{closing}"
    left, right = ("\\le" if opening == "[" else "<"), ("\\le" if closing == "]" else "<")
    assert equal(f"{low} {left} x {right} {high}", interval).equal is True
    assert equal(f"{low} {left} x {right} {high + 1}", interval).equal is False
    flipped = "(" if opening == "[" else "["
    assert equal(f"{low} {left} x {right} {high}", f"{flipped}{low}, {high}{closing}").equal is False


_FRAGMENTS = (
    r"\frac \sqrt { } ( ) [ ] ^ _ + - * / , ; : . | < > = \le \in \cup \{ \} \pm \infty \pi ! % ^\circ \text{ or and "
    r"\\ & \begin{pmatrix} \end{pmatrix} \sum_{k=1}^ \int dx \lim \binom \log \sin 1 23 0.5 1,000 9^{9^{9 "
    r"x n f( cm $ # mod \bmod \boxed{ <think> #### ½ ² é not"
)
hostile = st.text(max_size=300) | st.lists(
    st.sampled_from([*_FRAGMENTS.split(), " ", "\ud800", "\x00"]), max_size=40
).map("".join)


@given(hostile, hostile)
@settings(max_examples=800 * FUZZ)
def test_no_text_raises_or_takes_long(prediction, gold):
    start = time.process_time()
    verdict = equal(prediction, gold, Policy(engine=False))
    assert verdict.equal in (True, False, None)
    assert verdict.gold_readable or verdict.equal is None
    for ending in ("any", *FORMATS):
        found = extract(prediction, ending)
        assert (found.text is not None) == (found.status == "found")
    number(prediction)
    assert time.process_time() - start < SLOW_SECONDS


@given(st.text(max_size=24) | st.text("{}()[]|^_$\\\\,;:.+-*/=<>&%!1x ", max_size=24))
@example("{" * 12 + "}" * 12)
@example("{" * 11 + "(" + ")" + "}" * 11)
@example(r"\left(\text{\text{\mbox{")
@settings(max_examples=1_000 * FUZZ)
def test_a_short_gold_is_always_readable_as_the_cache_takes_for_granted(text):
    assume("\\begin" not in text and "\\end" not in text)
    if len(tidy(text)) <= 24:
        assert read(tidy(text)).op


def test_what_the_cache_takes_for_short_is_what_the_property_above_covers():
    assert cache.SHORT == 24


@given(hostile)
@settings(max_examples=400 * FUZZ)
def test_the_reader_reads_or_refuses(text):
    try:
        tree = read(tidy(text))
    except Unreadable:
        return
    assert len(lex(tidy(text))) <= 1_500
    assert json.dumps(repr(tree))
