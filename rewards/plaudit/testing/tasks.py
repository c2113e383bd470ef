"""Tasks: prompts with gold answers, right renderings and wrong answers, so that meaning can be tested."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from plaudit import plugins
from plaudit.errors import ConfigError
from plaudit.formats import PRESETS, Format, as_format
from plaudit.protocol import Reward, Sample

GROUP = "plaudit.tasks"
"""The entry-point group: `name-of-the-reward = "module:object"`, tasks or a function from the reward to tasks."""


@dataclass(frozen=True)
class Task:
    r"""One question with everything that an independent judge knows about its answers.

    Attributes:
        prompt: The question.
        gold: What the dataset's gold column holds.
        right: Ways to write the right answer that the reward promises to accept; the gold itself, unless given.
        wrong: Answers that are wrong beyond doubt, near misses among them.
        format: How a completion is written.
        column: The dataset column that holds the gold.
        columns: Further columns of the row.

    >>> task = Task("6 times 7?", "42", wrong=("43",), format="boxed")
    >>> task.sample("42").text, dict(task.sample("42").columns)
    ('\\boxed{42}', {'answer': '42'})
    """

    prompt: str
    gold: Any
    right: tuple[str, ...] = ()
    wrong: tuple[str, ...] = ()
    format: Format | str = "plain"
    column: str = "answer"
    columns: Mapping[str, Any] = field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "format", as_format(self.format))
        object.__setattr__(self, "right", tuple(self.right) or (str(self.gold),))
        object.__setattr__(self, "wrong", tuple(self.wrong))
        both = set(self.right) & set(self.wrong)
        if both:
            raise ConfigError(f"The task {self.prompt!r} calls {sorted(both)} both right and wrong.")

    @property
    def form(self) -> Format:
        """The format, as an object."""
        return as_format(self.format)

    @property
    def row(self) -> dict[str, Any]:
        """The dataset row."""
        return {self.column: self.gold, **self.columns}

    def render(self, answer: str, reasoning: str = "") -> str:
        """Write a completion in the task's format."""
        return self.form.render(answer, reasoning)

    def sample(self, answer: str, reasoning: str = "") -> Sample:
        """Return a well-formed completion with this answer, as a sample."""
        return self.completed(self.render(answer, reasoning))

    def completed(self, completion: Any) -> Sample:
        """Return any completion of this task, as a sample."""
        return Sample(completion, self.prompt, self.row, group=self.prompt)


def tasks_for(reward: Reward, given: Sequence[Task] | None = None, name: str = "") -> tuple[Task, ...]:
    """Find the tasks for a reward: those given, else those its plugin registers, else our own where they fit.

    Raises:
        PluginError: The registered tasks can't be loaded.
        ConfigError: What is registered are no tasks.
    """
    if given is not None:
        return tuple(given)
    for entry in plugins.entries(GROUP):
        if entry.name == (name or reward.spec.name):
            return _registered(entry.load(), reward, entry.target)
    return _ours(reward)


def _registered(found: Any, reward: Reward, target: str) -> tuple[Task, ...]:
    tasks = found(reward) if isinstance(found, Callable) else found  # type: ignore[arg-type]
    if not isinstance(tasks, Sequence) or not all(isinstance(task, Task) for task in tasks):
        raise ConfigError(f"{target} of the group {GROUP!r} must be a sequence of Task, or a function that gives one.")
    return tuple(tasks)


def _ours(reward: Reward) -> tuple[Task, ...]:
    form = format_of(reward)
    reads = set(reward.spec.reads)
    if not reads <= {"answer"} or (form is None and not reads):
        return ()
    return tuple(replace(task, format=form or "plain") for task in NUMBERS)


def format_of(reward: Any) -> Format | None:
    """Return the format that a reward, or the first part of a composite that has one, reads."""
    return next((form for form in _formats(reward)), None)


def _formats(reward: Any) -> Iterator[Format]:
    form = getattr(reward, "format", None)
    if form is None and (options := getattr(reward, "options", None)) and isinstance(options, tuple):
        form = dict(options).get("format")
    if isinstance(form, Format) or (isinstance(form, str) and form in PRESETS):
        yield as_format(form)
    inner = getattr(reward, "judge", None) or getattr(reward, "inner", None)
    children = reward.children() if hasattr(reward, "children") else (inner,) if inner is not None else ()
    for child in children:
        yield from _formats(child)


NUMBERS: tuple[Task, ...] = (
    Task("What is 6 * 7?", "42", wrong=("44", "49", "43", "0", "-42", "420", "24")),
    Task("Three apples a day for six days: how many?", "18", wrong=("19", "21", "0", "-18", "180", "81")),
    Task("What is 7 - 10?", "-3", wrong=("-3.2", "-3.5", "0", "3", "-30", "-4")),
    Task(
        "One pizza for four people: how much for each, as a decimal?",
        "0.25",
        wrong=("0.26", "0.29", "0.52", "-0.25", "2.5"),
    ),
    Task("What is 12345 + 1?", "12346", wrong=("12345", "12400", "14000", "-12346", "64321")),
    Task("Nine dozen eggs: how many?", "108", wrong=("110", "125", "96", "-108", "1080", "801")),
)
"""Our own tasks: whole and decimal numbers, each with near misses (5 % and 16 % off) among the wrong answers."""
