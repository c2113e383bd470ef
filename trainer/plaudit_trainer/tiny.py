"""A Qwen3 of about 110,000 parameters with its own tokeniser, made on the spot: no download, and fast on a CPU."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from plaudit.formats import Format
    from plaudit_trainer.config import Tiny

PAD, END, UNKNOWN = "<pad>", "<eos>", "<unk>"


def build(tiny: Tiny, form: Format, texts: Iterable[str], max_length: int, seed: int, folder: Path) -> None:
    """Build model and tokeniser and save both to a folder.

    Args:
        tiny: The sizes.
        form: The format, whose tags become tokens of their own.
        texts: What the tokeniser is trained on.
        max_length: The greatest number of tokens in prompt and completion.
        seed: Of the random weights.
        folder: Where to.
    """
    tokenizer = _tokenizer(tiny, form, texts)
    tokenizer.save_pretrained(folder)
    _model(tiny, tokenizer, max_length, seed).save_pretrained(folder)


@contextmanager
def one_thread() -> Iterator[None]:
    """Have torch compute in one thread meanwhile, whatever the sizes, unless `OMP_NUM_THREADS` says how many.

    For the demo's model two threads are no faster, and slower beside another busy process: each waits for the other
    many times a step.
    """
    import torch

    before = torch.get_num_threads()
    if "OMP_NUM_THREADS" not in os.environ:
        torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def _tokenizer(tiny: Tiny, form: Format, texts: Iterable[str]) -> Any:
    """Byte-pair encoding with single digits; tags are ordinary added tokens, since special ones vanish in decoding."""
    from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    coder = Tokenizer(models.BPE(unk_token=UNKNOWN))
    coder.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)]
    )
    coder.decoder = decoders.ByteLevel()
    marks = [mark for mark in (form.prefill, *form.tags) if mark]
    plain = (_without(text, marks) for text in texts)
    specials = [PAD, END, UNKNOWN]
    coder.train_from_iterator(
        plain, trainers.BpeTrainer(vocab_size=tiny.vocabulary, special_tokens=specials, show_progress=False)
    )
    coder.add_tokens([AddedToken(mark, special=False, normalized=False) for mark in marks])
    return PreTrainedTokenizerFast(
        tokenizer_object=coder,
        pad_token=PAD,
        eos_token=END,
        unk_token=UNKNOWN,
        padding_side="left",
        chat_template=form.chat_template,
    )


def _without(text: str, marks: list[str]) -> str:
    for mark in marks:
        text = text.replace(mark, " ")
    return text


def _model(tiny: Tiny, tokenizer: Any, max_length: int, seed: int) -> Any:
    import torch
    from transformers import Qwen3Config, Qwen3ForCausalLM, set_seed

    set_seed(seed)
    config = Qwen3Config(
        vocab_size=-(-len(tokenizer) // tiny.pad_embedding) * tiny.pad_embedding,
        hidden_size=tiny.hidden,
        intermediate_size=tiny.hidden * 3,
        num_hidden_layers=tiny.layers,
        num_attention_heads=tiny.heads,
        num_key_value_heads=tiny.key_value_heads,
        head_dim=tiny.hidden // tiny.heads,
        max_position_embeddings=max_length,
        tie_word_embeddings=True,
        pad_token_id=tokenizer.pad_token_id,
        eos_token_id=tokenizer.eos_token_id,
        bos_token_id=None,
        dtype=torch.float32,
    )
    model = Qwen3ForCausalLM(config)
    model.generation_config.pad_token_id = tokenizer.pad_token_id
    model.generation_config.eos_token_id = tokenizer.eos_token_id
    return model
