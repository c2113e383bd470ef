"""The four rewards: the notebook's semantics, and each place where the notebook is wrong."""

import math
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plaudit import ConfigError, DataError, Sample, UnknownOptionError, load
from plaudit.formats import PRESETS

NAMES = ("format-exact", "format-approx", "answer-match", "numeric-tolerance", "math-equal")


def shaped(solution, working="so"):
    return f"{working}<end_working_out><SOLUTION>{solution}</SOLUTION>"


def value(name, completion, gold="4", **options):
    return load(name, **options).score([Sample(completion, columns={"answer": gold})])[0].value


ANSWER_MATCH = [
    ("4", "4", 5.0),
    (" 4\n", "4", 3.5),
    ("4", " 4", 3.5),
    ("4.0", "4", 2.0),
    ("4.4", "4", 2.0),
    ("3.6", "4", 2.0),
    ("4.41", "4", 1.5),
    ("4.8", "4", 1.5),
    ("3.2", "4", 1.5),
    ("4.81", "4", -2.5),
    ("-4", "4", -2.5),
    ("-3.6", "-4", 2.0),
    ("1,000", "1000", 2.0),
    ("four", "4", -4.5),
    ("Paris", "Paris", 5.0),
    ("London", "Paris", -4.5),
    ("4", "Paris", -2.5),
]


@pytest.mark.parametrize(("solution", "gold", "expected"), ANSWER_MATCH)
def test_answer_match_pays_by_how_near_the_solution_is(solution, gold, expected):
    assert value("answer-match", shaped(solution), gold) == expected


NUMERIC = [
    ("4", "4", 3.5),
    ("4.0", "4", 3.5),
    ("the answer is 4 apples", "4", 3.5),
    ("1,000", "1000", 3.5),
    ("1000", "1,000", 3.5),
    ("5", "4", -1.5),
    ("4 or 5", "5", -1.5),
    ("4 or 5", "4", -1.5),
    ("not 4", "4", -1.5),
    ("4 million", "4", -1.5),
    ("≠ 4", "4", -1.5),
    ("4x", "4", -1.5),
    ("4 m", "4", 3.5),
    ("about 4 km", "4", 3.5),
    ("12 cm^2", "12", 3.5),
    ("12 m²", "12", 3.5),
    ("90 km/h", "90", 3.5),
    ("**12**", "12", 3.5),
    ("12 and 15", "12", -1.5),
    ("not 12", "12", -1.5),
    ("four", "4", -2.5),
    ("", "4", -2.5),
    ("4", "four", None),
    ("4", "", None),
    ("4", None, None),
]


@pytest.mark.parametrize(("solution", "gold", "expected"), NUMERIC)
def test_numeric_tolerance_reads_the_one_number(solution, gold, expected):
    assert value("numeric-tolerance", shaped(solution), gold) == expected


# Each row: what is wrong in the notebook, the reward, the completion, the gold, the notebook's pay, ours.
DIFFERENCES = {
    "text after the closing tag on a new line passes its pattern": (
        "format-exact", shaped("4") + "\nBut wait, it could be 5.", "4", 3.0, 0.0,
    ),
    "and earns the answer's full pay": ("answer-match", shaped("4") + "\nOr is it 5?", "4", 5.0, -2.0),
    "two solution blocks pass as one": ("format-exact", shaped("4") + "<SOLUTION>5</SOLUTION>", "4", 3.0, 0.0),
    "two solution blocks offer two numbers and the first is paid": (
        "numeric-tolerance", shaped("4") + "<SOLUTION>5</SOLUTION>", "4", 3.5, -2.5,
    ),
    "gold 0 divides by zero and a number is called not a number": ("answer-match", shaped("7"), "0", -4.5, -2.5),
    "gold 0 and 0.0 differ": ("answer-match", shaped("0.0"), "0", -4.5, 2.0),
    "nan is a number": ("answer-match", shaped("nan"), "4", -2.5, -4.5),
    "inf is a number": ("answer-match", shaped("inf"), "4", -2.5, -4.5),
    "a gold of nan can be met by nothing": ("numeric-tolerance", shaped("4"), "nan", -1.5, None),
    "two numbers of 401 digits both overflow to infinity and are equal": (
        "numeric-tolerance", shaped("1" + "0" * 400), "1" + "0" * 399 + "1", 3.5, -1.5,
    ),
    "a solution block in the reasoning is read instead of the final one": (
        "numeric-tolerance", shaped("5", working="<SOLUTION>4</SOLUTION>?"), "4", 3.5, -1.5,
    ),
    "a hedge is paid by the first number it names": ("numeric-tolerance", shaped("4 or 5"), "4", 3.5, -1.5),
    "a thousands separator makes a right answer not a number": ("answer-match", shaped("1,234"), "1234", -4.5, 2.0),
    "an answer that is not a number scores 0 instead of abstaining": (
        "numeric-tolerance", shaped("4"), "Paris", 0.0, None,
    ),
    "text between the working and the solution is part of the shape": (
        "format-exact", "so<end_working_out>I think <SOLUTION>4</SOLUTION>", "4", 3.0, 0.0,
    ),
    "a solution of white space counts": ("format-exact", shaped("  "), "4", 3.0, 0.0),
}  # fmt: skip


