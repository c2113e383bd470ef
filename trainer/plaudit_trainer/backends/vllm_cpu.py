"""vLLM's CPU build, made fit for training: its weights can be replaced while it runs."""

from __future__ import annotations

from typing import Any

from plaudit.errors import ConfigError


def check_heads(config: Any) -> None:
    """Refuse a model whose attention vLLM has no kernel for on a CPU; vLLM itself would fail at its first token.

    Args:
        config: The model's transformers configuration.

    Raises:
        ConfigError: It names the sizes that vLLM takes.
    """
    from vllm.v1.attention.backends.cpu_attn import CPUAttentionBackend

    size = getattr(config, "head_dim", None) or config.hidden_size // config.num_attention_heads
    sizes = CPUAttentionBackend.get_supported_head_sizes()
    if size not in sizes:
        raise ConfigError(
            f"use_vllm=true, but on a CPU vLLM takes attention heads of {', '.join(map(str, sizes))} units, and this "
            f"model's have {size}: set use_vllm=false, or take another model (a tiny one: fewer model.tiny.heads)."
        )


def keep_weights_replaceable() -> None:
    """Have the engines that vLLM builds from now on multiply with the weights that they hold; call it on a CPU only.

    vLLM (seen in 0.32.0 on a processor with AVX-512) packs each weight for a faster product as it loads the model. It
    drops most originals, so that a trainer's new weights find no place (AttributeError: `weight_loader`), and keeps the
    output layer's: that one takes new weights and goes on to multiply with the old ones.
    """
    from vllm.model_executor.layers import utils

    utils.dispatch_cpu_unquantized_gemm = _multiply_with_what_is_there


def _multiply_with_what_is_there(layer: Any, remove_weight: bool) -> None:  # noqa: ARG001 - vLLM's signature
    import torch

    layer.cpu_linear = torch.nn.functional.linear
