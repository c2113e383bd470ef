"""The tester tested: each broken reward is caught by the law meant for it, and honest ones raise no alarm."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from zoo_broken import ZOO
from zoo_honest import HONEST
from zoo_parts import PATIENT

from plaudit.testing import check

TABLE = Path(__file__).parent / "zoo_table.json"


HASTY = replace(PATIENT, deadline_seconds=4.0)
"""What never ends need not be waited for as long as what is honest, on a busy machine."""


def found_by(slip, laws=(), profile=PATIENT):
    report = check(slip.reward, tasks=slip.tasks or None, laws=laws, profile=profile)
    return [result.law for result in report.failed]


def test_the_zoo_is_large():
    assert len(ZOO) >= 40


@pytest.mark.parametrize("name", ZOO)
def test_a_broken_reward_is_caught_by_the_law_meant_for_it(name):
    slip = ZOO[name]
    assert found_by(slip, [slip.law], HASTY) == [slip.law], slip.story


@pytest.mark.parametrize("name", HONEST)
def test_an_honest_reward_raises_no_alarm(name):
    assert found_by(HONEST[name]) == []


def test_the_committed_table_has_every_animal_and_its_law():
    table = json.loads(TABLE.read_text())
    assert {name: slip.law for name, slip in ZOO.items()} == {row["reward"]: row["meant"] for row in table["broken"]}
    assert set(HONEST) == {row["reward"] for row in table["honest"]}
    assert all(row["meant"] in row["found_by"] for row in table["broken"])
    assert not any(row["found_by"] for row in table["honest"])
