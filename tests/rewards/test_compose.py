"""The laws of composition, on random trees of rewards and random batches."""

import math
import pickle
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rewards_for_tests import Stranger, brevity, polite, same_city

from plaudit import (
    ConfigError,
    DataError,
    Sample,
    Score,
    Spec,
    as_reward,
    clip,
    first,
    gate,
    load,
    maximum,
    minimum,
    schedule,
)

LEAVES = [
    load("format-exact"),
    load("format-approx"),
    load("answer-match"),
    load("answer-match", near=0.05),
    load("numeric-tolerance"),
    as_reward(Stranger()),
    polite,
    polite.using(greeting="<"),
    same_city,
    brevity,
]
NUMBERS = st.floats(-4, 4).map(lambda number: round(number, 3))


def composites(children):
    pairs = st.tuples(children, children)
    return st.one_of(
        pairs.map(lambda pair: pair[0] + pair[1]),
        pairs.map(lambda pair: pair[0] - pair[1]),
        st.tuples(children, NUMBERS).map(lambda pair: pair[1] * pair[0]),
        st.tuples(children, children, NUMBERS, st.none() | NUMBERS).map(
            lambda four: gate(four[0], on=four[1], at_least=four[2], otherwise=four[3])
        ),
        st.tuples(children, st.floats(-3, 0), st.floats(0, 3)).map(
            lambda three: clip(three[0], low=three[1], high=three[2])
        ),
        st.tuples(children, st.integers(1, 9), NUMBERS, NUMBERS, st.integers(0, 12)).map(
            lambda five: schedule(five[0], over_steps=five[1], start=five[2], end=five[3]).at(five[4])
        ),
        st.lists(children, min_size=1, max_size=3).map(lambda many: first(*many)),
        st.lists(children, min_size=1, max_size=3).map(lambda many: minimum(*many)),
        st.lists(children, min_size=1, max_size=3).map(lambda many: maximum(*many)),
        st.tuples(children, st.sampled_from(["a", "b"])).map(lambda pair: pair[0].named(pair[1])),
    )  # fmt: skip


TREES = st.recursive(st.sampled_from(LEAVES), composites, max_leaves=6)
TEXTS = st.sampled_from(
    ["", "4", "Dear 4", "so<end_working_out><SOLUTION>4</SOLUTION>", "<SOLUTION>5</SOLUTION>", "Berlin"]
)  # fmt: skip
SAMPLES = st.builds(
    lambda text, gold: Sample(text, columns={"answer": gold}), TEXTS, st.sampled_from(["4", "5", "", "berlin"])
)
BATCHES = st.lists(SAMPLES, max_size=5)


def values(reward, batch):
    return [score.value for score in reward.score(batch)]


def check_parts(score):
    if score.parts and score.value is not None:
        assert score.value == math.fsum(part.contribution for part in score.parts)
    for part in score.parts:
        check_parts(part.score)


@given(TREES, BATCHES)
def test_parts_add_up_exactly_at_every_level(reward, batch):
    for score in reward.score(batch):
        check_parts(score)


@given(TREES, BATCHES)
def test_every_total_lies_in_the_computed_range(reward, batch):
    for value in values(reward, batch):
        assert value is None or reward.spec.low - 1e-9 <= value <= reward.spec.high + 1e-9


@given(TREES, BATCHES, st.data())
def test_no_row_depends_on_its_neighbours(reward, batch, data):
    order = data.draw(st.permutations(range(len(batch))))
    cut = data.draw(st.integers(0, len(batch)))
    whole = values(reward, batch)
    assert values(reward, [batch[index] for index in order]) == [whole[index] for index in order]
    assert values(reward, batch[:cut]) + values(reward, batch[cut:]) == whole


@given(TREES, BATCHES)
def test_pickling_keeps_name_range_and_pay(reward, batch):
    again = pickle.loads(pickle.dumps(reward))
    assert (again, again.spec, again.__name__) == (reward, reward.spec, reward.__name__)
    assert again.score(batch) == reward.score(batch)


@given(TREES, BATCHES)
def test_threads_give_the_same_values(reward, batch):
    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(lambda _: reward.score(batch), range(4)))
    assert results == [reward.score(batch)] * 4


@given(TREES, BATCHES, st.sampled_from([0.25, 0.5, 2.0, -4.0]))
def test_a_weight_scales_the_total(reward, batch, weight):
    scaled = values(weight * reward, batch)
    for value, times in zip(values(reward, batch), scaled, strict=True):
        assert (value is None) == (times is None)
        assert value is None or times == pytest.approx(weight * value)


@given(TREES, TREES, BATCHES)
def test_the_order_of_parts_changes_nothing(left, right, batch):
    assert values(left + right, batch) == values(right + left, batch)


