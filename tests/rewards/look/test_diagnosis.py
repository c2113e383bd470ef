"""What GRPO would feel: counted right, and said first where it is bad."""

import json
import math
import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plaudit.errors import DataError
from plaudit.look.diagnosis import diagnose
from plaudit.look.findings import findings
from plaudit.look.reading import read_table, table_of
from plaudit.look.table import Judged, Table

from .conftest import record

PARTS = ("answer", "style")


def kinds(diagnosis):
    return [(finding.kind, finding.severity) for finding in findings(diagnosis)]


def groups(count, size, make, seed=0):
    """`make(dice)` gives completion, parts and further fields of one row."""
    dice = random.Random(seed)
    rows = []
    for group in range(count):
        for _ in range(size):
            completion, parts, fields = make(dice)
            rows.append(record(f"question {group}", completion, parts, **fields))
    return rows


def honest(dice):
    right = dice.random() < 0.5
    text = " ".join(f"w{dice.randrange(1000)}" for _ in range(dice.randint(5, 60)))
    return text, {"answer": 2.0 * right, "style": dice.choice([0.0, 1.0])}, {"correct": right}


def test_an_honest_reward_has_no_finding(table):
    assert kinds(diagnose(table(groups(60, 8, honest)))) == []


def padded(dice):
    text, parts, fields = honest(dice)
    return text, parts | {"style": len(text) / 50}, fields


def curt(dice):
    text, parts, fields = honest(dice)
    return text, parts | {"style": -len(text) / 50}, fields


@pytest.mark.parametrize(("make", "said"), [(padded, "Length pays"), (curt, "Shortness pays")])
def test_planted_length_is_the_first_thing_said_and_its_part_is_named(table, make, said):
    first = findings(diagnose(table(groups(60, 8, make))))[0]
    assert (first.kind, first.severity) == ("length", "bad")
    assert first.what.startswith(said)
    assert "'style' brings" in first.what


def test_right_answers_that_happen_to_be_longer_are_not_called_a_hack(table):
    def make(dice):
        text, _, fields = honest(dice)
        right = fields["correct"]
        return text + " and so on" * 40 * right, {"answer": 2.0 * right, "style": dice.choice([0.0, 0.2])}, fields

    found = kinds(diagnose(table(groups(60, 8, make))))
    assert ("length", "note") in found
    assert ("length", "bad") not in found


def test_a_hacked_winner_is_found_and_a_pattern_that_losers_show_too_is_not_blamed(table):
    def hacked(dice):
        text, _, fields = honest(dice)
        hack = dice.random() < 0.3
        return text + r" \boxed{1} \boxed{2}" * hack, {"answer": 2.0 * hack, "style": dice.choice([0.0, 1.0])}, fields

    def everywhere(dice):
        text, parts, fields = honest(dice)
        return text + r" \boxed{1} \boxed{2}", parts, fields

    assert ("winners", "bad") in kinds(diagnose(table(groups(60, 8, hacked))))
    assert ("winners", "note") in kinds(diagnose(table(groups(60, 8, everywhere))))


def flat(value):
    return lambda dice: (honest(dice)[0], {"answer": value if dice.random() < 0.99 else 1.0, "style": 0.0}, {})


@pytest.mark.parametrize(("value", "word"), [(2.0, "too easy"), (0.0, "too hard")])
def test_groups_without_signal_are_bad_and_say_at_which_end(table, value, word):
    found = findings(diagnose(table(groups(60, 4, flat(value)))))
    signal = next(finding for finding in found if finding.kind == "signal")
    assert signal.severity == "bad"
    assert word in signal.advice


def test_dominance_names_who_decides(table):
    def make(dice):
        text, parts, fields = honest(dice)
        return text, {"answer": 20 * parts["answer"], "style": parts["style"]}, fields

    diagnosis = diagnose(table(groups(60, 8, make)))
    assert ("dominance", "warning") in kinds(diagnosis)
    assert diagnosis.parts["answer"].share > 0.9


def test_parts_that_fight_and_parts_that_say_the_same(table):
    def make(dice):
        text, parts, fields = honest(dice)
        style = parts["style"]
        return text, {"answer": parts["answer"], "long": style, "short": -0.5 * style, "again": style}, fields

    found = [finding.what for finding in findings(diagnose(table(groups(60, 8, make))))]
    assert any("'long' and 'short' fight" in what for what in found)
    assert any("'long' and 'again' say the same" in what for what in found)


def test_abstains_failures_saturation_and_one_text_are_named(table):
    def make(dice):
        silent = dice.random() < 0.3
        parts = {"answer": None if silent else dice.choice([0.0, 1.0]), "style": 1.0}
        fields = {"value": None, "reason": "failed: ValueError: no"} if silent else {}
        return "the same", parts, fields

    found = {finding.kind for finding in findings(diagnose(table(groups(40, 4, make))))}
    assert {"abstains", "failures", "saturation", "sampling"} <= found


finite = st.floats(-5, 5).map(lambda value: round(value, 2))


