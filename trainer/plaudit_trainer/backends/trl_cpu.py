"""TRL 1.15 on a CPU: its trainers compute their loss in Triton, which needs a GPU; TRL 1.16 has another way."""

from __future__ import annotations

from typing import Any


def give_trl_a_loss() -> None:
    """Have TRL 1.15 compute log-probabilities with plain torch, on a CPU; other versions stay as they are."""
    import trl
    from packaging.version import Version

    if Version(trl.__version__).release[:2] == (1, 15):
        from trl.trainer import utils

        utils._ChunkedLogProbFunction = LogProbabilities


class LogProbabilities:
    """Stands where TRL 1.15.0 has `trl.kernels.ChunkedLogProbFunction`, called as that is; torch finds the gradients.

    It holds the logits of all targets at once: rows times vocabulary, in float32.
    """

    @staticmethod
    def apply(
        hidden: Any,
        weight: Any,
        bias: Any,
        targets: Any,
        temperature: float,
        chunk_size: int,  # noqa: ARG004 - TRL's signature
        softcap: float | None = None,
        scale: float = 1.0,
        outputs: tuple[str, ...] = ("entropy", "log_sum_sq_probs", "mean_logits", "is_top1"),
    ) -> tuple[Any, Any, Any, Any, Any]:
        """Return each target's log-probability, then what `outputs` names, with None for the rest.

        Args:
            hidden: What the output layer reads, (rows, hidden).
            weight: The output layer, (vocabulary, hidden).
            bias: Its bias, (vocabulary,), or None.
            targets: The tokens to rate, (rows,).
            temperature: What the logits are divided by.
            chunk_size: Of no use here.
            softcap: Logits are squeezed into ± this, before the temperature.
            scale: What the logits are multiplied by first.
            outputs: What else to return.

        >>> import torch
        >>> hidden, weight = torch.zeros(1, 2), torch.zeros(4, 2)
        >>> found = LogProbabilities.apply(hidden, weight, None, torch.tensor([3]), 1.0, 0, outputs=("entropy",))
        >>> [None if one is None else round(one.item(), 4) for one in found]
        [-1.3863, 1.3863, None, None, None]
        """
        import torch

        logits = torch.nn.functional.linear(hidden, weight, bias).float() * scale
        if softcap is not None:
            logits = softcap * torch.tanh(logits / softcap)
        logits = logits / temperature
        logs = logits.log_softmax(-1)
        entropy = -(logs.exp() * logs).sum(-1) if "entropy" in outputs else None
        with torch.no_grad():
            squares = torch.logsumexp(2 * logs, -1) if "log_sum_sq_probs" in outputs else None
            mean = logits.mean(-1) if "mean_logits" in outputs else None
            first = logits.argmax(-1) == targets if "is_top1" in outputs else None
        return logs.gather(-1, targets[:, None])[:, 0], entropy, squares, mean, first