@given(TREES, TREES, BATCHES)
def test_a_weight_of_zero_changes_nothing(left, right, batch):
    assert values(left.named("left") + 0 * right, batch) == values(left.named("left"), batch)


@given(st.sampled_from(LEAVES), st.sampled_from(LEAVES), st.sampled_from(LEAVES), BATCHES)
def test_nested_sums_equal_flat_ones(one, two, three, batch):
    nested, flat = one + (two + three).named("inner"), one + two + three
    assert values(nested, batch) == pytest.approx(values(flat, batch))


@given(TREES, BATCHES)
def test_split_parts_and_weights_give_the_total_back(reward, batch):
    functions, weights = reward.split()
    columns = {"answer": [sample.columns["answer"] for sample in batch]}
    rows = zip(*(part(completions=[s.completion for s in batch], **columns) for part in functions), strict=True)
    for row, value in zip(rows, values(reward, batch), strict=True):
        spoken = [weight * part for weight, part in zip(weights, row, strict=True) if part is not None]
        if value is not None:
            assert math.fsum(spoken) == pytest.approx(value)


@dataclass(frozen=True)
class Counting:
    """Counts how often it is asked."""

    calls: list = field(default_factory=list, compare=False)

    @property
    def spec(self):
        return Spec("counting", 0.0, 1.0, accept_at=1.0)

    def score(self, batch, /):
        self.calls.append(len(batch))
        return [Score(1.0) for _ in batch]


def test_a_part_used_three_times_is_computed_once():
    counting = Counting()
    tree = gate(as_reward(counting), on=as_reward(counting)) + counting + minimum(counting, polite)
    assert values(tree, [Sample("a"), Sample("b")]) == [2.0, 2.0]
    assert counting.calls == [2]


def test_a_gate_lets_through_shuts_and_abstains():
    judge = gate(brevity, on=same_city, otherwise=-20.0)
    batch = [
        Sample(text, columns={"answer": gold}) for text, gold in [("rome", "Rome"), ("bonn", "Rome"), ("bonn", "")]
    ]
    assert values(judge, batch) == [-4, -20.0, None]
    assert judge.spec.low == -20.0
    assert values(gate(brevity, on=same_city, otherwise=None), batch) == [-4, None, None]


def test_a_schedule_moves_and_stops():
    rising = schedule(polite, over_steps=10, start=0.0, end=2.0)
    assert [rising.at(step).score([Sample("Dear")])[0].value for step in (0, 5, 10, 99)] == [0.0, 1.0, 2.0, 2.0]
    assert (rising + brevity).at(10).score([Sample("Dear")])[0].value == -2.0


def test_choices_pass_over_those_who_abstain():
    batch = [Sample("Dear", columns={"answer": ""}), Sample("rome", columns={"answer": "Rome"})]
    assert values(first(same_city, polite), batch) == [1.0, 1.0]
    assert values(minimum(same_city, polite), batch) == [1.0, 0.0]
    assert values(maximum(same_city, brevity), batch) == [-4, 1.0]


def test_equal_parts_are_told_apart_by_number_and_merged_by_weight():
    sum_of_two = load("answer-match") + load("answer-match", near=0.05)
    assert sum_of_two.names == ["answer-match", "answer-match-2"]
    assert [function.__name__ for function in sum_of_two.split().functions] == ["answer-match", "answer-match-2"]
    assert (polite + polite).split() == (2 * polite).split()


def test_a_missing_column_is_named_before_any_part_is_computed():
    counting = Counting()
    with pytest.raises(DataError, match="'answer'"):
        (as_reward(counting) + same_city).score([Sample("x")])
    assert counting.calls == []


WRONG = [
    (lambda: gate(polite, on=brevity), "at_least"),
    (lambda: clip(polite), "bound"),
    (lambda: clip(polite, low=2.0, high=1.0), "low <= high"),
    (lambda: schedule(polite, over_steps=0), "1 or more"),
    (lambda: schedule(polite, over_steps=1, end=math.inf), "finite"),
    (lambda: first(), "at least one"),
    (lambda: math.nan * polite, "finite"),
    (lambda: first(len), "decorate"),
    (lambda: gate(polite, on=str), "not a reward"),
    (lambda: polite.named("no spaces"), "can't name"),
]


@pytest.mark.parametrize(("build", "hint"), WRONG)
def test_a_composition_that_makes_no_sense_is_refused(build, hint):
    with pytest.raises(ConfigError, match=hint):
        build()


@pytest.mark.parametrize("other", [1, "x", None, str, True])
def test_only_rewards_add_and_only_numbers_multiply(other):
    with pytest.raises(TypeError):
        polite + other
    if not isinstance(other, int) or isinstance(other, bool):
        with pytest.raises(TypeError):
            other * polite
