"""What the held-out rewards taught: each miss of their first run is found now, and the false alarm is gone."""

import json
from pathlib import Path

import pytest
from zoo_heldout_broken import HELDOUT
from zoo_heldout_honest import HONEST
from zoo_parts import PATIENT

from plaudit.testing import check

FIRST_RUN = Path(__file__).parent / "zoo_heldout.json"

MENDED = {
    "wrong-group-index": "split",
    "parses-in-place": "no-mutation",
    "decimal-commas": "locale-swap",
    "reads-by-locale": "quiet",
    "no-dotall": "separation",
    "one-bad-row-spoils-all": "split",
}


@pytest.mark.parametrize("name", MENDED)
def test_a_slip_that_was_missed_is_found(name):
    slip = HELDOUT[name]
    report = check(slip.reward, tasks=slip.tasks, laws=[MENDED[name]], profile=PATIENT)
    assert [result.law for result in report.failed] == [MENDED[name]], slip.story


def test_a_multiple_choice_does_not_leak_its_answer():
    slip = HONEST["choice-letter"]
    assert check(slip.reward, tasks=slip.tasks, laws=["gold-leak"]).ok


def test_the_committed_first_run_is_of_these_rewards():
    run = json.loads(FIRST_RUN.read_text())
    assert {row["reward"]: row["meant"] for row in run["broken"]} == {name: slip.law for name, slip in HELDOUT.items()}
    assert [row["reward"] for row in run["honest"]] == list(HONEST)
    missed = {row["reward"] for row in run["broken"] if row["meant"] not in row["found_by"]}
    assert missed == set(MENDED)
