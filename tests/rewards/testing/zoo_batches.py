"""Rewards for which something matters that must not."""

import itertools
import random
from dataclasses import dataclass, replace

from zoo_parts import TAGGED, animal, batched, box, right, slip

from plaudit import Score, Spec
from plaudit.rows import RowReward

_BY_ID: dict = {}
_CALLS = itertools.count()
_SEEN: set = set()


@slip("repeatable", "caches by id, which the next object takes over")
def cached_by_id(sample):
    return _BY_ID.setdefault(id(sample), right(sample))


@slip("repeatable", "caches by the completion's id, which the next text takes over")
def cached_by_id_of_the_completion(sample):
    return _BY_ID.setdefault((id(sample.completion), len(sample.text)), right(sample))


@slip("repeatable", "caches by the messages' id, which the next list takes over")
def cached_by_id_of_the_messages(sample):
    if isinstance(sample.completion, str):
        return right(sample)
    return _BY_ID.setdefault(id(sample.completion), right(sample))


@slip("repeatable", "caches by the row's id, which the next row takes over")
def cached_by_id_of_the_row(sample):
    return _BY_ID.setdefault(id(sample.columns), right(sample))


@slip("repeatable", "caches by the batch's id, which the next list takes over", make=batched, accept_at=1.0)
def cached_by_id_of_the_batch(batch):
    return _BY_ID.setdefault((id(batch), len(batch)), [right(sample) for sample in batch])


@slip("repeatable", "keeps a running mean as its baseline", low=-1.0)
def counts_its_calls(sample):
    value = right(sample)
    return None if value is None else value - (next(_CALLS) % 7) / 10


@slip("repeatable", "adds a little noise to break ties", high=1.01)
def noisy_ties(sample):
    value = right(sample)
    return None if value is None else value + random.random() / 100


@slip("repeatable", "pays for what it hasn't seen before")
def novelty_for_ever(sample):
    fresh = sample.text not in _SEEN
    _SEEN.add(sample.text)
    return right(sample) if fresh else 0.0


@slip("process-stable", "breaks ties by hash()", high=1.5)
def breaks_ties_by_hash(sample):
    value = right(sample)
    return None if value is None else value + (hash(sample.text) % 100) / 200


@slip("process-stable", "takes the first of a set", high=1.0)
def first_of_a_set(sample):
    words = {word for word in sample.text.split() if word}
    value = right(sample)
    return None if value is None else max(value, 0.5 if words and next(iter(words)) > "m" else 0.0)


@slip("permutation", "pays the first of the batch extra", make=batched, coupled=True, high=1.5)
def first_place_bonus(batch):
    return [None if (value := right(sample)) is None else value + 0.5 * (at == 0) for at, sample in enumerate(batch)]


@slip("permutation", "compares with the neighbour before", make=batched, coupled=True)
def unlike_the_neighbour(batch):
    texts = [None, *(sample.text for sample in batch)]
    return [float(before != text) for before, text in itertools.pairwise(texts)]


@slip("split", "divides by the best of the batch, and doesn't say that it is coupled", make=batched)
def relative_to_the_batch(batch):
    values = [len(sample.text) for sample in batch]
    return [value / max([*values, 1]) for value in values]


@slip("duplicates", "pays only the first copy", make=batched, coupled=True)
def only_the_first_copy(batch):
    seen, values = set(), []
    for sample in batch:
        key = (sample.text, str(sample.columns["answer"]))
        values.append(0.0 if key in seen else right(sample))
        seen.add(key)
    return values


@slip("shape", "judges the first message")
def first_message_only(sample):
    content = sample.completion
    while isinstance(content, (list, dict)) and content:
        content = content[0] if isinstance(content, list) else content.get("content", content.get("text", ""))
    return right(replace(sample, completion=content if isinstance(content, str) else ""))


@slip("shape", "judges what str() makes of the messages", tasks=TAGGED, reads=())
def text_of_the_list(sample):
    return float(str(sample.completion).endswith("</answer>"))


@dataclass(frozen=True, kw_only=True)
class NoRoomForMore(RowReward):
    """Takes only the arguments that it knew when it was written."""

    spec = Spec("no-room-for-more", 0.0, 1.0, ("answer",), 1.0)

    def score_one(self, sample):
        return Score(right(sample))

    def __call__(self, prompts=None, completions=None, answer=None):
        return super().__call__(prompts, completions, answer=answer)


animal("no-room-for-more", "extra-columns", "has no **columns", NoRoomForMore())


@slip("reads", "uses a column that its spec doesn't name")
def secret_difficulty(sample):
    value = right(sample)
    return None if value is None else value * (1.0 if sample.columns.get("difficulty") != "7" else 0.5)


@slip("reads", "prefers another gold where the row has one")
def secret_solution(sample):
    return right(replace(sample, columns={"answer": sample.columns.get("solution", sample.columns["answer"])}))


@slip("abstain", "finds the empty gold in every text")
def blank_gold_pays(sample):
    gold = str(sample.columns["answer"] or "").strip()
    return float(gold in box(sample.text)) if gold else 1.0


@slip("abstain", "scores a row without gold as wrong")
def blank_gold_is_zero(sample):
    return right(sample) or 0.0


@slip("abstain-local", "leaves rows without gold out, and fills up behind", make=batched, accept_at=1.0)
def shifts_behind_a_gap(batch):
    values = [right(sample) for sample in batch if sample.columns["answer"]]
    return values + [None] * (len(batch) - len(values))