@pytest.mark.parametrize(("name", "completion", "gold", "theirs", "ours"), DIFFERENCES.values(), ids=DIFFERENCES)
def test_where_the_notebook_is_wrong_we_are_not(name, completion, gold, theirs, ours):
    assert value(name, completion, gold) == ours != theirs


def test_the_last_message_counts_not_the_first():
    turns = [{"role": "assistant", "content": "let me see"}, {"role": "assistant", "content": shaped("4")}]
    assert value("answer-match", turns) == 5.0


@pytest.mark.parametrize("number", ["1e999999999", "-1e999999999", "9" * 5000, "1/0", "0/0", "1e-999999999"])
@pytest.mark.parametrize("name", ["answer-match", "numeric-tolerance"])
def test_monstrous_numbers_are_wrong_and_quick(name, number):
    started = time.process_time()
    assert value(name, shaped(number)) < 0
    assert time.process_time() - started < 0.5


def test_format_approx_counts_only_what_the_model_writes():
    assert value("format-approx", shaped("4")) == 1.5
    assert value("format-approx", "<start_working_out>" + shaped("4")) == 1.5
    assert value("format-approx", "4") == -3.0
    assert value("format-approx", shaped("4") + "<SOLUTION>") == 0.0
    assert value("format-approx", "<think>x</think><answer>4</answer>", format="r1") == 2.0


def test_tolerances_are_exact_at_their_edge():
    assert value("numeric-tolerance", shaped("1.1"), "1", rel=0.1) == 3.5
    assert value("numeric-tolerance", shaped("1.1000000000000000000001"), "1", rel=0.1) == -1.5
    assert value("numeric-tolerance", shaped("0.3"), "0.1", abs=0.2) == 3.5
    assert value("numeric-tolerance", shaped("-3.9"), "-4", abs=0.1) == 3.5


BAD_OPTIONS = [
    ("answer-match", {"neer": 0.1}, UnknownOptionError, "near"),
    ("answer-match", {"near": "much"}, ConfigError, "number"),
    ("answer-match", {"near": True}, ConfigError, "number"),
    ("answer-match", {"near": 0.3}, ConfigError, "near <= far"),
    ("answer-match", {"score_equal": math.nan}, ConfigError, "number"),
    ("numeric-tolerance", {"rel": -0.1}, ConfigError, "0 or more"),
    ("format-exact", {"format": "unslot"}, ConfigError, "unsloth"),
]


@pytest.mark.parametrize(("name", "options", "error", "hint"), BAD_OPTIONS)
def test_a_wrong_option_is_refused_when_the_reward_is_built(name, options, error, hint):
    with pytest.raises(error, match=hint):
        load(name, **options)


def test_a_missing_column_is_named_before_scoring():
    with pytest.raises(DataError, match=r"'answer'.*Did you mean 'answers'"):
        load("answer-match").score([Sample("x", columns={"answers": "4"})])


def test_options_change_every_score():
    scores = {f"score_{name}": float(at) for at, name in enumerate(("equal", "stripped", "near", "far", "wrong"))}
    paid = [value("answer-match", shaped(text), "10", **scores) for text in ("10", " 10", "10.5", "12", "99")]
    assert paid == [0.0, 1.0, 2.0, 3.0, 4.0]


HOSTILE = st.one_of(
    st.text(),
    st.lists(st.sampled_from([*PRESETS["unsloth"].tags, "4", "-", ",", ".", "e9", "/", " "])).map("".join),
    st.text().map(shaped),
    st.from_regex(r"[-+]?[0-9,.]{0,30}([eE][-+]?[0-9]{0,12})?", fullmatch=True).map(shaped),
)  # fmt: skip
EARLIER = [{"role": "assistant", "content": "first"}, {"role": "tool", "content": "2"}]
CHATS = HOSTILE.flatmap(
    lambda text: st.sampled_from(
        [
            text,
            {"role": "assistant", "content": text},
            [{"role": "assistant", "content": text}],
            [{"role": "assistant", "content": [{"type": "text", "text": text}]}],
            [*EARLIER, {"role": "assistant", "content": text}],
        ]
    ).map(lambda shape: (text, shape))
)  # fmt: skip
GOLDS = st.one_of(st.integers().map(str), st.text(max_size=8), st.none(), st.floats().map(str), st.integers())


