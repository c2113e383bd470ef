"""Two judges: agreement, confusion, advantages that turn round, and the rows that tell most."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plaudit.errors import DataError
from plaudit.look.comparison import TELLING, compare
from plaudit.look.reading import read_table
from plaudit.look.table import Judged, Table

from .conftest import record


def table_of(values, *, right=None, group=2, reasons=None):
    table = Table(["rows"])
    for at, value in enumerate(values):
        verdict = None if right is None else right[at]
        reason = reasons[at] if reasons else ""
        table.add(Judged((0, at + 1), b"%d" % (at // group), value, text=at, right=verdict, reason=reason))
    return table


def test_equal_judges_agree_wholly():
    found = compare(table_of([1.0, 2.0, None, 4.0]), table_of([1.0, 2.0, None, 4.0]))
    assert (found.agreement, found.pearson, found.spearman) == (1.0, pytest.approx(1.0), pytest.approx(1.0))
    assert (found.flipped, found.winners, found.telling) == (0, 0, [])
    assert found.abstained == (0, 0, 1)


def test_an_advantage_that_turns_round_is_counted_on_both_rows():
    found = compare(table_of([1.0, 2.0, 3.0, 3.0]), table_of([2.0, 1.0, 3.0, 4.0]))
    assert (found.groups, found.flipped, found.lost, found.winners) == (2, 2, 2, 2)


def test_confusion_and_kappa():
    left = table_of([1.0] * 4, right=[True, True, False, False])
    right = table_of([1.0] * 4, right=[True, False, False, None])
    found = compare(left, right)
    assert found.confusion == {(True, True): 1, (True, False): 1, (False, False): 1}
    assert found.agreement == pytest.approx(2 / 3)
    assert found.kappa == pytest.approx(0.4)


def test_accept_at_makes_verdicts_where_a_file_has_none():
    left, right = table_of([1.0, 5.0, None]), table_of([1.0, 1.0, 1.0])
    left.accept(2.0)
    right.accept(1.0)
    assert compare(left, right).confusion == {(False, True): 1, (True, True): 1}


def test_opposite_verdicts_come_before_mere_distance_and_one_row_stands_for_many_alike():
    left = table_of([0.0, 0.0, 0.0, 9.0], right=[True, True, True, True], group=1, reasons=["x", "x", "y", "y"])
    right = table_of([1.0, 1.0, 1.0, 0.0], right=[True, True, False, True], group=1, reasons=["x", "x", "z", "w"])
    found = compare(left, right).telling
    assert [(each.left, each.alike) for each in found] == [(2, 0), (3, 0), (0, 1), (1, 1)]


def test_no_more_than_twenty_are_told_however_many_differ():
    found = compare(table_of([0.0] * 500, group=500), table_of([float(at % 7) for at in range(500)], group=500))
    assert len(found.telling) == TELLING


def test_rows_in_another_order_are_matched_by_their_texts_and_strangers_are_counted(write):
    rows = [record("q", f"c{at}", {"a": float(at)}) for at in range(5)]
    left = read_table([str(write(rows[:4], "left.jsonl"))])
    right = read_table([str(write(rows[:0:-1], "right.jsonl"))])
    found = compare(left, right)
    assert (found.rows, found.only, found.equal) == (3, (1, 1), 3)


def test_a_completion_that_recurs_is_matched_once_each(write):
    twice = [record("q", "same", {"a": 1.0}), record("q", "same", {"a": 2.0})]
    other = [record("q", "other", {"a": 0.0}), *twice]
    found = compare(read_table([str(write(twice, "a.jsonl"))]), read_table([str(write(other, "b.jsonl"))]))
    assert (found.rows, found.equal) == (2, 2)


def test_files_with_nothing_in_common_are_refused(write):
    tables = [read_table([str(write([record(name, name, {"a": 1.0})], f"{name}.jsonl"))]) for name in "ab"]
    with pytest.raises(DataError, match="no row in common"):
        compare(*tables)


values = st.one_of(st.none(), st.integers(-3, 3).map(float))


@given(st.lists(st.tuples(values, values), min_size=1, max_size=24))
def test_comparing_the_other_way_round_tells_the_same(pairs):
    one, other = table_of([a for a, _ in pairs], group=4), table_of([b for _, b in pairs], group=4)
    found, back = compare(one, other), compare(other, one)
    for name in ("equal", "flipped", "lost", "winners", "groups"):
        assert getattr(found, name) == getattr(back, name), name
    assert found.abstained[:2] == back.abstained[1::-1]
    json.dumps(found.to_dict(), allow_nan=False)
