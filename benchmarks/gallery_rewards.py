"""Rewards of the gallery that can't be imported from where they are: written anew from their documentation.

open-r1's are described in its README and docstrings (format, tag counts, reasoning steps); Math-Verify's is the two
calls that its README shows. No code was copied; what differs from the originals is our mistake.
"""

import re


def _text(completion):
    return completion if isinstance(completion, str) else completion[0]["content"]


def open_r1_format(completions, **_columns):
    """1.0 when the completion is a think block followed by an answer block, each on lines of its own."""
    shape = re.compile(r"^<think>\n.*?\n</think>\n<answer>\n.*?\n</answer>$", re.DOTALL | re.MULTILINE)
    return [1.0 if shape.match(_text(completion)) else 0.0 for completion in completions]


def open_r1_tag_count(completions, **_columns):
    """A quarter for each of the four tags that occurs exactly once, with its line breaks."""
    marks = ("<think>\n", "\n</think>\n", "\n<answer>\n", "\n</answer>")
    return [sum(0.25 for mark in marks if _text(completion).count(mark) == 1) for completion in completions]


def open_r1_reasoning_steps(completions, **_columns):
    """A third for each sign of a step: `Step 1:`, `1.` at the start of a line, a bullet, or a connective."""
    step = re.compile(r"(Step \d+:|^\d+\.|\n-|\n\*|First,|Second,|Next,|Finally,)")
    return [min(1.0, len(step.findall(_text(completion))) / 3) for completion in completions]


def math_verify_reward(completions, solution, **_columns):
    """1.0 when Math-Verify says that the parsed completion equals the parsed gold."""
    from math_verify import parse, verify

    pairs = zip(completions, solution, strict=True)
    return [float(verify(parse(gold), parse(_text(completion)))) for completion, gold in pairs]