@settings(max_examples=60)
@given(
    st.lists(st.lists(st.tuples(finite, finite, st.integers(0, 99)), min_size=2, max_size=6), min_size=1, max_size=6)
)
def test_shares_of_the_parts_add_up_to_the_whole_advantage(data):
    table = Table(["rows"])
    for number, group in enumerate(data):
        for one, other, length in group:
            parts = [("a", one, one), ("b", other, other)]
            table.add(Judged((0, 1), b"%d" % number, one + other, parts, length=length, text=length))
    diagnosis = diagnose(table)
    if diagnosis.signal:
        assert math.fsum(part.share for part in diagnosis.parts.values()) == pytest.approx(1, abs=1e-6)
    if diagnosis.length.rows:
        brought = math.fsum(part.length_brought for part in diagnosis.parts.values())
        assert brought == pytest.approx(diagnosis.length.mean, abs=1e-6)
    json.dumps(diagnosis.to_dict(), allow_nan=False)


def test_a_row_that_is_scattered_still_meets_its_group(write):
    rows = [record(f"q{at % 3}", f"c{at}", {"a": float(at)}) for at in range(12)]
    diagnosis = diagnose(read_table([str(write(rows))]))
    assert (diagnosis.groups, diagnosis.smallest, diagnosis.largest) == (3, 4, 4)


def test_the_group_column_wins_over_prompts_and_steps_part_them(write):
    rows = [record("q", f"c{at}", {"a": float(at)}, group=at % 2, step=at // 4) for at in range(8)]
    assert diagnose(read_table([str(write(rows))])).groups == 4


def test_group_size_that_cuts_across_prompts_is_doubted(write):
    rows = [record(f"q{at // 4}", f"c{at}", {"a": float(at)}) for at in range(12)]
    assert read_table([str(write(rows))], group_size=4).notices == []
    assert "is --group-size 3 right?" in read_table([str(write(rows))], group_size=3).notices[0]


def test_greedy_completions_are_left_out_and_counted(write):
    rows = [record("q", f"c{at}", {"a": float(at)}, mode="greedy" if at == 0 else "sampled") for at in range(4)]
    table = read_table([str(write(rows))])
    assert len(table) == 3
    assert list(table.left_out.values()) == [1]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"prompt": "q", "completion": "c"}, "holds no `value`"),
        ({"completion": "c", "value": 1.0}, "--group-size"),
        ({"prompt": "q", "completion": "c", "value": "high"}, "`value` is 'high'"),
    ],
)
def test_rows_that_cannot_be_judged_say_what_to_do(write, row, said):
    with pytest.raises(DataError, match=said):
        read_table([str(write([row, row]))])


def test_the_parts_inside_a_single_wrapper_are_the_ones_that_tell(write):
    inner = [{"name": name, "weight": 1.0, "value": 1.0, "reason": ""} for name in PARTS]
    rows = [
        {
            "prompt": "q",
            "completion": "c",
            "value": 2.0,
            "parts": [{"name": "clip", "weight": 1, "value": 2, "parts": inner}],
        }
    ]
    assert list(read_table([str(write(rows))]).parts) == ["clip/answer", "clip/style"]


def test_files_of_several_processes_in_a_run_folder_are_read_as_one(tmp_path: Path):
    for name, value in (("completions.jsonl", 1.0), ("completions.rank1.jsonl", 2.0)):
        (tmp_path / name).write_text(json.dumps(record("q", f"c{value}", {"a": value})) + "\n")
    diagnosis = diagnose(read_table([str(tmp_path)]))
    assert (diagnosis.rows, diagnosis.groups) == (2, 1)


def test_no_rows_to_speak_of_is_said_and_not_divided_by(table):
    assert kinds(diagnose(table_of([], "nothing"))) == [("groups", "bad")]
    assert ("groups", "bad") in kinds(diagnose(table([record("q", "c", {"a": 1.0})])))


@pytest.mark.parametrize("name", ["scored.parquet", "scored.jsonl.gz"])
def test_what_score_writes_as_a_table_or_compressed_is_read_with_its_nested_parts(tmp_path: Path, name: str):
    pytest.importorskip("pyarrow", reason="tables need pyarrow")
    from click.testing import CliRunner

    from plaudit.cli import program

    raw, recipe = tmp_path / "raw.jsonl", tmp_path / "clipped.yaml"
    recipe.write_text("rewards: [{clip: {reward: {sum: [answer-match, format-exact]}, high: 6}}]")
    row = {"prompt": "q", "completion": "4<end_working_out><SOLUTION>4</SOLUTION>", "answer": "4"}
    raw.write_text(json.dumps(row) + "\n" + json.dumps(row | {"completion": "5"}) + "\n")
    command = ["score", str(raw), "--recipe", str(recipe), "--out", str(tmp_path / name)]
    done = CliRunner().invoke(program, command)
    assert done.exit_code == 0, done.output
    table = read_table([str(tmp_path / name)])
    assert [part.rsplit("/", 1)[-1] for part in table.parts] == ["answer-match", "format-exact"]
    assert list(table.values) == [6.0, -2.0]


def test_a_folder_without_completions_says_what_it_looked_for(tmp_path: Path):
    with pytest.raises(DataError, match="holds no completions"):
        read_table([str(tmp_path)])
