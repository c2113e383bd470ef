"""TRL with PEFT, on any device; vLLM in the same process where it is there."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from plaudit.errors import ConfigError
from plaudit_trainer.backends import Generation, Moment, Sampling, Trainers, vllm_wanted
from plaudit_trainer.backends.trl_cpu import give_trl_a_loss
from plaudit_trainer.backends.vllm_cpu import check_heads, keep_weights_replaceable

if TYPE_CHECKING:
    from pathlib import Path

    from plaudit_trainer.config import TrainConfig
    from plaudit_trainer.runs import RunFolder


ROWS_PER_PASS = 32
"""On a card: what 16-bit models of a few billion parameters take at once; `micro_batch` sets another number."""


class TrlBackend:
    """Holds a transformers model."""

    name = "trl"

    def __init__(self, config: TrainConfig) -> None:
        import torch

        self.config = config
        self.device = "cuda" if torch.cuda.is_available() else "cpu"
        self.use_vllm = vllm_wanted(config, self.device)
        self.is_main = os.environ.get("RANK", "0") == "0"
        self.rows_per_pass = None if self.device == "cpu" else ROWS_PER_PASS
        self.model: Any = None
        self.tokenizer: Any = None

    def load(self, start: str, folder: RunFolder, after: str | None) -> None:
        """Load base or trained weights, and put LoRA in where it belongs by now.

        Raises:
            ConfigError: The model can't be loaded.
        """
        lora = self.config.model.lora
        whole = after if lora is None else "sft" if after and lora.from_stage == "grpo" else None
        base = folder.final(whole) if whole else None
        self._load_base(str(base) if base and base.is_dir() else start)
        if lora is not None and (lora.from_stage == "sft" or after == "grpo"):
            self._insert_lora()
            if after is not None:
                load_adapter(self.model, folder.final(after))

    def prepare_grpo(self, folder: RunFolder) -> None:
        """Insert LoRA if it has waited for this stage, and have vLLM take new weights."""
        if self.use_vllm and self.device == "cpu":
            keep_weights_replaceable()
        if self.config.model.lora is None or hasattr(self.model, "peft_config"):
            return
        if folder.final("sft").is_dir():  # the adapter and vLLM must name the weights that it sits on
            self.model.name_or_path = self.model.config._name_or_path = str(folder.final("sft"))
        self._insert_lora()

    def why_slow(self, moment: Moment) -> str:
        """Only vLLM's start takes long, and TRL starts it at the beginning of GRPO."""
        if moment != "grpo" or not self.use_vllm:
            return ""
        return "still before the first step: vLLM starts its engine and compiles, once per process"

    def generate(self, prompts: Sequence[Sequence[int]], sampling: Sampling) -> list[list[Generation]]:
        """Complete prompts with transformers, leaving the global random state as it was."""
        return generate(self.model, self.tokenizer, prompts, sampling)

    def trainers(self) -> Trainers:
        """TRL's own classes."""
        if self.device == "cpu":
            give_trl_a_loss()
        from trl import GRPOConfig, GRPOTrainer, SFTConfig, SFTTrainer

        return Trainers(SFTTrainer, SFTConfig, GRPOTrainer, GRPOConfig)

    def sft_settings(self) -> dict[str, Any]:
        """Device and precision."""
        on_cpu = self.device == "cpu"
        wanted = self.config.model.gradient_checkpointing
        checkpointing = not on_cpu if wanted == "auto" else wanted
        return {
            "use_cpu": on_cpu,
            "bf16": not on_cpu and self.config.model.dtype in ("auto", "bfloat16"),
            "fp16": not on_cpu and self.config.model.dtype == "float16",
            "gradient_checkpointing": checkpointing,
            "activation_checkpointing": checkpointing,  # the same under the name that transformers 5.23 gave it
            "dataloader_pin_memory": not on_cpu,
        }

    def grpo_settings(self) -> dict[str, Any]:
        """Device, precision, and vLLM in this process."""
        settings = self.sft_settings()
        if self.use_vllm:
            settings |= {
                "use_vllm": True,
                "vllm_mode": "colocate",
                "vllm_gpu_memory_utilization": self.config.vllm_memory,
                "vllm_max_model_length": self.config.model.max_length,
            }
        return settings

    def save(self, folder: Path) -> None:
        """Save the adapter, or all weights."""
        self.model.save_pretrained(folder)
        self.tokenizer.save_pretrained(folder)

    def save_merged(self, folder: Path) -> None:
        """Merge the adapter into the weights and save them."""
        merged = self.model.merge_and_unload() if hasattr(self.model, "peft_config") else self.model
        merged.save_pretrained(folder)
        self.tokenizer.save_pretrained(folder)

    def _load_base(self, path: str) -> None:
        from transformers import AutoModelForCausalLM, AutoTokenizer, set_seed

        set_seed(self.config.seed)
        try:
            self.tokenizer = AutoTokenizer.from_pretrained(path, padding_side="left")
            self.model = AutoModelForCausalLM.from_pretrained(path, dtype=self._dtype(), **self._quantised())
        except (OSError, ValueError) as error:
            reason = str(error).splitlines()[0][:300]
            raise ConfigError(f"The model {path!r} can't be loaded: {reason}. Check model.path.") from error
        if not self._quantised():
            self.model.to(self.device)
        if self.tokenizer.pad_token_id is None:
            self.tokenizer.pad_token = self.tokenizer.eos_token
        if self.use_vllm and self.device == "cpu":
            check_heads(self.model.config)

    def _insert_lora(self) -> None:
        from peft import LoraConfig, get_peft_model
        from transformers import set_seed

        lora = self.config.model.lora
        if lora is None:
            return
        set_seed(self.config.seed)
        settings = LoraConfig(
            r=lora.rank,
            lora_alpha=lora.alpha or 2 * lora.rank,
            lora_dropout=lora.dropout,
            target_modules=list(lora.targets),
            task_type="CAUSAL_LM",
        )
        try:
            self.model = get_peft_model(self.model, settings)
        except ValueError as error:
            raise ConfigError(f"model.lora doesn't fit this model: {error}") from error

    def _dtype(self) -> Any:
        import torch

        named = self.config.model.dtype
        if named != "auto":
            return getattr(torch, named)
        trains_all = self.config.model.lora is None or self.config.model.lora.from_stage == "grpo"
        return torch.float32 if self.device == "cpu" or trains_all else torch.bfloat16

    def _quantised(self) -> dict[str, Any]:
        if not self.config.model.load_in_4bit:
            return {}
        import torch
        from transformers import BitsAndBytesConfig

        return {
            "quantization_config": BitsAndBytesConfig(
                load_in_4bit=True, bnb_4bit_quant_type="nf4", bnb_4bit_compute_dtype=torch.bfloat16
            ),
            "device_map": {"": 0},
        }


