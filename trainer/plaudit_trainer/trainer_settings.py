"""Settings for TRL's config classes: only those that the installed version knows; the others are named, not dropped."""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Mapping
from typing import Any

from plaudit.errors import ConfigError

OURS = {
    "reward_weights": "weights live in the recipe's rewards",
    "multi_objective_aggregation": "set grpo.aggregation",
    "output_dir": "set --out",
    "seed": "set seed",
    "num_generations": "set grpo.generations",
    "temperature": "set grpo.temperature",
    "top_p": "set grpo.top_p",
    "top_k": "set grpo.top_k",
    "min_p": "set grpo.min_p",
    "epsilon": "set grpo.epsilon",
    "epsilon_high": "set grpo.epsilon_high",
    "mask_truncated_completions": "set grpo.mask_truncated",
    "max_steps": "set steps",
    "learning_rate": "set learning_rate",
    "per_device_train_batch_size": "set micro_batch",
    "gradient_accumulation_steps": "set micro_batch",
    "report_to": "curves are in metrics.jsonl and report.html",
    "save_steps": "set save_every",
    "use_vllm": "set use_vllm",
}

REWRITTEN = ("output_dir", "report_to")
"""Settings that a config holds in a form of its own: an absolute path, a list."""


def known_settings(config_class: Any) -> set[str]:
    """The settings that a config class knows: its fields, and the arguments of a rewritten constructor.

    >>> from dataclasses import make_dataclass
    >>> sorted(known_settings(make_dataclass("Config", ["beta", "loss_type"])))
    ['beta', 'loss_type']
    """
    arguments = set(inspect.signature(config_class.__init__).parameters) - {"self", "args", "kwargs"}
    return {item.name for item in dataclasses.fields(config_class) if item.init} | arguments


def sort_settings(config_class: Any, wanted: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """Split settings into those that the class knows, and the names of those that it doesn't."""
    known = known_settings(config_class)
    return {name: value for name, value in wanted.items() if name in known}, sorted(set(wanted) - known)


def check_extra(section: str, extra: Mapping[str, Any]) -> None:
    """Refuse `extra` settings that have a place of their own.

    Raises:
        ConfigError: It names the setting and its place.
    """
    for name in extra:
        if name in OURS:
            raise ConfigError(f"{section}.extra.{name} is not passed on: {OURS[name]}.")


def build(config_class: Any, settings: Mapping[str, Any]) -> Any:
    """Construct a TRL config.

    Raises:
        ConfigError: TRL refuses a value; its own words are in the message.
    """
    try:
        return config_class(**settings)
    except (TypeError, ValueError) as error:
        raise ConfigError(f"{config_class.__name__} refuses the settings: {error}") from error


def changed(arguments: Any, settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a constructed config holds instead of what it was given, by name: Unsloth's overrides some settings.

    Settings given as None ask for the config's own choice.

    >>> from types import SimpleNamespace
    >>> changed(SimpleNamespace(beta=0.0, epsilon=0.28), {"beta": 0, "epsilon": 0.2, "unheard_of": 1})
    {'epsilon': 0.28}
    """
    return {
        name: getattr(arguments, name)
        for name, given in settings.items()
        if given is not None and name not in REWRITTEN and getattr(arguments, name, given) != given
    }


def batches(section: str, total: int, micro: int | None, processes: int, most: int | None = None) -> tuple[int, int]:
    """Return rows per forward pass and accumulation steps, on each of `processes` processes.

    Args:
        section: The settings that hold the numbers, for messages.
        total: Rows of one step, over all processes.
        micro: Rows per forward pass, as set; None takes all, or the greatest divisor up to `most`.
        processes: How many train together.
        most: What the backend can take at once; None where it doesn't matter.

    Raises:
        ConfigError: The numbers don't divide; the message says them and what would.

    >>> batches("grpo", 128, None, 1, most=20)
    (16, 8)
    """
    if total % processes:
        raise ConfigError(f"{section}: {total} rows a step don't divide among {processes} processes.")
    share = total // processes
    wanted = micro or most or share
    fitting = max(size for size in range(1, share + 1) if share % size == 0 and size <= wanted)
    if micro is not None and fitting != micro:
        raise ConfigError(f"{section}.micro_batch={micro} does not divide the {share} rows of a step: {fitting} would.")
    return fitting, share // fitting
