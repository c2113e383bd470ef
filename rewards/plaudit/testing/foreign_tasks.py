"""The tasks of the rewards that come from other packages, registered under `plaudit.tasks` like everybody's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from plaudit.formats import Format, as_format
from plaudit.testing.tasks import NUMBERS, Task


def _tasks(form: str | Format, column: str) -> Sequence[Task]:
    return [replace(task, format=as_format(form), column=column) for task in NUMBERS]


trl_accuracy = _tasks("boxed", "solution")
trl_reasoning_accuracy = _tasks("boxed", "solution")
trl_think_format = _tasks("think", "answer")
verl_gsm8k = _tasks("gsm8k", "ground_truth")
verl_math = _tasks("boxed", "ground_truth")
verl_math_dapo = _tasks(Format("dapo", solution_open="Answer: "), "ground_truth")
math_verify = _tasks("boxed", "answer")
