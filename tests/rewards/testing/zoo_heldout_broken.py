"""Broken rewards that no law was written for: slips of the kind that public reward code shows, kept apart from the zoo.

The law named first is what an author would expect to find it; it was written down before the first run.
"""

import locale
import math
import random
import re
import time
from dataclasses import replace

from zoo_parts import BOXED, TAGGED, Slip

from plaudit import reward
from plaudit.adapters.trl import from_trl
from plaudit.testing.tasks import Task

HELDOUT: dict[str, Slip] = {}
SOLVED = BOXED
PADDED = tuple(replace(task, right=(task.gold, f"{task.gold} ")) for task in BOXED)
GREEK = (
    Task("Which symbol stands for a difference?", r"\Delta", wrong=(r"\delta", r"\Sigma", "d"), format="boxed"),
    Task("The set of real numbers?", r"\mathbb{R}", wrong=(r"\mathbb{r}", r"\mathbb{Q}", "R"), format="boxed"),
    Task("Name the second vertex of triangle ABC.", "B", wrong=("b", "A", "C"), format="boxed"),
)


def trl(law, story, *, tasks=SOLVED, **facts):
    """Enter a function of parallel lists, as TRL calls it."""

    def enter(function):
        HELDOUT[function.__name__.replace("_", "-")] = Slip(law, story, from_trl(function, **facts), tasks)
        return function

    return enter


def ours(law, story, *, tasks=SOLVED):
    """Enter a reward that was made with the decorator."""

    def enter(made):
        HELDOUT[made.spec.name] = Slip(law, story, made, tasks)
        return made

    return enter


def said(completion):
    return completion if isinstance(completion, str) else completion[-1]["content"] or ""


def boxed(text):
    found = re.findall(r"\\boxed\{([^{}]*)\}", text)
    return found[-1].strip() if found else ""


