"""Backends: who holds the model. `trl` runs anywhere, `unsloth` on a CUDA card with vLLM inside; one interface."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Literal, Protocol

from plaudit.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path

    from plaudit_trainer.config import TrainConfig
    from plaudit_trainer.runs import RunFolder


Moment = Literal["load", "sft", "grpo"]


@dataclass(frozen=True)
class Sampling:
    """How to generate: greedily where `temperature` is None, else from the full distribution at that temperature."""

    max_tokens: int
    seed: int
    samples: int = 1
    temperature: float | None = None


@dataclass(frozen=True)
class Generation:
    """One completion; `truncated` where the model had not ended when its tokens ran out."""

    text: str
    truncated: bool


class Backend(Protocol):
    """What a training run needs from whoever holds the model."""

    name: str
    device: str
    use_vllm: bool
    is_main: bool
    rows_per_pass: int | None
    model: Any
    tokenizer: Any

    def load(self, start: str, folder: RunFolder, after: str | None) -> None:
        """Load the model at `start` as it was when the stage `after` had ended (None: untrained)."""
        ...

    def why_slow(self, moment: Moment) -> str:
        """Say why loading, or a stage's first step, takes long here; empty where nothing is to be said."""
        ...

    def generate(self, prompts: Sequence[Sequence[int]], sampling: Sampling) -> list[list[Generation]]:
        """Complete tokenised prompts; `sampling.samples` completions each."""
        ...

    def prepare_grpo(self, folder: RunFolder) -> None:
        """Make the model ready for reinforcement: insert adapters that were to wait until now."""
        ...

    def trainers(self) -> Trainers:
        """Return the trainer and config classes of TRL, as this backend has them."""
        ...

    def sft_settings(self) -> dict[str, Any]:
        """Settings of both trainers that only the backend knows: device, precision."""
        ...

    def grpo_settings(self) -> dict[str, Any]:
        """The same for GRPO: vLLM and its memory too."""
        ...

    def save(self, folder: Path) -> None:
        """Save what is trained: the adapter where there is one, else all weights; the tokeniser with it."""
        ...

    def save_merged(self, folder: Path) -> None:
        """Save a model that needs no adapter; the backend's own model may be used up by it."""
        ...


@dataclass(frozen=True)
class Trainers:
    """TRL's classes."""

    sft: Any
    sft_config: Any
    grpo: Any
    grpo_config: Any


def choose(config: TrainConfig) -> str:
    """Return the backend's name: Unsloth where it is installed beside a CUDA device, TRL elsewhere.

    Raises:
        ConfigError: Unsloth or vLLM was asked for and is not installed, or can't do what the settings ask.
    """
    wanted = config.backend
    _check_vllm(config)
    if wanted == "auto":
        fits = not _late_lora(config) and config.model.lora is not None
        wanted = "unsloth" if fits and _cuda() and find_spec("unsloth") else "trl"
    if wanted == "trl" and config.vllm_extra:
        raise ConfigError("vllm_extra is for backend=unsloth: TRL builds its own engine and hands nothing on to it.")
    if wanted == "unsloth":
        if find_spec("unsloth") is None:
            raise ConfigError("backend=unsloth, but Unsloth is not installed: pip install unsloth, or set backend=trl.")
        if _late_lora(config):
            raise ConfigError(
                "backend=unsloth inserts LoRA when it loads the model, so model.lora.from_stage=grpo can't be had: "
                "set model.lora.from_stage=sft, or backend=trl."
            )
    return wanted


def make(config: TrainConfig) -> Backend:
    """Return the chosen backend; nothing is loaded yet."""
    if choose(config) == "unsloth":
        from plaudit_trainer.backends.unsloth import UnslothBackend

        return UnslothBackend(config)
    from plaudit_trainer.backends.trl import TrlBackend

    return TrlBackend(config)


def vllm_wanted(config: TrainConfig, device: str) -> bool:
    """Whether vLLM generates: as set; on `auto`, where it is installed beside a CUDA device."""
    if config.use_vllm == "auto":
        return device == "cuda" and find_spec("vllm") is not None
    return config.use_vllm


def _check_vllm(config: TrainConfig) -> None:
    if config.use_vllm is True and find_spec("vllm") is None:
        raise ConfigError("use_vllm=true, but vLLM is not installed: pip install vllm, or set use_vllm=auto.")


def _late_lora(config: TrainConfig) -> bool:
    return config.model.lora is not None and config.model.lora.from_stage == "grpo"


def _cuda() -> bool:
    import torch

    return bool(torch.cuda.is_available())
