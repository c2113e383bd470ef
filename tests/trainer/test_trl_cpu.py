"""The loss that TRL 1.15 lacks on a CPU is the one that TRL 1.16 has there."""

from __future__ import annotations

from typing import Any

import pytest

torch = pytest.importorskip("torch", reason="the trainer's tests need the extra `trainer`")
kernels = pytest.importorskip("trl.kernels", reason="TRL 1.15's kernels need Triton", exc_type=ImportError)

pytestmark = pytest.mark.trainer

OUTPUTS = ("entropy", "log_sum_sq_probs", "mean_logits", "is_top1")
CASES: list[dict[str, Any]] = [
    {},
    {"temperature": 0.5, "bias": True},
    {"temperature": 2.0, "softcap": 3.0, "scale": 0.7},
    {"outputs": ("is_top1",)},
    {"rows": 0},
]


def outcome(
    function: Any,
    rows: int = 6,
    bias: bool = False,
    temperature: float = 1.0,
    softcap: float | None = None,
    scale: float = 1.0,
    outputs: tuple[str, ...] = OUTPUTS,
) -> tuple[list[Any], list[Any]]:
    """What the function returns for random tensors, and the gradients of its two differentiable values."""
    torch.manual_seed(0)
    inputs = [torch.randn(rows, 8), torch.randn(11, 8), torch.randn(11)]
    hidden, weight, offset = (tensor.requires_grad_() for tensor in inputs)
    targets = torch.randint(0, 11, (rows,))
    values = function.apply(hidden, weight, offset if bias else None, targets, temperature, 4, softcap, scale, outputs)
    total = values[0].sum() + (values[1] ** 2).sum() if "entropy" in outputs else values[0].sum()
    total.backward()
    return list(values), [tensor.grad for tensor in (hidden, weight, offset)]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_values_and_gradients_are_those_of_the_later_trl(case: dict[str, Any]) -> None:
    from plaudit_trainer.backends.trl_cpu import LogProbabilities

    expected, found = outcome(kernels.ChunkedLogProbFunction, **case), outcome(LogProbabilities, **case)
    torch.testing.assert_close(found[0], expected[0])
    torch.testing.assert_close(found[1], expected[1])


def test_a_trl_that_has_a_loss_keeps_it(monkeypatch: pytest.MonkeyPatch) -> None:
    import trl
    from trl.trainer import utils

    from plaudit_trainer.backends.trl_cpu import give_trl_a_loss

    own = utils._ChunkedLogProbFunction
    monkeypatch.setattr(trl, "__version__", "1.16.0")
    give_trl_a_loss()
    assert utils._ChunkedLogProbFunction is own
