"""Every built-in reward, recipe and composition operator obeys every law and withstands every attack."""

from plaudit import clip, first, gate, load, maximum, minimum, recipe, schedule
from plaudit.testing import laws_for

EXACT, MATCH, NUMERIC, MATH = (
    load(name) for name in ("format-exact", "answer-match", "numeric-tolerance", "math-equal")
)

test_format_exact = laws_for(EXACT)
test_format_exact_r1 = laws_for(load("format-exact", format="r1"))
test_format_approx = laws_for(load("format-approx"))
test_answer_match = laws_for(MATCH)
test_answer_match_boxed = laws_for(load("answer-match", format="boxed"))
test_numeric_tolerance = laws_for(NUMERIC)
test_math_equal = laws_for(MATH)
test_math_equal_unsloth = laws_for(load("math-equal", format="unsloth"))

test_recipe_unsloth = laws_for(recipe("unsloth"))
test_recipe_math = laws_for(recipe("math"))

test_sum = laws_for(MATCH + 0.5 * EXACT + 0.1 * NUMERIC)
test_named_sum = laws_for((MATCH + EXACT).named("judge"))
test_gate = laws_for(gate(MATCH, on=EXACT))
test_clip = laws_for(clip(MATCH, low=0.0))
test_schedule = laws_for(schedule(MATCH, over_steps=10, start=0.5))
test_first = laws_for(first(NUMERIC, MATCH))
test_minimum = laws_for(minimum(NUMERIC, MATCH))
test_maximum = laws_for(maximum(NUMERIC, MATCH))
