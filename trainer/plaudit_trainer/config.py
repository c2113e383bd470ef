"""The settings of a training run, as one checked object; the edge where user input becomes typed data."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

PROJECTIONS = ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj")

Schedule = Literal["constant", "constant_with_warmup", "linear", "cosine"]


class Section(BaseModel):
    """A group of settings: immutable, and closed to names that nobody knows."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Lora(Section):
    """Low-rank inserts; `from_stage: grpo` trains all weights in the supervised stage and inserts after it."""

    rank: int = Field(default=32, ge=1)
    alpha: int | None = Field(default=None, ge=1, description="scale; twice the rank where not given")
    dropout: float = Field(default=0.0, ge=0, lt=1)
    targets: tuple[str, ...] = PROJECTIONS
    from_stage: Literal["sft", "grpo"] = "sft"


class Tiny(Section):
    """A Qwen3 of a few thousand parameters, built and tokenised on the spot."""

    hidden: int = Field(default=64, ge=8)
    layers: int = Field(default=2, ge=1)
    heads: int = Field(default=4, ge=1)
    key_value_heads: int = Field(default=2, ge=1)
    vocabulary: int = Field(default=400, ge=270)
    pad_embedding: int = Field(
        default=1, ge=1, description="rows of the embedding are a multiple of it; 256 for LoRA in vLLM on a card"
    )


class Model(Section):
    """Which model, and how it is held."""

    path: str | None = None
    tiny: Tiny | None = None
    dtype: Literal["auto", "float32", "bfloat16", "float16"] = "auto"
    load_in_4bit: bool = False
    max_length: int = Field(default=2048, ge=16, description="tokens of prompt and completion together")
    gradient_checkpointing: bool | Literal["auto"] = "auto"
    template: Literal["auto", "format", "own"] = "auto"
    lora: Lora | None = Lora()

    @model_validator(mode="before")
    @classmethod
    def _true_means_defaults(cls, data: Any) -> Any:
        if isinstance(data, dict):
            changed: dict[str, Any] = {key: {} for key in ("tiny", "lora") if data.get(key) is True}
            return data | changed | {key: None for key in ("tiny", "lora") if data.get(key) is False}
        return data

    @model_validator(mode="after")
    def _one_origin(self) -> Model:
        if (self.path is None) == (self.tiny is None):
            raise ValueError("give either `path` (a folder or a Hub name) or `tiny: true`, and not both")
        return self


class Columns(Section):
    """Which columns of a source hold what; found by their usual names where not given."""

    question: str | None = None
    answer: str | None = None
    reasoning: str | None = None


class Source(Section):
    """Where problems come from: a Hub name, a `.jsonl` or `.parquet` file, `reasoning-gym:FAMILY`, or a generator."""

    source: str
    config: str | None = None
    split: str = "train"
    columns: Columns = Columns()
    limit: int | None = Field(default=None, ge=1)
    options: dict[str, Any] = {}
    answer_after: str | None = Field(default=None, description="answer behind this mark, reasoning before it")
    remove: tuple[str, ...] = Field(default=(), description="texts to take out of the reasoning; `<<…>>` takes a span")
    numeric_answers: bool = Field(default=False, description="keep only rows whose answer is a number")

    @model_validator(mode="before")
    @classmethod
    def _name_alone(cls, data: Any) -> Any:
        return {"source": data} if isinstance(data, str) else data


class DropSolved(Section):
    """Which GRPO problems are left out after the supervised stage, since the model solves them always or never."""

    samples: int = Field(default=8, ge=2, description="completions of each problem to measure it by")
    above: float = Field(default=1.0, gt=0, le=1, description="right at least this often means solved")
    below: float = Field(default=0.0, ge=0, lt=1, description="right at most this often means hopeless")
    limit: int | None = Field(default=None, ge=1, description="measure this many problems, and train on no others")
    order: Literal["random", "easy_first"] = Field(default="random", description="`easy_first` is a curriculum")

    @model_validator(mode="after")
    def _room_between(self) -> DropSolved:
        if self.below >= self.above:
            raise ValueError(f"`below` ({self.below:g}) must be less than `above` ({self.above:g})")
        return self


