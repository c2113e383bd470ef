"""Pluggable, audited reward functions for RL fine-tuning of language models.

>>> import plaudit
>>> judge = plaudit.load("answer-match") + 0.5 * plaudit.load("format-exact")
>>> judge(completions=["2 + 2 = 4<end_working_out><SOLUTION>4</SOLUTION>"], answer=["4"])
[6.5]
"""

from plaudit.arrow import Scores
from plaudit.compose import clip, first, gate, maximum, minimum, schedule
from plaudit.composite import as_reward
from plaudit.engines.inline import score
from plaudit.errors import (
    ConfigError,
    DataError,
    PlauditError,
    PluginError,
    RewardError,
    UnknownNameError,
    UnknownOptionError,
)
from plaudit.formats import Format, as_format
from plaudit.functions import reward
from plaudit.hookspecs import hookimpl
from plaudit.plugins import available
from plaudit.protocol import Part, Reward, Sample, Score, Spec
from plaudit.recipe import Recipe, recipe
from plaudit.registry import load

__all__ = [
    "ConfigError",
    "DataError",
    "Format",
    "Part",
    "PlauditError",
    "PluginError",
    "Recipe",
    "Reward",
    "RewardError",
    "Sample",
    "Score",
    "Scores",
    "Spec",
    "UnknownNameError",
    "UnknownOptionError",
    "as_format",
    "as_reward",
    "available",
    "clip",
    "first",
    "gate",
    "hookimpl",
    "load",
    "maximum",
    "minimum",
    "recipe",
    "reward",
    "schedule",
    "score",
]
