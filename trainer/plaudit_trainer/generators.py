"""Who completes prompts when a model is only measured: vLLM where there is one beside a card, else transformers."""

from __future__ import annotations

import dataclasses
import json
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from plaudit.errors import ConfigError
from plaudit_trainer.backends import Generation, Sampling, vllm_wanted
from plaudit_trainer.backends.trl import generate
from plaudit_trainer.sources import nearest_beside
from plaudit_trainer.tiny import one_thread

if TYPE_CHECKING:
    from plaudit_trainer.config import TrainConfig
    from plaudit_trainer.evaluate import Generator


MANY_SEQUENCES = 128
"""Completions at the same time from which vLLM is handed no more prompts than it can begin at once."""


def find_model(name: str) -> str:
    """Return where the weights are: of a run folder its merged model, else its adapter; else a folder or a Hub name.

    Raises:
        ConfigError: Nothing of these, with the nearest name.
    """
    from plaudit_trainer.preflight import HUB_NAME

    folder = Path(name)
    if (folder / "recipe.yaml").is_file():
        inner = [folder / part for part in ("merged", "adapter") if (folder / part).is_dir()]
        if not inner:
            raise ConfigError(f"The run in {name} has neither merged/ nor adapter/: it has not ended. Resume it first.")
        return str(inner[0])
    if folder.is_dir():
        if not any((folder / file).is_file() for file in ("config.json", "adapter_config.json")):
            raise ConfigError(f"{name} holds neither config.json nor adapter_config.json nor a run: it holds no model.")
        return name
    if not HUB_NAME.fullmatch(name) or folder.parent.is_dir():
        help_ = nearest_beside(folder)
        raise ConfigError(f"There is no model {name}, and it is no Hub name (owner/name). {help_}".rstrip())
    return name


@contextmanager
def opened(model: str, config: TrainConfig, notes: list[str]) -> Iterator[Generator]:
    """Load a model to be measured; an adapter is merged into its base first, and what is left out goes to `notes`."""
    import torch

    device = "cuda" if torch.cuda.is_available() else "cpu"
    with tempfile.TemporaryDirectory(prefix="plaudit-merged-") as scratch:
        if not vllm_wanted(config, device):
            yield Transformers(model, config, device)
            return
        if (Path(model) / "adapter_config.json").is_file():
            merged = Transformers(model, config, "cpu")
            merged.model.save_pretrained(scratch)
            merged.tokenizer.save_pretrained(scratch)
            model = scratch
        yield Vllm(model, config, notes)


TINY = 1_000_000
"""Parameters below which a second thread on a CPU waits more than it computes, as with those made on the spot."""


class Transformers:
    """A model and its tokeniser, completed by transformers' own generate."""

    name = "transformers"

    def __init__(self, model: str, config: TrainConfig, device: str) -> None:
        from transformers import AutoModelForCausalLM, AutoTokenizer

        base = base_of(Path(model)) if (Path(model) / "adapter_config.json").is_file() else model
        try:
            self.tokenizer: Any = AutoTokenizer.from_pretrained(model, padding_side="left")
            self.model: Any = AutoModelForCausalLM.from_pretrained(base, dtype=_dtype(config, device))
        except (OSError, ValueError) as error:
            raise ConfigError(f"The model {model!r} can't be loaded: {str(error).splitlines()[0][:300]}") from error
        if base != model:
            from peft import PeftModel

            self.model = PeftModel.from_pretrained(self.model, model).merge_and_unload()
        self.model.to(device)
        if self.tokenizer.pad_token_id is None:
            self.tokenizer.pad_token = self.tokenizer.eos_token

    def generate(self, prompts: Sequence[Sequence[int]], sampling: Sampling) -> list[list[Generation]]:
        """Complete tokenised prompts."""
        tiny_on_cpu = self.model.device.type == "cpu" and self.model.num_parameters() < TINY
        with one_thread() if tiny_on_cpu else nullcontext():
            return generate(self.model, self.tokenizer, prompts, sampling)


