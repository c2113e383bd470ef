"""Unsloth: lean LoRA training, with vLLM inside the model on a CUDA card; transformers generates on its CPU backend."""

from __future__ import annotations

import inspect
import os
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from plaudit.errors import ConfigError, nearest
from plaudit_trainer.backends import Generation, Moment, Sampling, Trainers, vllm_wanted
from plaudit_trainer.backends.trl import ROWS_PER_PASS, generate, load_adapter
from plaudit_trainer.backends.unsloth_import import ROWS_COMPILED, compiles, import_first
from plaudit_trainer.generators import generate_fast, sequences_of
from plaudit_trainer.stages import processes

if TYPE_CHECKING:
    from plaudit_trainer.config import TrainConfig
    from plaudit_trainer.runs import RunFolder


MOST_SEQUENCES = 512
"""Completions that vLLM is asked to write at the same time.

Left to itself, Unsloth chooses by the memory that vLLM may hold and not by the model: 48 with 9 GB on one H100, where a
model of 135 million parameters has room for a thousand (unsloth_zoo 2026.10.6).
"""


def rows_of(config: TrainConfig) -> int:
    """How many completions one process has in one GRPO step."""
    return config.grpo.prompts_per_step * config.grpo.generations // processes()


def sequences(rows: int, asked: int | None = None) -> int:
    """How many completions vLLM is to write at the same time: as asked, or all of a step, up to `MOST_SEQUENCES`.

    >>> sequences(64), sequences(256), sequences(5000), sequences(64, asked=256)
    (64, 255, 512, 255)
    """
    wanted = asked or min(rows, MOST_SEQUENCES)
    return 255 if wanted == 256 else wanted  # Unsloth takes 256, vLLM's default, for "not set"


