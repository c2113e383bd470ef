"""The end-of-turn tokens that some trainers leave on a completion when they decode it."""

from __future__ import annotations

from plaudit import formats

END_TOKENS = (
    *formats.END_TOKENS,
    "<|end_of_text|>",
    "<|eom_id|>",
    "<|return|>",
    "<｜end▁of▁sentence｜>",
    "<pad>",
    "<|pad|>",
    "[PAD]",
)
"""Those that a format allows, those of Llama 3, gpt-oss and DeepSeek, and the usual padding."""


def without_end_tokens(text: str) -> str:
    r"""Return a completion without the end-of-turn tokens at its end; any other text stays as it is.

    >>> without_end_tokens("4<|im_end|>\n<|endoftext|>"), without_end_tokens("4 </s> 5 ")
    ('4', '4 </s> 5 ')
    """
    kept = text
    while True:
        bare = kept.rstrip()
        token = next((token for token in END_TOKENS if bare.endswith(token)), None)
        if token is None:
            return kept
        kept = bare[: -len(token)]
