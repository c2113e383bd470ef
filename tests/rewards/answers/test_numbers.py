import sys
from fractions import Fraction

import pytest

from plaudit.answers import first_number, number


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("42", 42),
        ("-7", -7),
        ("+7", 7),
        ("1,234,567", 1234567),
        (r"1{,}234", 1234),
        (r"12\,345\,678", 12345678),
        ("0.125", Fraction(1, 8)),
        (".5", Fraction(1, 2)),
        ("3/4", Fraction(3, 4)),
        (r"\frac{3}{4}", Fraction(3, 4)),
        (r"\frac34", Fraction(3, 4)),
        ("2 1/2", Fraction(5, 2)),
        (r"-2\frac12", Fraction(-5, 2)),
        ("50%", Fraction(1, 2)),
        (r"12.5\%", Fraction(1, 8)),
        ("1.5e3", 1500),
        ("2e-3", Fraction(1, 500)),
        (r"1.5\times 10^3", 1500),
        ("４２", 42),
        ("−3", -3),
        ("½", Fraction(1, 2)),
        ("$1,234.50", Fraction(2469, 2)),
        (r"\$5", 5),
        ("18 apples", 18),
        (r"10\text{ cm}", 10),
        ("2^{10}", 1024),
        ("42.", 42),
    ],
)
def test_number_is_exact(text, value):
    assert number(text) == value


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nan",
        "inf",
        "infinity",
        "x",
        "1e999999",
        "-1e-999999",
        "9" * 5000,
        "1" * 100_000,
        "0." + "3" * 100_000,
        "9^{9^{9^{9}}}",
        "not 42",
        "1/0",
        "one hundred and",
        "1, 2",
        r"\pi",
        "10^{10^{10}}",
        "\ud800",
        "\x00",
        "((((((((9!)!)!)!)!)!)!)!)!",
    ],
)
def test_not_a_number_or_over_the_caps(text):
    assert number(text) is None


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("about 1,250 of them, or 3", 1250),
        ("x = -2.5 m", Fraction(-5, 2)),
        ("50% off", Fraction(1, 2)),
        ("3/4 cup", Fraction(3, 4)),
        ("1e3", 1000),
        ("no number", None),
        ("", None),
        ("$18", 18),
        (".5 l", Fraction(1, 2)),
        ("1" * 5000, None),
    ],
)
def test_first_number(text, value):
    assert first_number(text) == value


def test_caps_hold_below_the_interpreters_own_digit_limit():
    before = sys.get_int_max_str_digits()
    assert number("7" * 999) == int("7" * 999)
    assert sys.get_int_max_str_digits() == before