@trl("split", "divides the row's index by the number of generations, though the trainer has repeated the rows")
def wrong_group_index(completions, answer, **kwargs):
    return [float(boxed(said(text)) == answer[index // 2]) for index, text in enumerate(completions)]


@trl("gold-accepted", "compares str(float(…)) with the text of the gold")
def text_of_a_float(completions, answer, **kwargs):
    def same(text, gold):
        try:
            return float(str(float(boxed(said(text)))) == gold)
        except ValueError:
            return 0.0

    return [same(text, gold) for text, gold in zip(completions, answer, strict=True)]


@ours("gold-accepted", "strips on the left only", tasks=PADDED)
@reward(low=0.0, high=1.0, accept_at=1.0)
def strips_left(completion: str, answer: str) -> float:
    found = re.findall(r"\\boxed\{([^{}]*)\}", completion)
    return float(bool(found) and found[-1].lstrip() == answer)


@ours("wrong-refused", "lowers the case of LaTeX, where it has a meaning", tasks=GREEK)
@reward(low=0.0, high=1.0, accept_at=1.0)
def lowers_latex(completion: str, answer: str) -> float:
    start = completion.rfind("\\boxed{")
    return float(start >= 0 and completion[start + 7 :].rstrip().removesuffix("}").lower() == answer.lower())


@trl("number", "returns what numpy's comparison gives")
def numpy_comparison(completions, answer, **kwargs):
    import numpy

    return list(numpy.array([boxed(said(text)) for text in completions]) == numpy.array(answer))


@trl("length", "appends the mean for its own log")
def appends_the_mean(completions, answer, **kwargs):
    values = [float(boxed(said(text)) == gold) for text, gold in zip(completions, answer, strict=True)]
    return [*values, sum(values) / max(1, len(values))]


@trl("no-mutation", "writes the parsed gold back into the column")
def parses_in_place(completions, answer, **kwargs):
    for index, gold in enumerate(answer):
        answer[index] = float(gold) if gold else None
    return [
        None if gold is None else float(boxed(said(text)) in (str(gold), str(gold).removesuffix(".0")))
        for text, gold in zip(completions, answer, strict=True)
    ]


STEP = 0


@trl("repeatable", "counts its calls and warms up")
def warms_up(completions, answer, **kwargs):
    global STEP
    STEP += 1
    scale = min(1.0, STEP / 1000)
    return [scale * (boxed(said(text)) == gold) for text, gold in zip(completions, answer, strict=True)]


@ours("locale-swap", "takes every comma for a decimal point")
@reward(low=0.0, high=1.0, accept_at=1.0)
def decimal_commas(completion: str, answer: str) -> float:
    try:
        return float(float(boxed(completion).replace(",", "")) == float(answer))
    except ValueError:
        return 0.0


@ours("process-stable", "reads numbers by the locale of the machine")
@reward(low=0.0, high=1.0, accept_at=1.0)
def reads_by_locale(completion: str, answer: str) -> float:
    locale.setlocale(locale.LC_ALL, "")
    try:
        return float(locale.atof(boxed(completion)) == float(answer))
    except ValueError:
        return 0.0


@trl("split", "reads the first choice only")
def first_choice(completions, answer, **kwargs):
    text = said(completions[0]) if completions else ""
    return [float(boxed(text) == gold) for gold in answer]


@ours("separation", "forgets re.DOTALL", tasks=TAGGED)
@reward(low=0.0, high=1.0, accept_at=1.0)
def no_dotall(completion: str) -> float:
    return float(bool(re.match(r"^<think>.*?</think>\s*<answer>.*?\S.*?</answer>$", completion.strip())))


@trl("containment", "accepts when the gold occurs in the completion")
def gold_occurs(completions, answer, **kwargs):
    return [float(str(gold) in said(text)) for text, gold in zip(completions, answer, strict=True)]


@trl("repeatable", "breaks ties at random, seeded with the clock")
def clock_seed(completions, answer, **kwargs):
    random.seed(time.time())
    return [
        1.0 if boxed(said(text)) == gold else random.choice([0.0, 0.01])
        for text, gold in zip(completions, answer, strict=True)
    ]


@trl("resource-bomb", "evaluates the answer in Python")
def evaluates_in_python(completions, answer, **kwargs):
    def judge(text, gold):
        try:
            return float(abs(eval(boxed(said(text)).replace("^", "**")) - float(gold)) < 1e-6)
        except Exception:
            return 0.0

    return [judge(text, gold) for text, gold in zip(completions, answer, strict=True)]


@trl("split", "gives the whole batch zero when one row fails")
def one_bad_row_spoils_all(completions, answer, **kwargs):
    try:
        return [float(float(boxed(said(text))) == float(gold)) for text, gold in zip(completions, answer, strict=True)]
    except Exception:
        return [0.0] * len(completions)


@trl("finite", "normalises within the batch, by a deviation that may be zero", low=-3.0, high=3.0, accept_at=None)
def normalises(completions, answer, **kwargs):
    values = [float(boxed(said(text)) == gold) for text, gold in zip(completions, answer, strict=True)]
    mean = sum(values) / len(values) if values else 0.0
    deviation = math.sqrt(sum((value - mean) ** 2 for value in values) / len(values)) if values else 0.0
    return [(value - mean) / deviation if deviation else math.nan for value in values]


@ours("wrong-refused", "allows five per cent, for rounding")
@reward(low=0.0, high=1.0, accept_at=1.0)
def five_per_cent(completion: str, answer: str) -> float:
    try:
        return float(math.isclose(float(boxed(completion)), float(answer), rel_tol=0.05))
    except ValueError:
        return 0.0


@trl("negation", "takes the last number of the completion")
def last_number(completions, answer, **kwargs):
    numbers = [re.findall(r"-?\d+(?:\.\d+)?", said(text)) for text in completions]
    return [float(bool(found) and found[-1] == gold) for found, gold in zip(numbers, answer, strict=True)]


@trl("empty-shell", "pays a quarter for each tag that occurs", tasks=TAGGED)
def a_quarter_per_tag(completions, **kwargs):
    tags = ("<think>", "</think>", "<answer>", "</answer>")
    return [sum(0.25 for tag in tags if said(text).count(tag) == 1) for text in completions]


@ours("range", "adds a bonus for length to a range that ends at 1")
@reward(low=0.0, high=1.0, accept_at=1.0)
def bonus_for_length(completion: str, answer: str) -> float:
    return float(boxed(completion) == answer) + 0.1 * min(1.0, len(completion) / 100)


@trl("quiet", "prints a completion now and then")
def prints_now_and_then(completions, answer, **kwargs):
    if random.random() < 0.1:
        print("-" * 20, completions[0] if completions else "")
    return [float(boxed(said(text)) == gold) for text, gold in zip(completions, answer, strict=True)]


@trl("total", "takes the content of the last message for a text")
def content_may_be_none(completions, answer, **kwargs):
    texts = [text if isinstance(text, str) else text[-1]["content"].strip() for text in completions]
    return [float(boxed(text) == gold) for text, gold in zip(texts, answer, strict=True)]


@ours("time", "wants sentences, by a pattern that backtracks", tasks=())
@reward(low=0.0, high=1.0)
def whole_sentences(completion: str) -> float:
    return float(re.fullmatch(r"((\w+[ ,]?)+\. ?)+", completion) is not None)


@trl("abstain", "writes a missing gold as the text None")
def gold_as_text(completions, answer, **kwargs):
    return [float(boxed(said(text)) == str(gold).strip()) for text, gold in zip(completions, answer, strict=True)]
