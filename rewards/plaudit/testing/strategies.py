"""Hypothesis strategies: hostile text, chat shapes, formats, samples and batches."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from plaudit.formats import PRESETS, Format
from plaudit.protocol import Sample
from plaudit.testing.tasks import NUMBERS, Task

TRAPS = (
    "",
    " ",
    "\n",
    "\x00",
    "\ud800",
    "\u200b",
    "\u202e42",
    "\ufeff",
    "٤٢",
    "42",
    "-0.0",
    "nan",
    "inf",
    "1e309",
    "\\boxed{",
    "\\frac{1}{0}",
    "}",
    "(" * 60,
    "{" * 60,
    "<",
    "</",
    "<|im_end|>",
    "#### ",
    "%s{0}%(x)d",
    "(?P<",
    "9^9^9^9",
    "0/0",
    "Ⅷ",
    "²",
    "e\u0301",
    "🙂",
)
"""Texts that break careless code."""

WORDS = ("so", "the answer is", "2 + 2", "42", "-3", "0.25", "4,000", "1/2", "\n", " ", "I give up", "é", "x = 1")

NEUTRAL: tuple[str, ...] = (
    "",
    "I add the numbers.",
    "First I look at it. Then I work it out.",
    "Well, let me see now, step by step.",
)
"""Reasoning that says nothing about the answer."""


def hostile_texts(max_size: int = 30) -> SearchStrategy[str]:
    """Draw texts that break careless code: empty, NUL, lone surrogates, right-to-left marks, format characters …"""
    anything = st.text(alphabet=st.characters(), max_size=max_size)
    return st.one_of(st.sampled_from(TRAPS), anything, st.lists(st.sampled_from(TRAPS), max_size=4).map("".join))


def formats() -> SearchStrategy[Format]:
    """Draw a preset format."""
    return st.sampled_from(tuple(PRESETS.values()))


def tasks(among: Sequence[Task] = NUMBERS) -> SearchStrategy[Task]:
    """Draw one of the tasks."""
    return st.sampled_from(tuple(among))


def completions(form: Format | None = None, answers: Sequence[str] = ("42", "-3")) -> SearchStrategy[str]:
    """Draw completions: well-formed ones, nearly well-formed ones, and hostile text."""
    shape = form or PRESETS["unsloth"]
    answer = st.sampled_from(tuple(answers))
    rendered = st.builds(shape.render, answer, st.sampled_from(NEUTRAL))
    marks = tuple(mark for mark in (shape.prefill, *shape.tags, shape.solution_close) if mark)
    pieces = st.sampled_from((*WORDS, *marks, *marks))
    broken = st.lists(pieces, max_size=6).map("".join)
    return st.one_of(broken, rendered, hostile_texts())


def chats(text: str) -> list[Any]:
    """Return one reply in every shape in which trainers pass it.

    >>> [type(shape).__name__ for shape in chats("hi")]
    ['str', 'dict', 'list', 'list', 'list']
    """
    message = {"role": "assistant", "content": text}
    earlier = [{"role": "assistant", "content": "let me look"}, {"role": "user", "content": "go on"}]
    return [text, message, [message], [message | {"content": [{"type": "text", "text": text}]}], [*earlier, message]]


def empty_chats() -> SearchStrategy[Any]:
    """Draw completions without any text: no messages, `content=None`, an image only, a tool call."""
    call = {"role": "assistant", "content": None, "tool_calls": [{"function": {"name": "f", "arguments": {}}}]}
    image = {"role": "assistant", "content": [{"type": "image"}]}
    return st.sampled_from(
        ([], [{"role": "assistant", "content": None}], [call], [image], [{"role": "assistant"}], [[]])
    )


def samples(
    among: Sequence[Task] = (), reads: Sequence[str] = (), completion: SearchStrategy[Any] | None = None
) -> SearchStrategy[Sample]:
    """Draw samples: of the tasks where there are any, else with plain values in the columns that are read."""
    if among:
        return st.sampled_from(tuple(among)).flatmap(lambda task: _of_task(task, completion))
    columns = st.fixed_dictionaries({name: st.sampled_from(("42", "blue", "1/2")) for name in reads})
    prompt = st.sampled_from(("What is 6 times 7?", "Which colour?"))
    text = completions() if completion is None else completion
    return st.builds(lambda text, asked, row: Sample(text, asked, row, group=asked), text, prompt, columns)


def _of_task(task: Task, completion: SearchStrategy[Any] | None) -> SearchStrategy[Sample]:
    answers = (*task.right * max(1, len(task.wrong)), *task.wrong)  # right and wrong ones about equally often
    texts = completions(task.form, answers) if completion is None else completion
    return texts.map(task.completed)


def any_samples() -> SearchStrategy[Sample]:
    """Draw samples of every chat shape; what `from_type(Sample)` gives."""
    shaped = completions().flatmap(lambda text: st.sampled_from(chats(text)))
    answered = samples(reads=("answer",), completion=st.one_of(completions(), shaped, empty_chats()))
    return st.one_of(answered, samples(NUMBERS))


def batches(one: SearchStrategy[Sample], min_size: int = 0, max_size: int = 5) -> SearchStrategy[list[Sample]]:
    """Draw batches in which the completions of one prompt stand together, as trainers give them."""
    return st.lists(one, min_size=min_size, max_size=max_size).map(
        lambda batch: sorted(batch, key=lambda sample: str(sample.group))
    )
