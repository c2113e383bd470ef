"""The short ways for the usual case must say what the long way says."""

import re
from unittest.mock import patch

from hypothesis import example, given, settings
from hypothesis import strategies as st

from plaudit.answers import equal, lexer, literals
from plaudit.answers.exact import difference
from plaudit.answers.reader import read
from plaudit.answers.tree import Unreadable

NEVER = re.compile(r"(?!)")
many = settings(max_examples=300)
pieces = st.sampled_from(
    [
        *"0123456789abxyzeE(){}[]^_+-*/=<>!.,;:|'&%$\" ~\n\\",
        ",000",
        "{,}000",
        "\\!",
        "\\text{",
        "\\{",
        "\\}",
        "**",
        "st",
        "é",
        "²",
    ]
)
texts = st.lists(pieces, max_size=24).map("".join)
numbers = st.text("0123456789.-+, %e", min_size=1, max_size=12) | st.integers(-999, 999).map(str)


def lexed(text):
    try:
        return lexer.lex(text)
    except Unreadable as reason:
        return str(reason)


@given(texts)
@many
@example("1{,}000,2 000,3,000 4\\,000x")
def test_tokens_of_one_character_are_those_that_the_pattern_finds(text):
    short = lexed(text)
    with patch.object(lexer, "_SINGLE", {}), patch.object(lexer, "_LEAVES", {}):
        assert lexed(text) == short


@given(texts.map("{{{}".format))
@many
@example(r"{\frac{1}{2}}} {")
@example(r"{\{}}")
def test_a_brace_closes_where_the_count_of_braces_says(text):
    short = lexer.closing_brace(text, 0)
    with patch.object(lexer, "_SHALLOW", NEVER):
        assert lexer.closing_brace(text, 0) == short


@given(numbers)
@many
@example("-007.50")
def test_a_plain_number_is_what_the_pattern_reads(text):
    short = literals.literal(text)
    with patch.object(literals, "_plain", lambda _: None):
        assert literals.literal(text) == short


@given(numbers, st.integers(0, 10**6))
@many
@example("1,000", 1000)
@example("0100.0", 100)
@example("50%", 50)
def test_a_number_against_a_plain_integer_is_judged_as_against_any_other_writing_of_it(text, gold):
    short, long = equal(text, str(gold)), equal(text, f"{gold} ")
    assert (short.equal, short.how) == (long.equal, long.how)


def test_terms_cancel_whatever_their_order_and_grouping():
    assert difference(read("3xy + (a - 2b)/2"), read("-b + yx*3 + a/2")) == []
    assert difference(read("3xy"), read("3xz")) != []
