"""vLLM's CPU build, made fit for training: its weights can be replaced while it runs."""

from __future__ import annotations

from typing import Any


def keep_weights_replaceable() -> None:
    """Have the engines that vLLM builds from now on multiply with the weights that they hold; call it on a CPU only.

    On processors with AVX-512, vLLM (seen in 0.32.0) packs each weight for a faster product as it loads the model. It
    drops most originals, so that a trainer's new weights find no place (AttributeError: `weight_loader`), and keeps the
    output layer's: that one takes new weights and goes on to multiply with the old ones.
    """
    from vllm.model_executor.layers import utils

    utils.dispatch_cpu_unquantized_gemm = _multiply_with_what_is_there


def _multiply_with_what_is_there(layer: Any, remove_weight: bool) -> None:  # noqa: ARG001 - vLLM's signature
    import torch

    layer.cpu_linear = torch.nn.functional.linear
