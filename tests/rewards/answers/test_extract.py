import pytest

from plaudit.answers import extract
from plaudit.answers.extract import FORMATS

FOUND = [
    ("reasoning <SOLUTION> 42 </SOLUTION>", "42", "solution"),
    ("<answer>7</answer> and <SOLUTION>42</SOLUTION>", "42", "solution"),
    ("<think>7</think><answer>42</answer>", "42", "answer-tag"),
    (r"so it is \boxed{\frac{1}{2}}.", r"\frac{1}{2}", "boxed"),
    (r"\boxed {7}", "7", "boxed"),
    (r"\boxed 7", "7", "boxed"),
    (r"so \fbox{7}", "7", "boxed"),
    (r"\boxed{\boxed{7}}", r"\boxed{7}", "boxed"),
    (r"first \boxed{wrong}, but in the end \boxed{42}", "42", "boxed"),
    (r"$\boxed{k = 45} \quad \text{and} \quad \boxed{n = 2}$", "k = 45 and n = 2", "boxed: several boxes side by side"),
    (r"\boxed{1}\boxed{2}", "1 and 2", "boxed: several boxes side by side"),
    ("2+2=4\n#### 4 ", "4", "hash"),
    ("#### 3\nno, wait\n#### 4", "4", "hash"),
    (r"\boxed{3} hm, no" + "\n#### 4", "4", "hash"),
    ("He has 18 apples. The answer is 18.", "18", "phrase"),
    ("Work.\nA: 2125", "2125", "phrase"),
    ("A: 5", "5", "phrase"),
    ("**Answer:** 10 - 2√5", "10 - 2√5", "phrase"),
    ("Answer: 41 was a wrong guess.\nAnswer: 42", "42", "phrase"),
    ("Final answer: 42", "42", "phrase: final answer"),
    ("Answer \\[\n 9 \n\\]", "9", "phrase"),
    (r"\boxed{3}. Final Answer: The final answer is $4$. I hope it is correct.", "$4$", "phrase: final answer"),
    ("The answer is 3.5. That is all.", "3.5", "phrase"),
    ("So I would go for option B.", "B", "choice"),
    ("0.5", "0.5", "bare"),
    (r"\frac12", r"\frac12", "bare"),
    ("The line is $x<5$ and we find that $x \\neq 3$.", r"x \neq 3", "last-math"),
    ("I am sure. The total is $1,234.", "$1,234", "last-number"),
    ("First compute 6*7.\n42", "42", "last-number"),
]


@pytest.mark.parametrize(("text", "answer", "how"), FOUND)
def test_any_finds_the_answer_by_its_ending(text, answer, how):
    found = extract(text)
    assert (found.status, found.text, found.how) == ("found", answer, how)
    if "several" not in how:
        start, end = found.span
        assert text[start:end].strip() == answer


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "I could not solve it, sorry, no luck.",
        r"\boxed{7",
        r"\boxed{\}",
        "\\boxed{" * 1000 + "7",
        "<think>\\boxed{7}",
        "<think> 7",
    ],
)
def test_no_answer_is_told_apart_from_a_wrong_one(text):
    found = extract(text)
    if found.text is not None:
        assert found.how == "bare"  # words alone are an answer in words, never a number
        assert not any(character.isdigit() for character in found.text)
    else:
        assert found.status == "none"


@pytest.mark.parametrize(
    "text",
    [
        r"It is definitely not \boxed{42}.",
        r"\boxed{42} is wrong",
        "It is definitely not 42",
        "Hard to say whether it is 42 or 43",
        "It surely isn't 42",
    ],
)
def test_an_answer_that_is_taken_back_is_ambiguous(text):
    assert extract(text).status == "ambiguous"
    assert extract(text).text is None


def test_reasoning_does_not_count():
    assert extract(r"<think>\boxed{7}</think> I give up, sorry").text != "7"
    assert extract("<start_working_out>so 7<end_working_out><SOLUTION>8</SOLUTION>").text == "8"


def test_only_the_named_ending_counts():
    text = "#### 3\n\\boxed{4}"
    assert extract(text, "hash").text == "3"
    assert extract(text, "boxed").text == "4"
    assert extract(text, ("solution", "hash")).text == "3"
    assert extract(text, "solution").status == "none"


def test_boxes_option():
    text = r"\boxed{1} and \boxed{2}"
    assert extract(text, boxes="last").text == "2"
    assert extract(text, boxes="refused").status == "ambiguous"


def test_unknown_ending_is_refused_with_the_nearest_name():
    with pytest.raises(ValueError, match="'boxed'"):
        extract("1", "boxes")


def test_only_the_last_characters_are_looked_at():
    assert extract("#### 7" + "x " * 100, "hash", last_characters=50).status == "none"
    found = extract("y" * 1000 + "\n#### 7", last_characters=100)
    assert found.span == (1006, 1007)


def test_a_box_longer_than_the_window_is_no_last_number():
    assert extract("\\boxed{" + "1," * 50_000 + "1}").status == "none"


@pytest.mark.parametrize("ending", sorted(FORMATS))
@pytest.mark.parametrize(
    "text",
    ["\ud800\x00", "\\boxed{" * 5000, "</SOLUTION>" * 5000, "####" * 5000, "answer" * 5000, "$" * 5001, "İ" * 50],
)
def test_every_ending_takes_every_text(ending, text):
    assert extract(text, ending).status in ("found", "none", "ambiguous")


def test_a_box_in_the_reasoning_hides_no_answer_behind_it():
    assert extract(r"<think>first I had \boxed{3}</think> 4").text == "4"
    long = r"<think>first I had \boxed{3}" + "." * 30_000
    assert extract(long + "</think> 4").text == "4"
    assert extract(long + " 4").status == "none"


def test_a_formula_that_is_called_wrong_is_no_answer():
    assert extract(r"After some thought we see that $42$ is wrong").status == "ambiguous"
