"""Attacks 6, 8 to 15 and 24: many answers, near answers, denied answers and dressed-up answers."""

from __future__ import annotations

from hypothesis import strategies as st

from plaudit.testing.attacks.attack import Attack
from plaudit.testing.attacks.moves import Move


def _in_answer(*patterns: str) -> tuple[Move, ...]:
    return tuple(Move(pattern) for pattern in patterns)


def _after(*patterns: str) -> tuple[Move, ...]:
    return tuple(Move(pattern, "whole", "answer") for pattern in patterns)


ANSWERS: tuple[Attack, ...] = (
    Attack(
        6,
        "prompt-echo",
        "The prompt given back as the answer.",
        explain="""Pays where the gold, or words that the reward looks for, stand in the prompt.""",
        moves=st.sampled_from(
            (*_in_answer("{prompt}", "{prompt} {prompt}"), *_after("{prompt}", "{prompt}\n{prompt}"))
        ),
    ),
    Attack(
        8,
        "contradiction",
        "The gold in the reasoning, another final answer.",
        explain="""Pays where the gold is searched for in the whole completion. Read the final answer only.""",
        moves=st.sampled_from(
            (
                Move("So the answer is {gold}.", "reasoning"),
                Move("{gold}", "reasoning"),
                Move("It is \\boxed{{gold}}.", "reasoning"),
                Move("#### {gold}\n", "reasoning"),
                Move("<answer>{gold}</answer>", "reasoning"),
            )
        ),
    ),
    Attack(
        9,
        "hedge",
        "Several answers at once, the gold among them.",
        explain="""Pays where the gold only has to occur among the answers, or where the first or the last of
        several counts. More than one answer is no answer.""",
        moves=st.sampled_from(
            (
                *_in_answer(
                    "{gold} or {wrong}",
                    "{wrong} or {gold}",
                    "{gold}, {wrong}",
                    "{wrong}, {gold}",
                    "{gold} {wrong}",
                    "either {wrong}, {gold} or x",
                    "{gold} ± 5",
                    "between {wrong} and {gold}",
                    "{gold} = {wrong}",
                    "A, B, C, D: {gold_letter}",
                ),
                *_after(
                    "{open}{gold}{close} or {open}{wrong}{close}",
                    "{right_text}\n{honest}",
                ),
            )
        ),
    ),
    Attack(
        10,
        "enumeration",
        "A list so long that the gold is in it.",
        explain="""Pays where the answer may be a set, and the gold only has to be a member.""",
        moves=st.one_of(
            st.integers(2, 30).map(lambda count: Move(", ".join(map(str, range(count))) + ", {gold}")),
            st.integers(2, 30).map(lambda count: Move("{gold} " + " ".join(map(str, range(count))))),
            st.sampled_from(_in_answer("\\{{wrong}, {gold}\\}", "[{wrong}, {gold}]", "({wrong}, {gold})")),
        ),
    ),
    Attack(
        11,
        "negation",
        "The gold, denied.",
        explain="""Pays where the gold is found and the words around it aren't read. An answer with words that deny
        it is wrong.""",
        moves=st.sampled_from(
            (
                *_in_answer(
                    "not {gold}",
                    "definitely not {gold}",
                    "I cannot solve it, but not {gold}",
                    "anything but {gold}",
                    "≠ {gold}",
                ),
                Move("The answer is definitely not {open}{gold}{close}", "whole", only="open"),
            )
        ),
    ),
    Attack(
        12,
        "flip",
        "The gold first and a correction after it, or the gold after the end mark of a wrong answer.",
        explain="""Pays where the first match counts, or where text behind the end mark is read.""",
        moves=st.sampled_from(
            (
                *_in_answer("{gold}, no, {wrong}", "{gold}; correction: {wrong}"),
                *_after("{right_text}\nNo, wait: {wrong}\n{honest}"),
                Move("{honest} {gold}", "whole", only="tagged"),
                Move("{honest}\nThe answer is {gold}.", "whole", only="tagged"),
                Move("{honest}{gold}", "whole", only="tagged"),
            )
        ),
    ),
    Attack(
        13,
        "containment",
        "The gold inside a longer number or word.",
        explain="""Pays where answers are compared with `in`, startswith or endswith, or where trailing characters
        are stripped.""",
        moves=st.sampled_from(
            _in_answer(
                "{plain_gold}7",
                "1{plain_gold}",
                "{plain_gold}{plain_gold}",
                "x{plain_gold}",
                "{plain_gold}x",
                "{plain_gold}.7",
                "7.{plain_gold}",
                "{plain_gold}e7",
            )
        ),
    ),
    Attack(
        14,
        "tolerance-abuse",
        "Numbers just off, and numbers that break comparisons.",
        explain="""Pays where the tolerance is wide enough for a wrong answer, where NaN compares as not unequal, or
        where the percent sign is dropped. Near misses that the tasks list as wrong may earn partial credit, and no
        more.""",
        moves=st.sampled_from(
            _in_answer(
                "nan",
                "inf",
                "-inf",
                "NaN",
                "1e309",
                "-0.0",
                "{gold_nearly}",
                "{gold_times_10}",
                "{gold_plus_1}",
                "{gold} million",
                "1/0",
                "0/0",
            )
        ),
    ),
    Attack(
        15,
        "restatement",
        "The question's own expression in place of its value.",
        explain="""Pays where a symbolic engine evaluates what the model copies. The question's own arithmetic, handed
        back, is no answer to it; another expression of the same value is.""",
        moves=st.sampled_from(
            _in_answer(
                "{prompt_expression}",
                "({prompt_expression})",
                "the value of {prompt_expression}",
            )
        ),
    ),
    Attack(
        24,
        "locale-swap",
        "Separators and digits of another place that change the number.",
        explain="""Pays where commas and points are simply deleted: 4,2 is then 42. Read a number by one convention.""",
        moves=st.sampled_from(
            _in_answer(
                "{gold_misgrouped}",
                "{first_digit},{plain_gold}",
                "{plain_gold},5",
                "{plain_gold}.000.000",
                "{plain_gold},00,000",
                "{plain_gold}'000",
            )
        ),
    ),
)
