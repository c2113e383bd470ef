"""The law `repeatable` finds caches keyed by id() by making the addresses meet, not by waiting for it."""

import subprocess
import sys
from dataclasses import replace

import pytest
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


# The library hands a reward a copy of the batch, whose address no printed case can choose: that one shows by luck.
@pytest.mark.parametrize("name", [name for name in BY_ID if not name.endswith("-of-the-batch")])
def test_the_printed_case_shows_it_in_a_process_of_its_own(name):
    begin = f"import sys; sys.path[:0] = {sys.path!r}; from zoo_broken import ZOO; REWARD = ZOO[{name!r}].reward\n"
    assert any(shows(begin + found(name).code) for _ in range(8))


def shows(code):
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    assert ran.returncode == 0, ran.stderr
    together, first, second = ran.stdout.splitlines()
    return together != f"[{first}, {second}]"


def keeps_what_it_caches(sample):
    return KEPT.setdefault(id(sample.completion), (sample, right(sample)))[1]


KEPT: dict = {}


def test_a_cache_that_keeps_the_object_alive_is_no_slip():
    assert taken_for_another(context_for(rowwise(keeps_what_it_caches), tasks=BOXED)) is None
