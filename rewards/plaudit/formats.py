"""Formats: how reasoning and answer are marked in a completion.

The trainer writes prompts and demonstrations with a `Format`, the rewards read completions with the same one, so
the two can't drift apart. Tags are plain text or ordinary added tokens: a *special* token vanishes when a trainer
decodes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, get_type_hints

from plaudit.errors import ConfigError, UnknownNameError, UnknownOptionError, nearest
from plaudit.options import check_options
from plaudit.parsing import Parsed, parse_completion

__all__ = ["PRESETS", "Format", "Parsed", "as_format"]

TURN_MARKS = ("<|im_start|>", "<start_of_turn>", "<|start_header_id|>", "<|user|>", "<|assistant|>")
"""Texts that begin a turn: what stands behind one in a completion, the model only pretends."""

END_TOKENS = ("<|im_end|>", "<|endoftext|>", "<|eot_id|>", "<|end|>", "<end_of_turn>", "</s>", "<eos>")


@dataclass(frozen=True)
class Format:
    r"""The marks around reasoning and solution, and all that follows from them.

    Attributes:
        name: What recipes call it.
        reasoning_open: The tag before the working; empty where there is none.
        reasoning_close: The tag after the working; empty where there is none.
        solution_open: The mark before the solution; empty when everything after the working is the solution.
        solution_close: The mark after it; empty when the solution ends with its line; `}` closes a balanced brace.
        prefilled: The chat template writes `reasoning_open`, so the completion need not hold it.
        system_prompt: What tells the model about the marks.
        end_tokens: Texts that may follow a complete answer, since some trainers decode them.

    Raises:
        ConfigError: Marks that contradict each other.

    >>> unsloth = as_format("unsloth")
    >>> text = unsloth.render("4", reasoning="2 + 2 is 4")
    >>> text
    '2 + 2 is 4<end_working_out><SOLUTION>4</SOLUTION>'
    >>> unsloth.parse(text).solution
    '4'
    """

    name: str
    reasoning_open: str = ""
    reasoning_close: str = ""
    solution_open: str = ""
    solution_close: str = ""
    prefilled: bool = False
    system_prompt: str = ""
    end_tokens: tuple[str, ...] = END_TOKENS

    def __post_init__(self) -> None:
        if bool(self.reasoning_open) != bool(self.reasoning_close):
            raise ConfigError(f"Format {self.name!r} needs both reasoning tags, or neither.")
        if self.solution_close and not self.solution_open:
            raise ConfigError(f"Format {self.name!r} closes a solution that it never opens: set solution_open.")
        if self.prefilled and not self.reasoning_open:
            raise ConfigError(f"Format {self.name!r} has no reasoning_open that a template could prefill.")
        marks = [mark for mark in self._marks() if mark]
        if len(set(marks)) != len(marks):
            raise ConfigError(f"Format {self.name!r} uses one mark for two purposes: {', '.join(marks)}.")

    @property
    def tags(self) -> tuple[str, ...]:
        """The marks that the model itself must write, in order; a closing brace is no mark.

        >>> as_format("unsloth").tags
        ('<end_working_out>', '<SOLUTION>', '</SOLUTION>')
        """
        marks = self._marks()[1:] if self.prefilled else self._marks()
        return tuple(mark.strip() for mark in marks if mark and mark != "}")

    @property
    def prefill(self) -> str:
        """What the chat template puts into the model's mouth."""
        return self.reasoning_open if self.prefilled else ""

    @property
    def chat_template(self) -> str:
        """A Jinja chat template for base models: system prompt, turns ended by the end token, prefill.

        >>> "<start_working_out>" in as_format("unsloth").chat_template
        True
        """
        system = json.dumps(self.system_prompt, ensure_ascii=False)
        prefill = json.dumps(self.prefill, ensure_ascii=False)
        return (
            "{%- if messages[0]['role'] == 'system' -%}{{ messages[0]['content'] + eos_token }}"
            "{%- set turns = messages[1:] -%}"
            "{%- else -%}{{ " + system + " + eos_token }}{%- set turns = messages -%}{%- endif -%}"
            "{%- for turn in turns -%}{%- if turn['role'] == 'assistant' -%}{{ turn['content'] + eos_token }}"
            "{%- else -%}{{ turn['content'] }}{%- endif -%}{%- endfor -%}"
            "{%- if add_generation_prompt -%}{{ " + prefill + " }}{%- endif -%}"
        )

    def render(self, solution: str, reasoning: str = "") -> str:
        r"""Write the perfect completion, as the model should (without the prefill).

        >>> as_format("gsm8k").render("4", reasoning="2 + 2 = 4")
        '2 + 2 = 4\n#### 4'
        """
        opening = "" if self.prefilled else self.reasoning_open
        working = f"{opening}{reasoning}{self.reasoning_close}"
        newline = "\n" if working and not self.reasoning_close else ""
        return f"{working}{newline}{self.solution_open}{solution}{self.solution_close}"

    def parse(self, text: str) -> Parsed:
        r"""Read a completion in one linear scan; never raises.

        >>> as_format("boxed").parse(r"so it is \boxed{\frac{1}{2}}.").solution
        '\\frac{1}{2}'
        """
        return parse_completion(self, text)

    def to_dict(self) -> dict[str, Any]:
        """The format as plain data, for a recipe file."""
        return {item.name: getattr(self, item.name) for item in fields(self)} | {"end_tokens": list(self.end_tokens)}

    def _marks(self) -> tuple[str, ...]:
        return self.reasoning_open, self.reasoning_close, self.solution_open, self.solution_close


