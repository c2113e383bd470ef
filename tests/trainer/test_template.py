"""Prompts and demonstrations: what the model is trained on begins with the very tokens that it generates from."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import plaudit
from plaudit_trainer import demo
from plaudit_trainer.config import Tiny
from plaudit_trainer.rows import Row
from plaudit_trainer.template import MARK, example, examples, prompt_text, prompt_tokens, template_for
from plaudit_trainer.tiny import build

pytestmark = pytest.mark.trainer

FORM = plaudit.as_format("unsloth")
CHATML = (
    "{% for m in messages %}{{ '<|im_start|>' + m['role'] + '\n' + m['content'] + '<|im_end|>\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)


@pytest.fixture(scope="module")
def tokenizer(tmp_path_factory: pytest.TempPathFactory) -> Any:
    from transformers import AutoTokenizer

    folder = tmp_path_factory.mktemp("tiny")
    build(Tiny(), FORM, demo.texts(FORM, demo.rows(FORM, "0", 200)), 128, 0, folder)
    return AutoTokenizer.from_pretrained(folder)


@settings(max_examples=50, deadline=None)
@given(question=st.text(max_size=40), answer=st.text(min_size=1, max_size=10), reasoning=st.text(max_size=40))
def test_example_begins_with_the_prompt_and_decodes_to_the_demonstration(
    tokenizer: Any, question: str, answer: str, reasoning: str
) -> None:
    row = Row(question, answer, reasoning)
    made = example(tokenizer, row, FORM, 10_000)
    assert made is not None
    prompt = prompt_tokens(tokenizer, row, FORM)
    assert made["input_ids"][: len(prompt)] == prompt
    assert made["labels"][: len(prompt)] == [-100] * len(prompt)
    assert made["labels"][len(prompt) :] == made["input_ids"][len(prompt) :]
    assert made["input_ids"][-1] == tokenizer.eos_token_id


def test_demonstration_survives_decoding_with_its_tags(tokenizer: Any) -> None:
    row = Row("Tom has 3 pens.", "4", "3 + 1 = 4")
    made = example(tokenizer, row, FORM, 10_000)
    assert made is not None
    written = [token for token, label in zip(made["input_ids"], made["labels"], strict=True) if label != -100]
    text = tokenizer.decode(written, skip_special_tokens=True)
    assert text == row.completion(FORM)
    assert FORM.parse(text).exact


def test_every_tag_is_one_token_and_none_special(tokenizer: Any) -> None:
    for tag in (FORM.prefill, *FORM.tags):
        (token,) = tokenizer(tag, add_special_tokens=False)["input_ids"]
        assert token not in tokenizer.all_special_ids


def test_base_model_gets_the_format_s_own_template() -> None:
    assert template_for(FORM, None, "auto") == FORM.chat_template
    assert template_for(FORM, CHATML, "format") == FORM.chat_template


def test_instruct_model_keeps_its_template_and_opens_the_working(tokenizer: Any) -> None:
    own = template_for(FORM, CHATML, "auto")
    assert template_for(FORM, own, "auto") == own
    before, tokenizer.chat_template = tokenizer.chat_template, own
    try:
        text = prompt_text(tokenizer, Row("2 + 2?", "4"), FORM)
    finally:
        tokenizer.chat_template = before
    assert text.startswith(f"<|im_start|>system\n{FORM.system_prompt}<|im_end|>")
    assert text.endswith("2 + 2?<|im_end|>\n<|im_start|>assistant\n<start_working_out>")


def test_known_template_is_marked_so_that_trl_does_not_cut_the_reasoning_out(tokenizer: Any) -> None:
    """TRL attaches a response parser to templates that it knows word for word; then rewards see no <think>."""
    own = template_for(plaudit.as_format("think"), CHATML, "auto")
    assert own != CHATML
    assert MARK in own


def test_example_that_does_not_fit_is_left_out_whole(tokenizer: Any) -> None:
    rows = [Row("a", "1"), Row("b " * 200, "1")]
    assert len(examples(tokenizer, rows, FORM, 64)) == 1
