"""Rewards that give back the wrong thing, or change what they were given."""

import math
import re
from dataclasses import replace

from zoo_parts import batched, box, right, slip


@slip("length", "gives the mean of the batch once, and trusts the trainer to spread it", make=batched, accept_at=1.0)
def broadcast_of_one_value(batch):
    return [sum(right(sample) or 0.0 for sample in batch) / max(1, len(batch))]


@slip("length", "skips completions without an answer", make=batched, accept_at=1.0)
def drops_unanswered(batch):
    return [right(sample) for sample in batch if "boxed" in sample.text]


@slip("empty-batch", "divides by the longest completion of the batch", make=batched, coupled=True)
def divides_by_the_longest(batch):
    longest = max(len(sample.text) for sample in batch)
    return [(right(sample) or 0.0) * len(sample.text) / max(1, longest) for sample in batch]


@slip("number", "returns the comparison itself, a bool")
def pays_a_bool(sample):
    return box(sample.text).strip() == str(sample.columns["answer"]) if sample.columns["answer"] else None


@slip("number", "returns the formatted score")
def pays_a_text(sample):
    value = right(sample)
    return None if value is None else f"{value:.1f}"


@slip("finite", "divides by the number of words, as floats")
def nan_for_blank(sample):
    return right(sample) if sample.text.split() else math.nan


@slip("finite", "takes the logarithm of a probability of zero")
def minus_infinity(sample):
    value = right(sample)
    return value if value is None or value else -math.inf


@slip("range", "adds a bonus that the declared range forgets")
def bonus_beyond_the_range(sample):
    value = right(sample)
    return value if not value else value + 0.5


@slip("range", "declares 0 to 10 and pays 0 or 1", high=10.0)
def range_too_wide(sample):
    return right(sample)


@slip("total", "takes the first match without asking whether there is one")
def index_error_without_a_box(sample):
    found = re.findall(r"\\boxed\{(.*?)\}", sample.text)[-1]
    return float(found.strip() == str(sample.columns["answer"]).strip()) if sample.columns["answer"] else None


@slip("total", "reads message 0 as a text")
def content_none_raises(sample):
    message = sample.completion[0] if isinstance(sample.completion, list) else {"content": sample.completion}
    return right(replace(sample, completion=message["content"].strip()))


@slip("total", "encodes the text, which lone surrogates can't be")
def surrogates_raise(sample):
    return right(sample) if sample.text.encode() is not None else 0.0


@slip("no-mutation", "pops the gold out of the row")
def pops_the_gold(sample):
    value = right(sample)
    sample.columns.pop("difficulty", None)
    sample.columns["seen"] = True
    return value


@slip("no-mutation", "strips the messages in place")
def strips_in_place(sample):
    if isinstance(sample.completion, list):
        for message in sample.completion:
            if isinstance(message, dict):
                message["content"] = str(message.get("content") or "").strip() + " "
    return right(sample)


@slip("no-mutation", "sorts the batch by length", make=batched, accept_at=1.0)
def sorts_the_batch(batch):
    values = [right(sample) for sample in batch]
    batch.sort(key=lambda sample: (len(sample.text), sample.text))
    batch.append(batch[0]) if batch else None
    return values
