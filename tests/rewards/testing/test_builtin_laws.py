"""Every built-in reward obeys every law: one test per law and reward."""

from plaudit import load
from plaudit.testing import laws_for

test_format_exact = laws_for(load("format-exact"))
test_format_approx = laws_for(load("format-approx"))
test_answer_match = laws_for(load("answer-match"))
test_numeric_tolerance = laws_for(load("numeric-tolerance"))
