"""`plaudit report`."""

import json
from pathlib import Path

from click.testing import CliRunner

from plaudit.cli.report import report
from plaudit.errors import DataError


def test_command_prints_the_table_and_where_the_page_is(small_run: Path, tmp_path: Path) -> None:
    result = CliRunner().invoke(report, [str(small_run), "--out", str(tmp_path / "page.html")])
    assert result.exit_code == 0
    assert all(shown in result.stdout for shown in ("after", "SFT", "GRPO", "accuracy, sampled"))
    assert "page.html" in result.stdout
    assert (tmp_path / "page.html").read_text(encoding="utf-8").startswith("<!DOCTYPE html>")


def test_json_names_the_page_and_what_was_odd(small_run: Path, tmp_path: Path) -> None:
    result = CliRunner().invoke(report, [str(small_run), "--out", str(tmp_path / "page.html"), "--json"])
    facts = json.loads(result.stdout)
    assert facts["finished"] is True
    assert facts["notices"] == []
    assert facts["bytes"] == (tmp_path / "page.html").stat().st_size


def test_what_is_no_run_is_refused(tmp_path: Path) -> None:
    result = CliRunner().invoke(report, [str(tmp_path)])
    assert isinstance(result.exception, DataError)
