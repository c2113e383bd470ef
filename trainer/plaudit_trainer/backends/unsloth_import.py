"""What Unsloth is told through the environment before it is imported; what the user has set stays."""

from __future__ import annotations

import importlib
import inspect
import os
import sys
import warnings
from importlib.util import find_spec
from typing import Any

from plaudit.errors import ConfigError

ROWS_COMPILED = 8
"""Rows of one forward pass in training: Unsloth compiles its loss unrolled over them."""
ROWS_UNROLLED = 64
"""Completions of a step up to which Unsloth compiles the log-probabilities of its old policy in reasonable time.

It unrolls them over all completions of a step, whatever the rows of a forward pass. Seen with unsloth_zoo 2026.10.6 on
one H100: 64 took half a minute, 128 were not done after 220 s.
"""
ROWS_UNROLLED_PADDED = 8
"""The same where rows are padded.

On an H200 32 (in 4 bit) were not done after two minutes, nor 64 after two and a half. Fewer were not tried; up to
one forward pass stays as it was.
"""

PADDED = {"UNSLOTH_DISABLE_AUTO_PADDING_FREE": "1", "UNSLOTH_GRPO_SEQ_PACKING": "0"}
"""Has Unsloth pad the rows of a forward pass instead of laying them end to end.

Without an attention kernel for packed rows it goes through them one by one in each layer (unsloth 2026.10.6,
`utils/attention_dispatch.py`), and the processor that starts these many small kernels is what the card then waits for.
"""
TOO_LATE = (
    "Unsloth was imported before its compiler could be switched off for {rows} completions a step: the first step of "
    "GRPO may take many minutes. Set UNSLOTH_COMPILE_DISABLE=1 before that, or leave the import to plaudit_trainer."
)


def import_first(rows: int = 0) -> Any:
    """Import Unsloth, which rewrites TRL, transformers and PEFT, and so must come before them.

    Where it has been imported already, what it was told stays: it has read it. If its compiler is on then and won't
    cope with so many completions, a warning says so.

    Args:
        rows: Completions of one step on this process; Unsloth's compiler is switched off if it doesn't cope with them.

    Raises:
        ConfigError: It can't be imported here, with its own reason.
    """
    if "unsloth" in sys.modules:
        if _unrolls_too_many(rows) and "UNSLOTH_COMPILE_DISABLE" not in os.environ:
            warnings.warn(TOO_LATE.format(rows=rows), RuntimeWarning, stacklevel=2)
        return sys.modules["unsloth"]
    os.environ.setdefault("UNSLOTH_DISABLE_STATISTICS", "1")
    if not has_packed_attention():
        for name, value in PADDED.items():
            os.environ.setdefault(name, value)
    if _unrolls_too_many(rows):
        os.environ.setdefault("UNSLOTH_COMPILE_DISABLE", "1")
    os.environ.setdefault("VLLM_USE_FLASHINFER_SAMPLER", "0")
    try:
        import unsloth
    except (ImportError, NotImplementedError, RuntimeError) as error:
        raise ConfigError(f"Unsloth can't be imported ({error}). Set backend=trl to train without it.") from error
    return unsloth


def _unrolls_too_many(rows: int) -> bool:
    return rows > (ROWS_UNROLLED_PADDED if pads() else ROWS_UNROLLED)


def has_packed_attention() -> bool:
    """Whether something is here, and loads, that computes attention over rows lying end to end in one call."""
    return any(_loads(module) for module in ("flash_attn.flash_attn_interface", "xformers._cpp_lib")) or _torch_packs()


def _loads(module: str) -> bool:
    """Whether a compiled package is usable: a wheel for another CUDA or torch is installed all the same."""
    if find_spec(module.partition(".")[0]) is None:
        return False
    try:
        loaded = importlib.import_module(module)
        if module == "xformers._cpp_lib":
            loaded._register_extensions()
    except Exception:  # noqa: BLE001 - whatever a broken build raises, Unsloth does without it and says so itself
        return False
    return True


def _torch_packs() -> bool:
    """Whether torch's own attention takes such rows as Unsloth asks for it: with windows, and grouped heads."""
    if os.environ.get("UNSLOTH_TORCH_VARLEN", "1").lower() in ("0", "false", "no", "off"):
        return False
    try:
        from torch.nn.attention.varlen import varlen_attn
    except ImportError:
        return False
    return {"window_size", "enable_gqa"} <= set(inspect.signature(varlen_attn).parameters)


def pads() -> bool:
    """Whether Unsloth pads the rows of GRPO's forward passes, by the variable that it reads."""
    return os.environ.get("UNSLOTH_GRPO_SEQ_PACKING", "1").lower() in ("0", "false", "no", "off")


def compiles() -> bool:
    """Whether Unsloth's compiler is on, by the variable that it reads."""
    return os.environ.get("UNSLOTH_COMPILE_DISABLE", "0") == "0"