class Vllm:
    """A model in an engine of its own."""

    name = "vllm"

    def __init__(self, model: str, config: TrainConfig, notes: list[str]) -> None:
        from transformers import AutoTokenizer
        from vllm import LLM, EngineArgs

        ours = {"model", "dtype", "max_model_len", "gpu_memory_utilization"}
        known = {item.name for item in dataclasses.fields(EngineArgs)} - ours
        settings = {name: value for name, value in config.vllm_extra.items() if name in known}
        notes += [
            f"vllm_extra.{name} was left out: vLLM has no such setting, or it has a place of its own (vllm_memory)."
            for name in config.vllm_extra
            if name not in known
        ]

        self.tokenizer: Any = AutoTokenizer.from_pretrained(model, padding_side="left")
        dtype = config.model.dtype
        self._engine = LLM(
            model,
            dtype=dtype,
            max_model_len=config.model.max_length,
            gpu_memory_utilization=config.vllm_memory,
            **settings,
        )

    def generate(self, prompts: Sequence[Sequence[int]], sampling: Sampling) -> list[list[Generation]]:
        """Complete tokenised prompts."""
        generate = partial(self._engine.generate, use_tqdm=False)
        return generate_fast(generate, prompts, sampling, sequences_of(self._engine))


def generate_fast(
    generate: Callable[..., Sequence[Any]], prompts: Sequence[Sequence[int]], sampling: Sampling, most: int
) -> list[list[Generation]]:
    """Complete tokenised prompts with vLLM, no more at a time than it writes at the same time, if these are many.

    With more, new prompts come in beside completions that are being written. Where both together are more tokens than
    CUDA graphs were recorded for, a step runs without one, and a small model waits for the processor (seen in vLLM
    0.25.1 with 512 completions). Few completions leave room for prompts beside them.

    Args:
        generate: vLLM's `generate`.
        prompts: Token ids.
        sampling: How to sample.
        most: Completions that the engine writes at the same time.
    """
    settings = vllm_sampling(sampling, len(prompts))
    size = max(1, most // sampling.samples) if most >= MANY_SEQUENCES else len(prompts)
    made: list[list[Generation]] = []
    for start in range(0, len(prompts), size):
        piece = [{"prompt_token_ids": list(prompt)} for prompt in prompts[start : start + size]]
        outputs = generate(piece, sampling_params=settings[start : start + size])
        made += [[Generation(one.text, one.finish_reason == "length") for one in output.outputs] for output in outputs]
    return made


def sequences_of(engine: Any) -> int:
    """Return how many completions a vLLM engine writes at the same time."""
    return int(engine.llm_engine.vllm_config.scheduler_config.max_num_seqs)


def vllm_sampling(sampling: Sampling, prompts: int) -> list[Any]:
    """Return vLLM's settings, with a seed for each prompt: one for all would draw the same noise for every problem."""
    from vllm import SamplingParams

    return [
        SamplingParams(
            n=sampling.samples,
            temperature=0.0 if sampling.temperature is None else sampling.temperature,
            max_tokens=sampling.max_tokens,
            seed=sampling.seed + index * sampling.samples,
        )
        for index in range(prompts)
    ]


def base_of(adapter: Path) -> str:
    """Return the model that an adapter sits on.

    Raises:
        ConfigError: It doesn't say, or the folder that it names is gone.
    """
    try:
        base = str(json.loads((adapter / "adapter_config.json").read_text(encoding="utf-8"))["base_model_name_or_path"])
    except (OSError, ValueError, KeyError) as error:
        raise ConfigError(f"{adapter}/adapter_config.json does not name the model that the adapter sits on.") from error
    from plaudit_trainer.preflight import HUB_NAME

    if not Path(base).is_dir() and not HUB_NAME.fullmatch(base):
        raise ConfigError(f"The adapter in {adapter} sits on the model {base}, which is not there any more.")
    return base


def _dtype(config: TrainConfig, device: str) -> Any:
    import torch

    if config.model.dtype != "auto":
        return getattr(torch, config.model.dtype)
    return torch.float32 if device == "cpu" else torch.bfloat16
