"""The chat template: ours for base models, a model's own (with our prefill) for instruct models."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plaudit.formats import Format
    from plaudit_trainer.rows import Row

MARK = "{#- prefill by plaudit -#}"


def template_for(form: Format, own: str | None, choice: str) -> str:
    """Return the chat template to train with.

    A model's own template gets the format's prefill behind its generation prompt. It is marked even where there is
    nothing to prefill: TRL recognises the templates of some model families word for word and then cuts the reasoning
    out of what the rewards are shown.

    Args:
        form: The format.
        own: The tokeniser's template, if it has one.
        choice: `own`, `format`, or `auto`: own where there is one.

    >>> from plaudit import as_format
    >>> template_for(as_format("unsloth"), "T", "auto").partition("-#}")[2]
    '{%- if add_generation_prompt -%}{{ "<start_working_out>" }}{%- endif -%}'
    """
    import json

    if choice == "format" or not own:
        return form.chat_template
    if MARK in own:
        return own
    prefill = json.dumps(form.prefill, ensure_ascii=False)
    tail = "{%- if add_generation_prompt -%}{{ " + prefill + " }}{%- endif -%}" if form.prefill else ""
    return own + MARK + tail


def prompt_text(tokenizer: Any, row: Row, form: Format) -> str:
    """Render a row's prompt, up to where the model begins to write."""
    return str(tokenizer.apply_chat_template(row.messages(form), tokenize=False, add_generation_prompt=True))


def prompt_tokens(tokenizer: Any, row: Row, form: Format) -> list[int]:
    """Return the tokens of a row's prompt; the template has written every special token already."""
    return list(tokenizer(prompt_text(tokenizer, row, form), add_special_tokens=False)["input_ids"])


def example(tokenizer: Any, row: Row, form: Format, max_length: int) -> dict[str, list[int]] | None:
    """Return a supervised example as tokens and labels (-100 on the prompt); None where it is too long to keep whole.

    Prompt and completion are tokenised apart, so that the prompt's tokens are the very ones that generation starts
    from.
    """
    prompt = prompt_tokens(tokenizer, row, form)
    ending = tokenizer.eos_token or ""
    completion = list(tokenizer(row.completion(form) + ending, add_special_tokens=False)["input_ids"])
    if len(prompt) + len(completion) > max_length:
        return None
    return {"input_ids": prompt + completion, "labels": [-100] * len(prompt) + completion}


def examples(tokenizer: Any, rows: Sequence[Row], form: Format, max_length: int) -> list[dict[str, list[int]]]:
    """Return the supervised examples of all rows that fit into `max_length` tokens."""
    made = (example(tokenizer, row, form, max_length) for row in rows)
    return [item for item in made if item is not None]