@given(name=st.sampled_from(NAMES), chat=CHATS, gold=GOLDS)
def test_any_text_in_any_shape_scores_alike_within_the_range(name, chat, gold):
    text, shape = chat
    reward = load(name)
    plain, shaped_score = reward.score(
        [Sample(text, columns={"answer": gold}), Sample(shape, columns={"answer": gold})]
    )
    assert plain == shaped_score
    assert not plain.reason.startswith("failed")
    if plain.value is not None:
        assert math.isfinite(plain.value)
        assert reward.spec.low <= plain.value <= reward.spec.high


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("nothing", ["", None, [], {}, [{}], [{"role": "assistant", "content": None}], b"x", 7, [None]])
def test_a_completion_of_nothing_is_scored_and_never_raises(name, nothing):
    score = load(name).score([Sample(nothing, columns={"answer": "4"})])[0]
    assert score.value is not None
    assert score.value <= 0


@pytest.mark.parametrize("name", NAMES)
def test_lone_surrogates_and_nul_do_no_harm(name):
    assert load(name).score([Sample(shaped("\ud800\x00"), columns={"answer": "4"})])[0].value is not None


@given(st.integers(min_value=-(10**30), max_value=10**30), st.integers(min_value=1, max_value=10**6))
def test_a_wider_tolerance_never_pays_less(gold, off):
    narrow, wide = (
        value("numeric-tolerance", shaped(str(gold + off)), str(gold), abs=float(bound)) for bound in (5, 50)
    )
    assert narrow <= wide
    assert (wide == 3.5) == (off <= 50)


BY = [
    ("text", "4.0", "4", 2.0),
    ("number", "4.0", "4", 5.0),
    ("number", "1/4", "0.25", 5.0),
    ("number", r"\frac{1}{4}", "0.25", 5.0),
    ("number", "4.2", "4", 2.0),
    ("math", "4.0", "4", 5.0),
    ("math", r"2\sqrt{2}", r"\sqrt{8}", 5.0),
    ("math", "x + 1", "1 + x", 5.0),
    ("math", "4.2", "4", 2.0),
    ("math", "5", "x + 1", -2.5),
    ("math", "not 4", "4", -4.5),
    ("math", "4 or 5", "4", -4.5),
    ("math", "anything", " ", None),
]


@pytest.mark.parametrize(("by", "solution", "gold", "expected"), BY)
def test_answer_match_by_text_number_or_mathematics(by, solution, gold, expected):
    assert value("answer-match", shaped(solution), gold, by=by) == expected


MATH_EQUAL = [
    ("any", "0.5", r"\frac12", 1.0),
    ("any", r"so \boxed{\frac{1}{2}}", "0.5", 1.0),
    ("any", "I don't know", "0.5", 0.0),
    ("any", r"definitely not \boxed{42}", "42", 0.0),
    ("any", "42 or 43", "43", 0.0),
    ("any", "2", " ", None),
    ("boxed", "the answer is 4", "4", 0.0),
    ("unsloth", shaped("4.0"), "4", 1.0),
    (("boxed", "hash"), "#### 4", "4", 1.0),
]


RESTATED = [("6*7", 0.0), ("(6 × 7)", 0.0), ("42", 1.0), ("84/2", 1.0), ("40 + 2", 1.0)]


@pytest.mark.parametrize(("answer", "expected"), RESTATED)
def test_the_questions_own_arithmetic_is_no_answer_but_other_arithmetic_is(answer, expected):
    sample = Sample(f"\\boxed{{{answer}}}", "What is 6 * 7?", {"answer": "42"})
    assert load("math-equal").score([sample])[0].value == expected


@pytest.mark.parametrize(("form", "completion", "gold", "expected"), MATH_EQUAL)
def test_math_equal_pays_one_nothing_or_abstains(form, completion, gold, expected):
    assert value("math-equal", completion, gold, format=form) == expected


def test_a_policy_decides_what_counts_as_equal():
    assert value("math-equal", "50%", "50") == 1.0
    assert value("math-equal", "50%", "50", policy={"percent": "written"}) == 0.0
    with pytest.raises(UnknownOptionError, match="'percent'"):
        load("math-equal", policy={"percnt": "written"})
    with pytest.raises(ConfigError, match="written"):
        load("math-equal", policy={"percent": "writen"})
    with pytest.raises(ConfigError, match="'boxed'"):
        load("math-equal", format="boxd")