class Data(Section):
    """The problems of each stage; without `evaluate`, the last problems of `grpo` are held out."""

    grpo: Source
    sft: Source | None = None
    evaluate: Source | None = None
    prompt_quantile: float | None = Field(default=0.9, gt=0, le=1, description="longer prompts are left out")
    drop_solved: DropSolved | None = Field(default=None, description="true, or how to measure what is too easy or hard")

    @model_validator(mode="before")
    @classmethod
    def _true_means_defaults(cls, data: Any) -> Any:
        wanted = data.get("drop_solved") if isinstance(data, dict) else None
        return data | {"drop_solved": {} if wanted else None} if isinstance(wanted, bool) else data


class Stage(Section):
    """What both training stages share."""

    learning_rate: float = Field(gt=0)
    schedule: Schedule = "linear"
    warmup_steps: float = Field(default=0, ge=0, description="steps; below 1, a share of all steps")
    weight_decay: float = Field(default=0.0, ge=0)
    max_grad_norm: float = Field(default=1.0, ge=0)
    optimizer: str = "adamw_torch"
    micro_batch: int | None = Field(default=None, ge=1, description="rows per forward pass; the rest is accumulated")
    save_every: int = Field(default=50, ge=1, description="steps between checkpoints")
    extra: dict[str, Any] = Field(default={}, description="passed on to the trainer's own config")


class Sft(Stage):
    """The supervised stage."""

    learning_rate: float = Field(default=2e-4, gt=0)
    steps: int | None = Field(default=None, ge=0, description="0 leaves the stage out")
    epochs: float = Field(default=1.0, gt=0, description="counts where `steps` is not given")
    batch: int = Field(default=32, ge=1)
    max_length: int | None = Field(default=None, ge=16, description="longer examples are left out; model.max_length")


class Grpo(Stage):
    """The reinforcement stage."""

    learning_rate: float = Field(default=5e-6, gt=0)
    steps: int = Field(default=100, ge=0)
    max_minutes: float | None = Field(
        default=None, gt=0, description="then the stage ends with the step at hand, and the run goes on to measure"
    )
    prompts_per_step: int = Field(default=16, ge=1)
    generations: int = Field(default=8, ge=2)
    temperature: float = Field(default=1.0, gt=0)
    top_p: float = Field(default=1.0, gt=0, le=1)
    top_k: int = Field(default=0, ge=-1)
    min_p: float | None = Field(default=None, ge=0, le=1)
    loss: str = "dapo"
    epsilon: float = Field(default=0.2, gt=0, description="how far a step may move a token's probability ratio")
    epsilon_high: float | None = Field(default=None, gt=0, description="the same upwards; `epsilon` where not given")
    mask_truncated: bool = Field(default=False, description="leave completions that did not end out of the loss")
    scale_rewards: Literal["group", "batch", "none"] = "group"
    beta: float = Field(default=0.0, ge=0)
    iterations: int = Field(default=1, ge=1)
    max_completion_length: int = Field(default=512, ge=1)
    aggregation: Literal["sum_then_normalize", "normalize_then_sum"] = "sum_then_normalize"
    keep_completions: int = Field(default=16, ge=0, description="completions per step that the run folder keeps")


class Evaluate(Section):
    """What is measured before, between and after."""

    problems: int = Field(default=200, ge=1)
    greedy: bool = Field(default=True, description="one completion of each problem without chance")
    samples: int = Field(default=1, ge=0, description="sampled completions of each problem; pass@k needs several")
    batch: int = Field(default=100, ge=1, description="problems at a time")
    temperature: float = Field(default=1.0, gt=0)
    accuracy_part: str | None = Field(default=None, description="the part of the reward that says right or wrong")
    before: bool = Field(default=True, description="measure the untrained model, too")

    @model_validator(mode="after")
    def _something(self) -> Evaluate:
        if not self.greedy and not self.samples:
            raise ValueError("`greedy: false` with `samples: 0` leaves nothing to measure")
        return self


class TrainConfig(Section):
    """Everything that `plaudit train` can be told."""

    model: Model
    data: Data
    sft: Sft = Sft()
    grpo: Grpo = Grpo()
    evaluate: Evaluate = Evaluate()
    backend: Literal["auto", "trl", "unsloth"] = "auto"
    use_vllm: bool | Literal["auto"] = "auto"
    vllm_memory: float = Field(default=0.3, gt=0, lt=1, description="share of the card's memory that vLLM may hold")
    vllm_extra: dict[str, Any] = Field(
        default={}, description="passed on to vLLM's engine: backend `unsloth`, and `plaudit evaluate`"
    )
    seed: int = Field(default=0, ge=0)
    save_merged: bool = True
