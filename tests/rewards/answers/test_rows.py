"""Labelled rows from public sources (data/README.md); the known losses are expected to fail until they don't."""

import json
from pathlib import Path

import pytest

from plaudit.answers import equal, extract

ROWS = [
    json.loads(line)
    for line in (Path(__file__).parent / "data" / "rows.jsonl").read_text(encoding="utf-8").splitlines()
]


def _cases():
    for index, row in enumerate(ROWS):
        marks = [pytest.mark.xfail(reason="a known loss", strict=True)] if row.get("lost") else []
        yield pytest.param(row, id=f"{row['source']}-{index}", marks=marks)


@pytest.mark.parametrize("row", list(_cases()))
def test_labelled_row(row):
    found = extract(row["prediction"]).text if row["kind"] == "completion" else row["prediction"]
    verdict = equal(found or "", row["gold"])
    assert (verdict.equal is True) is row["label"], (found, verdict.how)


def test_the_sample_has_both_labels_from_every_large_source():
    for source in ("math-golds-derived", "hardverify-math", "gsm8k-openai-solutions", "math-verify-tests"):
        assert {row["label"] for row in ROWS if row["source"] == source} == {True, False}