class UnslothBackend:
    """Holds a FastLanguageModel with LoRA."""

    name = "unsloth"

    def __init__(self, config: TrainConfig) -> None:
        import_first(rows_of(config))
        import torch

        self.config = config
        self.device = "cuda" if torch.cuda.is_available() else "cpu"
        self.use_vllm = vllm_wanted(config, self.device) and self.device == "cuda"
        self.is_main = os.environ.get("RANK", "0") == "0"
        self.rows_per_pass = None if self.device == "cpu" else ROWS_COMPILED if compiles() else ROWS_PER_PASS
        self.model: Any = None
        self.tokenizer: Any = None

    def load(self, start: str, folder: RunFolder, after: str | None) -> None:
        """Load base weights (into vLLM too), insert LoRA, and put trained adapter weights in.

        Raises:
            ConfigError: The model can't be loaded, or Unsloth would train it on the wrong numbers.
        """
        if self.device == "cuda" and self.config.grpo.steps:
            refuse_square_head(str(start))
        from unsloth import FastLanguageModel

        lora, model = self.config.model.lora, self.config.model
        whole = folder.final(after) if after and lora is None else None
        options: dict[str, Any] = {"full_finetuning": lora is None, "load_in_4bit": model.load_in_4bit}
        if self.use_vllm and lora is not None:
            options |= {
                "fast_inference": True,
                "max_lora_rank": lora.rank,
                "gpu_memory_utilization": self.config.vllm_memory,
                **_engine_settings(self.config.vllm_extra | {"max_num_seqs": self._sequences()}),
            }
        try:
            self.model, self.tokenizer = FastLanguageModel.from_pretrained(
                model_name=str(whole or start), max_seq_length=model.max_length, dtype=self._dtype(), **options
            )
        except (OSError, ValueError) as error:
            raise ConfigError(f"Unsloth can't load the model {start!r}: {str(error)[:300]}") from error
        self.tokenizer.padding_side = "left"
        if lora is not None:
            self._insert_lora()
            if after is not None:
                load_adapter(self.model, folder.final(after))

    def prepare_grpo(self, folder: RunFolder) -> None:
        """Nothing to do: LoRA is there from the start."""

    def why_slow(self, moment: Moment) -> str:
        """What is done once per process: vLLM's start as the model is loaded, compilation in a stage's first step."""
        if moment == "load":
            return "still loading: vLLM starts its engine and records CUDA graphs, once per process" * self.use_vllm
        if self.device == "cpu" or not compiles():
            return ""
        return "still in the first step: Unsloth compiles, once per process; the next steps are short"

    def generate(self, prompts: Sequence[Sequence[int]], sampling: Sampling) -> list[list[Generation]]:
        """Complete prompts with vLLM and the adapter as it is now; without vLLM, with transformers."""
        if not self.use_vllm:
            from unsloth import FastLanguageModel

            FastLanguageModel.for_inference(self.model)
            made = generate(self.model, self.tokenizer, prompts, sampling)
            FastLanguageModel.for_training(self.model)
            return made
        return self._generate_fast(prompts, sampling)

    def trainers(self) -> Trainers:
        """TRL's classes as Unsloth has rewritten them."""
        from trl import GRPOConfig, GRPOTrainer, SFTConfig, SFTTrainer

        return Trainers(SFTTrainer, SFTConfig, GRPOTrainer, GRPOConfig)

    def sft_settings(self) -> dict[str, Any]:
        """Device and precision; Unsloth does its own checkpointing."""
        import torch

        on_cpu = self.device == "cpu"
        half = not on_cpu and torch.cuda.is_bf16_supported()
        settings = {
            "use_cpu": on_cpu,
            "bf16": half,
            "fp16": not on_cpu and not half,
            "dataloader_pin_memory": not on_cpu,
        }
        if self.config.model.gradient_checkpointing is False:  # the configs' own default is True, and would win
            settings |= {"gradient_checkpointing": False, "activation_checkpointing": False}
        return settings

    def grpo_settings(self) -> dict[str, Any]:
        """Device, precision, vLLM, and few rows to a compiled loss."""
        settings = self.sft_settings() | {"unsloth_logit_chunk_multiplier": 1}
        if self.config.grpo.loss == "dr_grpo" and self.config.grpo.scale_rewards == "group":
            settings["scale_rewards"] = None  # with this loss Unsloth turns "group" off, and None into "group"
        if self.use_vllm:
            settings |= {"use_vllm": True} | ({"top_k": -1} if self.config.grpo.top_k == 0 else {})  # vLLM's "no limit"
        return settings

    def save(self, folder: Path) -> None:
        """Save the adapter, or all weights."""
        self.model.save_pretrained(folder)
        self.tokenizer.save_pretrained(folder)

    def save_merged(self, folder: Path) -> None:
        """Merge the adapter into 16-bit weights and save them."""
        if self.config.model.lora is None:
            self.save(folder)
        else:
            self.model.save_pretrained_merged(str(folder), self.tokenizer, save_method="merged_16bit")

    def _generate_fast(self, prompts: Sequence[Sequence[int]], sampling: Sampling) -> list[list[Generation]]:
        scratch = Path(tempfile.mkdtemp(prefix="plaudit-lora-"))
        try:
            self.model.save_lora(str(scratch))
            adapter = self.model.load_lora(str(scratch))
            generate = partial(self.model.fast_generate, lora_request=adapter, use_tqdm=False)
            return generate_fast(generate, prompts, sampling, sequences_of(self.model.vllm_engine))
        finally:
            shutil.rmtree(scratch, ignore_errors=True)

    def _sequences(self) -> int:
        """How many completions the engine is to write at the same time."""
        return sequences(rows_of(self.config), self.config.vllm_extra.get("max_num_seqs"))

    def _insert_lora(self) -> None:
        from unsloth import FastLanguageModel

        lora = self.config.model.lora
        if lora is None:
            return
        self.model = FastLanguageModel.get_peft_model(
            self.model,
            r=lora.rank,
            lora_alpha=lora.alpha or 2 * lora.rank,
            lora_dropout=lora.dropout,
            target_modules=list(lora.targets),
            use_gradient_checkpointing="unsloth" if self.config.model.gradient_checkpointing is not False else False,
            random_state=self.config.seed,
        )

    def _dtype(self) -> Any:
        import torch

        named = self.config.model.dtype
        if named == "auto":
            return torch.float32 if self.device == "cpu" else None
        return getattr(torch, named)


def refuse_square_head(model: str) -> None:
    """Refuse a model whose hidden states are as wide as its vocabulary has rows: GRPO would train on the wrong numbers.

    Unsloth's own forward pass on CUDA hands back hidden states in the place of logits. With such a model it compares
    the two, finds them different, and from then on reads hidden states as logits (unsloth 2026.10.6, `models/rl.py`).
    All that it says is that the "head input is not its last hidden state".

    Args:
        model: A folder or a name on the Hub; one whose config can't be read is left to Unsloth.

    Raises:
        ConfigError: It is such a model.
    """
    from transformers import AutoConfig

    try:
        config = AutoConfig.from_pretrained(model).get_text_config()
    except (OSError, ValueError):
        return
    rows, width = getattr(config, "vocab_size", None), getattr(config, "hidden_size", None)
    if rows is not None and rows == width:
        raise ConfigError(
            f"The model's vocabulary has {rows} rows and its hidden states are {width} wide. Unsloth would take these "
            "for logits, and GRPO would train on the wrong numbers. Set backend=trl, or, for a model made on the spot, "
            "another model.tiny.hidden or model.tiny.pad_embedding."
        )


def _engine_settings(extra: Mapping[str, Any]) -> dict[str, Any]:
    """Settings for vLLM's engine; Unsloth would ignore those that it doesn't know.

    Raises:
        ConfigError: One that it doesn't know, with the nearest that it does.
    """
    from unsloth_zoo.vllm_utils import load_vllm

    known = inspect.signature(load_vllm).parameters
    for name in extra:
        if name not in known:
            raise ConfigError(f"vllm_extra.{name} is unknown to Unsloth. {nearest(name, known)}")
    return dict(extra)