def format_of(reward: Any) -> Format | None:
    """Return the format that a reward or recipe judges by; None where it has none, or an ending's name instead.

    >>> from plaudit import load
    >>> format_of(load("format-exact")).name, format_of(load("math-equal"))
    ('unsloth', None)
    """
    found = getattr(reward, "format", None)
    return found if isinstance(found, Format) else None


def as_format(value: Format | str | Mapping[str, Any]) -> Format:
    """Return a format from a preset's name, a mapping (`preset` plus changed fields, or all of them), or a format.

    Raises:
        UnknownNameError: No such preset; the nearest one is named.
        UnknownOptionError: No such field; the nearest one is named.

    >>> as_format({"preset": "unsloth", "solution_open": "<A>", "solution_close": "</A>"}).tags
    ('<end_working_out>', '<A>', '</A>')
    """
    if isinstance(value, Format):
        return value
    if isinstance(value, str):
        if value not in PRESETS:
            raise UnknownNameError(f"No format is called {value!r}. {nearest(value, PRESETS)}")
        return PRESETS[value]
    if not isinstance(value, Mapping):
        raise ConfigError(f"A format is a preset's name or a mapping of its fields, not {value!r}.")
    given = dict(value)
    known = {item.name for item in fields(Format)}
    for option in given:
        if option not in known | {"preset"}:
            raise UnknownOptionError(f"A format has no field {option!r}. {nearest(option, known | {'preset'})}")
    if "end_tokens" in given:
        tokens = given["end_tokens"]
        given["end_tokens"] = tuple(tokens) if isinstance(tokens, (list, tuple)) else tokens
    check_options("format", HINTS, {name: item for name, item in given.items() if name != "preset"})
    if preset := given.pop("preset", None):
        return replace(as_format(preset), **{"name": f"{preset}-changed"} | given)
    if "name" not in given:
        raise ConfigError("A format of one's own needs a `name`, or the `preset` that it starts from.")
    return Format(**given)


HINTS = get_type_hints(Format)


PRESETS: dict[str, Format] = {
    form.name: form
    for form in (
        Format(
            "unsloth",
            "<start_working_out>",
            "<end_working_out>",
            "<SOLUTION>",
            "</SOLUTION>",
            prefilled=True,
            system_prompt=(
                "You are given a problem. Work it out first, between <start_working_out> and <end_working_out>. "
                "Then give your solution between <SOLUTION> and </SOLUTION>."
            ),
        ),
        Format(
            "think",
            "<think>",
            "</think>",
            system_prompt="Think first, between <think> and </think>. Then give your answer and nothing else.",
        ),
        Format(
            "r1",
            "<think>",
            "</think>",
            "<answer>",
            "</answer>",
            system_prompt=(
                "Think first, between <think> and </think>. Then give your answer between <answer> and </answer>."
            ),
        ),
        Format(
            "boxed",
            solution_open="\\boxed{",
            solution_close="}",
            system_prompt="Reason step by step and put your final answer within \\boxed{}.",
        ),
        Format(
            "gsm8k",
            solution_open="#### ",
            system_prompt="Reason step by step and end with a line '#### ' followed by the answer.",
        ),
        Format("plain"),
    )
}
