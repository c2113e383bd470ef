"""The end-of-turn tokens that some trainers leave on a completion when they decode it."""

from __future__ import annotations

END_TOKENS = (
    "<|im_end|>",
    "<|endoftext|>",
    "<|end_of_text|>",
    "<|eot_id|>",
    "<|eom_id|>",
    "<|end|>",
    "<|return|>",
    "<end_of_turn>",
    "<eos>",
    "</s>",
    "<｜end▁of▁sentence｜>",
    "<pad>",
    "<|pad|>",
    "[PAD]",
)
"""Those of Qwen, Llama 2 to 4, Gemma, Mistral, Phi, gpt-oss, SmolLM and DeepSeek, and the usual padding."""


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