def load_adapter(model: Any, folder: Path) -> None:
    """Put saved adapter weights into a model whose adapters have the same shape."""
    from peft import set_peft_model_state_dict
    from safetensors.torch import load_file

    outcome = set_peft_model_state_dict(model, load_file(folder / "adapter_model.safetensors"))
    if outcome.unexpected_keys:
        raise ConfigError(f"The adapter in {folder} doesn't fit the model: {', '.join(outcome.unexpected_keys[:3])} …")


def generate(
    model: Any, tokenizer: Any, prompts: Sequence[Sequence[int]], sampling: Sampling
) -> list[list[Generation]]:
    """Complete tokenised prompts with transformers' generate; the random state outside is left as it was."""
    import torch

    longest = max(map(len, prompts))
    pad = tokenizer.pad_token_id
    tokens = torch.tensor([[pad] * (longest - len(prompt)) + list(prompt) for prompt in prompts], device=model.device)
    mask = torch.tensor([[0] * (longest - len(prompt)) + [1] * len(prompt) for prompt in prompts], device=model.device)
    choice: dict[str, Any] = {"do_sample": False}
    if sampling.temperature is not None:
        choice = {"do_sample": True, "temperature": sampling.temperature, "top_k": 0, "top_p": 1.0}
    was_training = model.training
    model.eval()
    with torch.random.fork_rng(), torch.no_grad():
        torch.manual_seed(sampling.seed)
        output = model.generate(
            input_ids=tokens,
            attention_mask=mask,
            max_new_tokens=sampling.max_tokens,
            num_return_sequences=sampling.samples,
            pad_token_id=pad,
            eos_token_id=tokenizer.eos_token_id,
            use_cache=True,
            **choice,
        )
    model.train(was_training)
    written = output[:, longest:]
    ended = (written == tokenizer.eos_token_id).any(dim=1).tolist()
    texts = tokenizer.batch_decode(written, skip_special_tokens=True)
    made = [Generation(text, not end) for text, end in zip(texts, ended, strict=True)]
    return [made[start : start + sampling.samples] for start in range(0, len(made), sampling.samples)]
