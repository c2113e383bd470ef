"""The page stands alone, escapes everything a model wrote, and stays small."""

import json
import re
import sys
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plaudit.errors import DataError, PlauditError
from plaudit.report import write_report
from plaudit.report.embed import MAX_ROWS, TEXT_BUDGET, embed, safe_json
from plaudit.report.run import read_run
from plaudit.report.visible import visible

Build = Callable[..., Path]


class Elements(HTMLParser):
    """Collects elements with their attributes, ids and script contents."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: list[str] = []
        self.inside = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        self.inside = tag == "script"

    def handle_endtag(self, tag: str) -> None:
        self.inside = False

    def handle_data(self, data: str) -> None:
        if self.inside:
            self.scripts.append(data)


def written(run: Path) -> str:
    return write_report(run, run / "page.html").read_text(encoding="utf-8")


def test_page_names_no_other_resource_so_it_opens_without_a_network(small_run: Path) -> None:
    page = written(small_run)
    assert "http://" not in page
    assert "https://" not in page
    linking = [(tag, key, value) for tag, attrs in Elements(page).found for key, value in attrs.items() if key in LINKS]
    assert linking
    assert all(value and value.startswith("#") for _, _, value in linking)
    assert "@import" not in page
    assert not re.search(r"url\((?!#)", page)


LINKS = {"href", "src", "srcset", "action", "data", "poster", "xlink:href"}


def test_only_our_own_script_may_run_whatever_the_page_holds(small_run: Path) -> None:
    page = written(small_run)
    policies = [attrs["content"] or "" for _, attrs in Elements(page).found if "http-equiv" in attrs]
    assert len(policies) == 1
    assert "default-src 'none'" in policies[0]
    assert re.search(r"script-src 'sha256-[\w+/]+=*'", policies[0])
    assert "script-src 'unsafe" not in policies[0]


def test_every_id_occurs_once_though_matplotlib_repeats_its_own(small_run: Path) -> None:
    elements = Elements(written(small_run)).found
    ids = [attrs["id"] for _, attrs in elements if "id" in attrs]
    assert len(ids) == len(set(ids))
    used = {(attrs.get("href") or "").removeprefix("#") for tag, attrs in elements if tag == "use"}
    assert used <= set(ids)


def test_same_run_gives_the_same_page_byte_for_byte(small_run: Path) -> None:
    assert written(small_run) == written(small_run)


@pytest.mark.parametrize("field", ["prompt", "completion", "answer", "extracted", "reason", "mode", "stage"])
def test_hostile_text_in_any_field_adds_no_element(
    field: str, make_run: Build, extend: Callable[..., None], hostile: str
) -> None:
    run = make_run()
    before = [tag for tag, _ in Elements(written(run)).found if tag in ("script", "img", "iframe")]
    row = {"stage": "after_grpo", "step": 3, "mode": "sampled", "prompt": "?", "completion": "!", "value": 99.0}
    extend(run, row | {field: hostile})
    page = written(run)
    assert [tag for tag, _ in Elements(page).found if tag in ("script", "img", "iframe")] == before
    assert "<img" not in page


def test_hostile_part_recipe_and_summary_are_escaped(
    make_run: Build, extend: Callable[..., None], hostile: str
) -> None:
    run = make_run()
    part = {"name": hostile, "weight": 1.0, "value": 1.0, "reason": hostile}
    extend(run, {"stage": "after_grpo", "mode": "sampled", "completion": "!", "value": 50.0, "parts": [part]})
    (run / "recipe.yaml").write_text(f"name: demo\n# {hostile}\n")
    (run / "metrics.jsonl").write_text(json.dumps({"stage": "grpo", "step": 1, f"rewards/{hostile}/mean": 1.0}))
    summary = {"recipe": hostile, "seed": hostile, "before": {"sampled_reward": 1.0, "parts": {hostile: 1.0}}}
    (run / "summary.json").write_text(json.dumps(summary))
    page = written(run)
    assert sum(tag == "script" for tag, _ in Elements(page).found) == 2
    assert "<img" not in page


@given(st.text() | st.sampled_from(["</script>", "<!--<script>", "\u2028", "\ud800", "]]>"]))
def test_embedded_data_reads_back_and_never_leaves_its_element(text: str) -> None:
    encoded = str(safe_json({"text": visible(text)}))
    assert not set(encoded) & set("<>&")
    assert json.loads(encoded) == {"text": visible(text)}
    encoded.encode("utf-8")


@given(st.text())
def test_visible_text_can_be_encoded_and_hides_nothing(text: str) -> None:
    shown = visible(text)
    shown.encode("utf-8")
    assert visible(shown) == shown
    assert not re.search("[\u202a-\u202e\u2066-\u2069\u200b-\u200f\x00-\x08\x1b]", shown)


def test_reordering_characters_are_spelt_out_on_the_page(make_run: Build, extend: Callable[..., None]) -> None:
    run = make_run()
    extend(run, {"stage": "after_grpo", "mode": "sampled", "completion": "4\u202e2\x1b[0m\ud800", "value": 99.0})
    page = written(run)
    assert "4⟨U+202E⟩2␛[0m⟨U+D800⟩" in page
    assert "\u202e" not in page


def test_ten_thousand_completions_stay_small_and_all_are_there(make_run: Build) -> None:
    run = make_run(steps=80, per_step=125, problems=20)
    page = write_report(run)
    assert page.stat().st_size < 6_000_000
    data = json.loads(max(Elements(page.read_text(encoding="utf-8")).scripts, key=len))
    assert len(data["rows"]) == 80 * 125 + 6 * 20


def test_rows_beyond_the_limit_are_thinned_evenly_and_the_page_says_so(small_run: Path) -> None:
    rows = read_run(small_run).completions
    many = rows * (MAX_ROWS // len(rows) + 1)
    table = embed(many, [])
    assert len(json.loads(table.data)["rows"]) == -(-len(many) // 2)
    assert table.notices == [f"The table shows one in 2 of {len(many):,} completions; charts count them all."]


def test_long_completions_lose_their_middle_and_say_how_much(make_run: Build, extend: Callable[..., None]) -> None:
    run = make_run()
    extend(run, {"stage": "grpo", "completion": "start" + "x" * TEXT_BUDGET + "end", "value": 1.0})
    table = embed(read_run(run).completions, [])
    assert len(table.data) < 1.1 * TEXT_BUDGET
    assert "1 completion(s) over" in table.notices[0]
    text = json.loads(table.data)["rows"][-1][5]
    assert text.startswith("start")
    assert text.endswith("end")
    assert "characters left out" in text


@pytest.mark.parametrize("package", ["matplotlib", "jinja2"])
def test_missing_extra_is_one_clear_message(package: str, small_run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(PlauditError, match=rf'needs {package}.*pip install "plaudit\[report\]"'):
        write_report(small_run)


def test_unwritable_place_is_a_message_with_a_next_step(small_run: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(DataError, match=r"can't be written.*--out"):
        write_report(small_run, tmp_path / "file" / "page.html")


def test_out_may_be_a_folder(small_run: Path, tmp_path: Path) -> None:
    assert write_report(small_run, tmp_path) == tmp_path / "report.html"
