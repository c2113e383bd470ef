"""Formats and parsing: what counts as the exact shape, and what a model writes instead."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plaudit import ConfigError, Format, UnknownNameError, UnknownOptionError, as_format
from plaudit.formats import PRESETS

UNSLOTH = PRESETS["unsloth"]
GOOD = "2 + 2 is 4<end_working_out><SOLUTION>4</SOLUTION>"

EXACT = {
    "the shape itself": GOOD,
    "white space after it": GOOD + " \n\n",
    "one end token": GOOD + "<|im_end|>",
    "an end token and white space": GOOD + "\n<|endoftext|>\n",
    "white space between the parts": "so\n<end_working_out>\n<SOLUTION> 4 </SOLUTION>\n",
    "the prefilled tag written once more at the start": "<start_working_out>" + GOOD,
    "a solution block inside the reasoning": "maybe <SOLUTION>5</SOLUTION>? no" + GOOD,
    "no working at all": "<end_working_out><SOLUTION>4</SOLUTION>",
    "several lines inside the solution": "x<end_working_out><SOLUTION>4\n5</SOLUTION>",
}

NOT_EXACT = {
    "empty text": "",
    "a blank solution": "x<end_working_out><SOLUTION> \n </SOLUTION>",
    "text after the closing tag": GOOD + " and that is it",
    "text after the closing tag on a new line": GOOD + "\nand that is it",
    "two solution blocks": GOOD + "<SOLUTION>5</SOLUTION>",
    "a nested solution block": "x<end_working_out><SOLUTION><SOLUTION>4</SOLUTION></SOLUTION>",
    "the working never closed": "2 + 2 is 4 <SOLUTION>4</SOLUTION>",
    "the working closed twice": "x<end_working_out>" + GOOD,
    "the solution never closed": "x<end_working_out><SOLUTION>4",
    "the solution never opened": "x<end_working_out>4</SOLUTION>",
    "text between working and solution": "x<end_working_out>so <SOLUTION>4</SOLUTION>",
    "the parts swapped": "<SOLUTION>4</SOLUTION>x<end_working_out>",
    "a tag in upper case": "x<END_WORKING_OUT><SOLUTION>4</SOLUTION>",
    "two end tokens": GOOD + "<|im_end|><|im_end|>",
    "the working opened in the middle": "sure! <start_working_out>" + GOOD,
    "the working opened inside the solution": "x<end_working_out><SOLUTION><start_working_out>4</SOLUTION>",
}


@pytest.mark.parametrize("text", EXACT.values(), ids=EXACT)
def test_exact_shape_is_recognised(text):
    parsed = UNSLOTH.parse(text)
    assert (parsed.exact, parsed.problem) == (True, "")
    assert parsed.solution is not None
    assert parsed.solution.split()[0] == "4"


@pytest.mark.parametrize("text", NOT_EXACT.values(), ids=NOT_EXACT)
def test_other_shapes_say_what_is_wrong(text):
    parsed = UNSLOTH.parse(text)
    assert not parsed.exact
    assert parsed.problem


SOLUTIONS = [
    ("unsloth", "x<end_working_out><SOLUTION>4</SOLUTION> bye", "4"),
    ("unsloth", "<SOLUTION>5</SOLUTION> hm <end_working_out><SOLUTION>4</SOLUTION>", "4"),
    ("unsloth", "no working <SOLUTION>4</SOLUTION>", "4"),
    ("unsloth", "x<end_working_out><SOLUTION>4", "4"),
    ("unsloth", "x<end_working_out><SOLUTION>4</SOLUTION><SOLUTION>5</SOLUTION>", None),
    ("unsloth", "<SOLUTION>4</SOLUTION> then nothing<end_working_out>", None),
    ("think", "<think>2 + 2</think>\n4\n", "4"),
    ("think", "4", "4"),
    ("r1", "<think>x</think> <answer>4</answer>", "4"),
    ("boxed", r"so \boxed{\frac{1}{2}}.", r"\frac{1}{2}"),
    ("boxed", r"\boxed{4} or \boxed{5}", None),
    ("boxed", r"\boxed{4", None),
    ("gsm8k", "2 + 2\n#### 4", "4"),
    ("gsm8k", "2 + 2\n####\t1,234\n", "1,234"),
    ("plain", " 4 ", "4"),
]


@pytest.mark.parametrize(("form", "text", "solution"), SOLUTIONS)
def test_solution_is_the_one_after_the_working(form, text, solution):
    parsed = as_format(form).parse(text)
    assert parsed.solution == solution
    if solution is not None:
        start, end = parsed.span
        assert text[start:end] == solution


@given(form=st.sampled_from(sorted(PRESETS)), text=st.text())
def test_parsing_never_raises_and_spans_are_true(form, text):
    parsed = PRESETS[form].parse(text)
    assert parsed.exact == (parsed.problem == "")
    assert (parsed.solution is None) == (parsed.span is None)
    if parsed.span is not None:
        assert text[slice(*parsed.span)] == parsed.solution


TAG_SOUP = st.lists(st.sampled_from([*UNSLOTH.tags, UNSLOTH.reasoning_open, "4", " ", "\n", "<", "|im_end|>"])).map(
    "".join
)


@given(TAG_SOUP)
def test_exact_shape_has_each_part_once_and_nothing_after_it(text):
    parsed = UNSLOTH.parse(text)
    if parsed.exact:
        tail = text[text.index("<end_working_out>") :]
        assert text.count("<end_working_out>") == 1
        assert [tail.count(tag) for tag in UNSLOTH.tags] == [1, 1, 1]
        assert tail.rstrip().removesuffix("<|im_end|>").rstrip().endswith("</SOLUTION>")


PLAIN = st.text(st.characters(exclude_characters="<>{}\\#|", exclude_categories=["Cs", "Cc", "Zl", "Zp"]), min_size=1)


@given(form=st.sampled_from(sorted(PRESETS)), solution=PLAIN.filter(str.strip), reasoning=PLAIN)
def test_what_a_format_renders_it_reads_back(form, solution, reasoning):
    parsed = PRESETS[form].parse(PRESETS[form].render(solution.strip(), reasoning if form != "plain" else ""))
    assert parsed.exact, parsed.problem
    assert parsed.solution == solution.strip()


@pytest.mark.parametrize(
    "flood", ["<SOLUTION>", "</SOLUTION>", "<end_working_out>", r"\boxed{", "{", "\n", "<|im_end|>"]
)
@pytest.mark.parametrize("form", ["unsloth", "boxed", "r1", "gsm8k"])
def test_a_megabyte_of_marks_takes_no_more_than_a_linear_scan(form, flood):
    text = flood * (1_000_000 // len(flood))
    started = time.process_time()
    PRESETS[form].parse(text)
    # the bound is 50 ms; the slack is for a busy machine, a quadratic scan takes minutes
    assert time.process_time() - started < 0.5


def test_a_template_puts_the_opening_tag_into_the_models_mouth():
    from jinja2 import Environment

    template = Environment().from_string(UNSLOTH.chat_template)
    turns = [{"role": "user", "content": "2 + 2?"}]
    asked = template.render(messages=turns, eos_token="<eos>", add_generation_prompt=True)
    assert asked == f"{UNSLOTH.system_prompt}<eos>2 + 2?<start_working_out>"
    answered = [*turns, {"role": "assistant", "content": UNSLOTH.prefill + UNSLOTH.render("4", "2 + 2")}]
    whole = template.render(messages=answered, eos_token="<eos>", add_generation_prompt=False)
    assert whole.startswith(asked)
    assert whole.endswith("</SOLUTION><eos>")


BAD_FORMATS = [
    ("unslot", UnknownNameError, "unsloth"),
    ({"preset": "unsloth", "solution_opn": "<A>"}, UnknownOptionError, "solution_open"),
    ({"name": "x", "reasoning_open": "<a>"}, ConfigError, "both reasoning tags"),
    ({"name": "x", "solution_close": "</a>"}, ConfigError, "never opens"),
    (5, ConfigError, "a mapping"),
    ({"solution_open": "<a>"}, ConfigError, "needs a `name`"),
    ({"name": "x", "solution_open": 5}, ConfigError, "a text"),
    ({"preset": "unsloth", "end_tokens": "abc"}, ConfigError, "end_tokens"),
    ({"name": "x", "prefilled": True}, ConfigError, "prefill"),
    ({"name": "x", "solution_open": "<a>", "solution_close": "<a>"}, ConfigError, "two purposes"),
]


@pytest.mark.parametrize(("value", "error", "hint"), BAD_FORMATS)
def test_a_wrong_format_is_refused_with_the_way_out(value, error, hint):
    with pytest.raises(error, match=hint):
        as_format(value)


def test_a_format_round_trips_through_plain_data():
    changed = as_format({"preset": "r1", "solution_open": "<A>", "solution_close": "</A>", "end_tokens": ["<end>"]})
    assert as_format(changed.to_dict()) == changed
    assert isinstance(changed, Format)
