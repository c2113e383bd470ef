"""Writing a case so that it can be pasted into Python."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from plaudit.protocol import Sample

LONGEST = 300

HEADER = "from plaudit import Sample, load, recipe"


def paste(value: Any) -> str:
    """Write a value as Python, long repetitions as a product.

    >>> paste("ab" * 500)
    "'ab' * 500"
    >>> paste(Sample("x", columns={"answer": "4"}))
    "Sample('x', columns={'answer': '4'})"
    """
    if isinstance(value, Sample):
        return _sample(value)
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, list):
        return "[" + ", ".join(map(paste, value)) + "]"
    if isinstance(value, tuple):
        return "(" + ", ".join(map(paste, value)) + ("," if len(value) == 1 else "") + ")"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key!r}: {paste(item)}" for key, item in value.items()) + "}"
    return repr(value)


def scoring(target: str, *batches: Sequence[Sample], lines: Sequence[str] = ()) -> str:
    """Write the lines that load a reward and score these batches."""
    adapter = target.partition("(")[0].removeprefix("from_")
    imports = [f"from plaudit.adapters.{adapter} import from_{adapter}"] if target.startswith("from_") else []
    code = [HEADER, *imports, f"reward = {target}", *lines]
    code += [f"print([score.value for score in reward.score({_batch(batch)})])" for batch in batches]
    return "\n".join(code)


def _batch(batch: Sequence[Sample]) -> str:
    if len(batch) == 1:
        return f"[{paste(batch[0])}]"
    return "[\n" + "".join(f"    {paste(sample)},\n" for sample in batch) + "]" if batch else "[]"


def _sample(sample: Sample) -> str:
    words = [paste(sample.completion)]
    if sample.prompt:
        words.append(("" if len(words) == 1 else "prompt=") + paste(sample.prompt))
    if sample.columns:
        words.append(f"columns={paste(dict(sample.columns))}")
    if sample.group is not None and sample.group != sample.prompt:
        words.append(f"group={sample.group!r}")
    return f"Sample({', '.join(words)})"


def _text(text: str) -> str:
    if len(text) <= LONGEST:
        return repr(text)
    for width in range(1, 65):
        times, rest = divmod(len(text), width)
        if text[:width] * times == text[: width * times]:
            product = f"{text[:width]!r} * {times}"
            return f"{product} + {text[-rest:]!r}" if rest else product
    return _squeezed(text)


def _squeezed(text: str) -> str:
    """Write the longest run of one character as a product, whatever stands around it."""
    best, start = (0, 0), 0
    for index in range(1, len(text) + 1):
        if index == len(text) or text[index] != text[start]:
            best, start = max(best, (index - start, start)), index
    length, at = best
    if length < 50:
        return repr(text)
    before, after = text[:at], text[at + length :]
    return " + ".join(filter(None, [before and repr(before), f"{text[at]!r} * {length}", after and repr(after)]))
