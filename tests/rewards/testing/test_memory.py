"""The law `repeatable` finds caches keyed by id() by making the addresses meet, not by waiting for it."""

import io
from contextlib import redirect_stdout
from dataclasses import replace

import pytest
from zoo_batches import _BY_ID
from zoo_broken import ZOO
from zoo_parts import BOXED, right, rowwise

from plaudit.testing.laws.memory import taken_for_another
from plaudit.testing.running import context_for

BY_ID = [name for name in ZOO if name.startswith("cached-by-id")]


def found(name):
    slip = ZOO[name]
    return taken_for_another(replace(context_for(slip.reward, tasks=slip.tasks), target="REWARD"))


@pytest.mark.parametrize("name", BY_ID)
def test_a_cache_by_address_is_found_without_luck(name):
    assert found(name) is not None


@pytest.mark.parametrize("name", BY_ID)
def test_the_printed_case_shows_it(name):
    said, code = io.StringIO(), found(name).code
    _BY_ID.clear()  # as in the fresh process that the case is pasted into
    with redirect_stdout(said):
        exec(code, {"REWARD": ZOO[name].reward})
    together, first, second = said.getvalue().splitlines()
    assert together != f"[{first}, {second}]"


def keeps_what_it_caches(sample):
    return KEPT.setdefault(id(sample.completion), (sample, right(sample)))[1]


KEPT: dict = {}


def test_a_cache_that_keeps_the_object_alive_is_no_slip():
    assert taken_for_another(context_for(rowwise(keeps_what_it_caches), tasks=BOXED)) is None
