"""LLaMA-Factory: where the response begins in the texts that its PPO stage sends (`reward_model_type: api`).

Written against LLaMA-Factory 0.9.5 (`get_rewards_from_server`), whose texts are prompt and response with special
tokens; `plaudit serve` answers it.
"""

from __future__ import annotations

from plaudit.adapters.end_tokens import without_end_tokens

RESPONSE_STARTS = ("<|im_start|>assistant\n", "<|start_header_id|>assistant<|end_header_id|>\n\n", "[/INST]",
                   "<start_of_turn>model\n", "<｜Assistant｜>", "Assistant:")  # fmt: skip
"""What precedes the response in the usual chat templates: Qwen, Llama, Mistral, Gemma, DeepSeek, and the plain one."""


def response_of(text: str, starts: tuple[str, ...] = RESPONSE_STARTS) -> str | None:
    r"""Return the last response of a text that holds a whole conversation; None where none begins in it.

    >>> response_of("<|im_start|>user\n2+2?<|im_end|>\n<|im_start|>assistant\n4<|im_end|>\n")
    '4'
    """
    ends = [text.rfind(start) + len(start) for start in starts if start in text]
    return without_end_tokens(text[max(ends) :]) if ends else None
