"""Generated problems are what they say: their working leads to their answer, and no number on the way is negative."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plaudit import as_format
from plaudit.errors import ConfigError
from plaudit_trainer import arithmetic
from plaudit_trainer.config import Source
from plaudit_trainer.sources import generated_rows

pytestmark = pytest.mark.trainer


@given(st.text(max_size=5), st.integers(1, 6), st.integers(2, 200))
def test_working_leads_from_the_question_to_the_answer(seed: str, steps: int, greatest: int) -> None:
    (row,) = arithmetic.rows(seed, 1, steps=steps, greatest=greatest)
    lines = row.reasoning.splitlines()
    asked = [int(number) for number in re.findall(r"\d+", row.question)]
    now = asked[0]
    for line, number in zip(lines, asked[1:], strict=True):
        left, sign, right, _, result = line.split()
        assert (int(left), int(right)) == (now, number)
        now = now + number if sign == "+" else now - number
        assert int(result) == now
        assert now >= 0
    assert (len(lines), row.answer) == (steps, str(now))
    assert max(asked) <= greatest


def test_same_seed_makes_the_same_problems_and_another_makes_others() -> None:
    assert arithmetic.rows("1", 50) == arithmetic.rows("1", 50)
    both = {row.question for seed in "12" for row in arithmetic.rows(seed, 200)}
    assert len(both) > 390


@pytest.mark.parametrize(
    ("options", "words"),
    [({"step": 3}, "'steps'"), ({"steps": 0}, "from 1 for steps"), ({"greatest": "many"}, "from 2 for greatest")],
)
def test_option_that_cannot_be_is_refused(options: dict[str, object], words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        generated_rows(Source(source="arithmetic", options=options), as_format("unsloth"), "0")
