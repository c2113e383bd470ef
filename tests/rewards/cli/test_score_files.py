"""`plaudit score`: every format in and out, bad rows, the cache, and runs that are killed."""

import datetime
import gzip
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import faulty_rewards
import pytest

import plaudit
from plaudit.storage.sources import expand

arrow = pytest.importorskip("pyarrow", reason="tables need the extra `data`")
parquet = pytest.importorskip("pyarrow.parquet", reason="tables need the extra `data`")

RIGHT = {"prompt": "2 + 2?", "completion": "4<end_working_out><SOLUTION>4</SOLUTION>", "answer": "4"}
WRONG = RIGHT | {"completion": "5<end_working_out><SOLUTION>5</SOLUTION>"}


def summary_of(result):
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout)


def lines(path):
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def write(path, rows):
    """Write rows in the format that the ending says."""
    text = "".join(json.dumps(row) + "\n" for row in rows).encode()
    table = None if ".jsonl" in path.name else arrow.Table.from_pylist(rows)
    if path.suffix == ".gz":
        path.write_bytes(gzip.compress(text[:40]) + gzip.compress(text[40:]))  # members, as appending makes them
    elif path.suffix == ".zst":
        path.write_bytes(pytest.importorskip("zstandard", reason="needs the extra `data`").compress(text))
    elif path.suffix == ".parquet":
        parquet.write_table(table, path, row_group_size=1)
    elif path.suffix == ".arrow":
        with arrow.OSFile(str(path), "wb") as sink, arrow.ipc.new_file(sink, table.schema) as writer:
            writer.write_table(table, max_chunksize=1)
    elif path.suffix == ".feather":  # the stream format, as `datasets` caches it
        with arrow.OSFile(str(path), "wb") as sink, arrow.ipc.new_stream(sink, table.schema) as writer:
            writer.write_table(table)
    else:
        path.write_bytes(text)
    return path


@pytest.mark.parametrize("name", ["a.jsonl", "a.jsonl.gz", "a.jsonl.zst", "a.parquet", "a.arrow", "a.feather"])
def test_every_format_gives_the_same_scores(run, tmp_path, name):
    source = write(tmp_path / name, [RIGHT, WRONG, RIGHT])
    found = summary_of(run("score", source, "--recipe", "unsloth", "--json"))
    assert (found["rows"], found["mean"], found["parts"][2]["accepted"]) == (3, (13.0 * 2 + 0.5) / 3, 2)


@pytest.mark.parametrize("name", ["a.jsonl.gz", "a.jsonl.zst", "a.parquet", "a.arrow"])
def test_a_damaged_file_is_named_without_a_traceback(run, tmp_path, name):
    source = write(tmp_path / name, [RIGHT | {"note": "x" * 9000 + str(number)} for number in range(9)])
    source.write_bytes(source.read_bytes()[:-30])
    result = run("score", source, "--recipe", "unsloth", "--bad-rows", "abstain")
    assert result.exit_code == 3, result.output
    assert name in result.stderr


@pytest.mark.parametrize("ending", [".jsonl", ".jsonl.gz", ".jsonl.zst", ".parquet"])
def test_every_output_holds_each_row_with_its_score_and_can_be_read_again(run, tmp_path, ending):
    if ending.endswith("zst"):
        pytest.importorskip("zstandard", reason="needs the extra `data`")
    source = write(tmp_path / "a.jsonl", [RIGHT | {"step": number, "mark": [number]} for number in range(600)])
    outputs = [tmp_path / f"{name}{ending}" for name in ("first", "second")]
    for out in outputs:
        summary_of(run("score", source, "--recipe", "unsloth", "--out", out, "--json"))
    assert outputs[0].read_bytes() == outputs[1].read_bytes()
    assert summary_of(run("score", outputs[0], "--recipe", "unsloth", "--json"))["mean"] == 13.0
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(["a.jsonl", *(out.name for out in outputs)])


def test_a_table_of_scores_has_the_documented_schema(run, tmp_path):
    source = write(tmp_path / "a.jsonl", [RIGHT | {"mixed": 1}, WRONG | {"mixed": "one", "completion": "half \ud83d"}])
    summary_of(run("score", source, "--recipe", "unsloth", "--out", tmp_path / "a.parquet", "--json"))
    table = parquet.read_table(tmp_path / "a.parquet")
    assert table.column_names == ["prompt", "completion", "answer", "mixed", "value", "reason", "extracted", "parts"]
    assert (table.schema.metadata[b"plaudit.schema"], table.schema.metadata[b"plaudit.json"]) == (b"1", b'["mixed"]')
    assert table["mixed"].to_pylist() == ["1", '"one"']
    assert table["completion"].to_pylist()[1] == "half \\ud83d"
    assert [part["path"] for part in table["parts"].to_pylist()[0]][:2] == ["format-exact", "format-approx"]


def test_what_json_does_not_know_is_written_as_its_text(run, tmp_path):
    day = datetime.date(2025, 1, 2)
    source = write_dates(tmp_path / "a.parquet", day)
    summary_of(run("score", source, "--recipe", "unsloth", "--out", tmp_path / "a.jsonl", "--json"))
    assert lines(tmp_path / "a.jsonl")[0]["day"] == "2025-01-02"


def write_dates(path, day):
    parquet.write_table(arrow.Table.from_pylist([RIGHT | {"day": day}]), path)
    return path


@pytest.mark.parametrize("name", ["a.csv", "a.json", "a.arrow"])
def test_an_output_in_another_format_is_refused_before_anything_is_scored(run, sample_rows, tmp_path, name):
    result = run("score", sample_rows, "--recipe", "unsloth", "--out", tmp_path / name)
    assert (result.exit_code, (tmp_path / name).exists()) == (2, False)
    assert ".parquet" in result.stderr


def test_a_dump_of_verl_and_a_log_of_trl_are_read_as_they_lie(run, tmp_path):
    verl, trl = tmp_path / "verl", tmp_path / "trl" / "completions"
    for folder in (verl, trl):
        folder.mkdir(parents=True)
    dump = {"input": "2 + 2?", "output": RIGHT["completion"], "gts": "4", "score": 1.0, "step": 1}
    for step in (2, 10):
        write(verl / f"{step}.jsonl", [dump | {"step": step}])
    chat = [[{"role": "user", "content": "2 + 2?"}], [{"role": "assistant", "content": RIGHT["completion"]}]]
    log = {"step": 1, "prompt": chat[0], "completion": chat[1], "format-exact": 3.0, "answer": "4", "advantage": 0.1}
    write(trl / "completions_00001.parquet", [log])
    assert [Path(file).name for file in expand([str(verl)])] == ["2.jsonl", "10.jsonl"]
    assert summary_of(run("score", verl, "--recipe", "unsloth", "--json"))["mean"] == 13.0
    assert summary_of(run("score", trl.parent, "--recipe", "unsloth", "--json"))["mean"] == 13.0
    empty = run("score", tmp_path, "--recipe", "unsloth")
    assert empty.exit_code == 3
    assert "holds no completions" in empty.stderr


def test_a_dataset_without_a_network_says_what_to_do(process, tmp_path):
    result = process(
        "score",
        "hub:nobody/nothing",
        "--recipe",
        "unsloth",
        environment={"HF_HUB_OFFLINE": "1", "HF_HOME": str(tmp_path)},
    )
    assert result.returncode in (2, 3), result.stderr
    assert "give its files" in result.stderr or "pip install" in result.stderr
    assert "Traceback" not in result.stderr


def test_bad_rows_stop_by_default_and_abstain_on_demand_named_and_counted(run, rows, tmp_path):
    source = rows(RIGHT, '{"broken', {"completion": "no answer"}, RIGHT, "[1]")
    stopped = run("score", source, "--recipe", "unsloth")
    assert stopped.exit_code == 3
    assert ":2 isn't JSON" in stopped.stderr
    out = tmp_path / "scored.jsonl"
    arguments = ["--recipe", "unsloth", "--bad-rows", "abstain", "--out", out]
    found = summary_of(run("score", source, *arguments, "--json"))
    assert (found["rows"], found["bad_rows"], found["abstained"], found["failed"]) == (5, 3, 3, 3)
    written = lines(out)
    assert [row["value"] for row in written] == [13.0, None, None, 13.0, None]
    assert written[1]["malformed"] == '{"broken'
    assert written[2]["reason"].startswith("failed: has no column 'answer'")
    assert "3 could not be read or lack a column." in run("score", source, *arguments).stdout


def test_a_file_of_nothing_but_bad_rows_is_refused_even_so(run, rows):
    result = run("score", rows(*[{"text": "4"}] * 9), "--recipe", "unsloth", "--bad-rows", "abstain")
    assert result.exit_code == 3
    assert "None of 9 rows" in result.stderr


def test_settings_of_processes_choose_the_engine_and_an_engine_refuses_what_it_has_not(run, sample_rows):
    found = summary_of(run("score", sample_rows, "--recipe", "unsloth", "--workers", "1", "--json"))
    assert found["rows"] == 3
    refused = run("score", sample_rows, "--recipe", "unsloth", "--engine", "inline", "--deadline", "1")
    assert refused.exit_code == 2
    assert "'inline' has no setting 'deadline_seconds'" in refused.stderr


def test_the_cache_answers_for_the_same_reward_and_sample_only(run, tmp_path):
    source = write(tmp_path / "a.jsonl", [RIGHT, WRONG, RIGHT | {"id": 1}, RIGHT])
    cache = ["--cache", tmp_path / "cache"]

    def hits(*arguments):
        found = summary_of(run("score", source, *arguments, *cache, "--json"))
        return found["from_cache"], found["mean"]

    assert hits("--recipe", "unsloth")[0] == 0
    assert hits("--recipe", "unsloth") == (4, (13.0 * 3 + 0.5) / 4)
    assert hits("--recipe", "math")[0] == 0
    write(source, [RIGHT, WRONG | {"answer": "5"}])
    assert hits("--recipe", "unsloth") == (1, 13.0)


def test_failures_in_a_cached_run_do_not_make_the_reward_look_broken(run, rows, tmp_path):
    good = [{"completion": f"fine {number}"} for number in range(20)]
    bad = [{"completion": f"x {number}"} for number in range(12)]
    arguments = ["--reward", "rewards_for_tests:fragile", "--cache", tmp_path / "cache", "--json"]
    summary_of(run("score", rows(*good), *arguments))
    assert summary_of(run("score", rows(*good, *bad), *arguments))["failed"] == 12
    assert run("score", rows(*bad), *arguments).exit_code == 5


def test_a_reward_that_is_not_a_function_of_the_sample_is_not_cached(run, rows, tmp_path, monkeypatch):
    (tmp_path / "dice.py").write_text(
        "from plaudit import reward\n"
        "@reward(low=0.0, high=1.0, deterministic=False)\n"
        "def dice(completion: str) -> float:\n"
        "    return 0.5\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    result = run("score", rows({"completion": "4"}), "--reward", "dice:dice", "--cache", tmp_path / "cache")
    assert result.exit_code == 2
    assert "Score without --cache" in result.stderr


def faults(count):
    """Rows of which a few hang, kill their worker, ask for too much memory, raise, or are no rows at all."""
    texts = {53: "hang", 310: "die", 477: "eat", 640: "raise it", 777: None}
    for number in range(count):
        text = texts.get(number, f"slow 0.002 {number}" if number % 3 == 0 else f"fine {number}")
        yield '{"completion": "broken' if text is None else json.dumps({"completion": text, "id": number})


ARGUMENTS = ["--reward", "faulty_rewards:faulty", "--bad-rows", "abstain", "--workers", "2", "--deadline", "2",
             "--memory-per-worker", "256", "--json"]  # fmt: skip


def start(*arguments):
    roots = [str(Path(plaudit.__file__).parents[1]), str(Path(faulty_rewards.__file__).parent)]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(roots), "PLAUDIT_PLUGINS": ""}
    command = [sys.executable, "-m", "plaudit", "score", *map(str, arguments)]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@pytest.mark.skipif(sys.platform != "linux", reason="memory is capped on Linux only")
def test_faults_cost_their_rows_only_and_a_killed_run_ends_as_an_unbroken_one(tmp_path):
    source = tmp_path / "rows.jsonl"
    source.write_text("".join(f"{line}\n" for line in faults(1400)))
    whole, broken = tmp_path / "whole.jsonl", tmp_path / "broken.jsonl"
    said, errors = start(source, *ARGUMENTS, "--out", whole).communicate(timeout=240)
    summary = json.loads(said or errors)
    assert (summary["rows"], summary["abstained"], summary["bad_rows"], summary["resumed"]) == (1400, 5, 1, 0)
    reasons = {row.get("id"): row["reason"] for row in lines(whole) if row["value"] is None}
    assert {key: reason.partition("\n")[0].partition(" Invalid")[0] for key, reason in reasons.items()} == {
        53: "failed: ran past its deadline of 2 s and was stopped",
        310: "failed: its worker died on it, and another after that (killed by SIGKILL)",
        477: "failed: MemoryError: ",
        640: "failed: KeyError: 'it'",
        None: "failed: isn't JSON:",
    }
    run, part = start(source, *ARGUMENTS, "--out", broken), tmp_path / ".broken.jsonl.part"
    while run.poll() is None and not (part.exists() and part.read_bytes().count(b"\n") >= 256):
        pass
    run.send_signal(signal.SIGKILL)
    run.communicate()
    assert not broken.exists()
    said, errors = start(source, *ARGUMENTS, "--out", broken).communicate(timeout=240)
    resumed = json.loads(said or errors)
    assert 256 <= resumed["resumed"] < 1400
    assert resumed["rows"] == 1400
    assert broken.read_bytes() == whole.read_bytes()
    assert not part.exists()


@pytest.fixture
def unfinished(run, rows, tmp_path):
    """A run that ended with an error after its first batch, so that its rows lie beside the output."""
    good = [RIGHT | {"id": number} for number in range(300)]
    source, out = rows(*good, "{broken"), tmp_path / "scored.jsonl"
    assert run("score", source, "--recipe", "unsloth", "--out", out).exit_code == 3
    assert (tmp_path / ".scored.jsonl.part").exists()
    return source, out, good


def test_an_interrupted_run_goes_on_when_its_input_is_mended(run, rows, unfinished):
    _, out, good = unfinished
    found = summary_of(run("score", rows(*good, RIGHT), "--recipe", "unsloth", "--out", out, "--json"))
    assert (found["rows"], found["resumed"], found["mean"], found["parts"][0]["rows"]) == (301, 256, 13.0, 301)
    assert [row.get("id") for row in lines(out)] == [*range(300), None]


def test_a_line_cut_in_the_middle_is_scored_again(run, rows, unfinished):
    _, out, good = unfinished
    part = out.with_name(".scored.jsonl.part")
    part.write_bytes(part.read_bytes()[:-7])
    found = summary_of(run("score", rows(*good), "--recipe", "unsloth", "--out", out, "--json"))
    assert (found["rows"], found["resumed"]) == (300, 0)
    assert [row["id"] for row in lines(out)] == list(range(300))


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["--recipe", "math"], 2, "begun under other terms (reward differ)"),
        (["--recipe", "unsloth", "--bad-rows", "abstain"], 2, "other terms (bad_rows differ)"),
        (["--recipe", "unsloth", "--deadline", "3"], 2, "other terms (settings differ)"),
    ],
)
def test_going_on_under_other_terms_is_refused(run, unfinished, arguments, code, message):
    source, out, _ = unfinished
    result = run("score", source, *arguments, "--out", out)
    assert result.exit_code == code
    assert message in " ".join(result.stderr.split())
    assert "--fresh" in result.stderr


@pytest.mark.parametrize("change", [lambda good: [RIGHT | {"id": -1}, *good[1:]], lambda good: good[:100]])
def test_going_on_with_another_input_is_refused_until_told_to_forget(run, rows, unfinished, change):
    _, out, good = unfinished
    source = rows(*change(good))
    result = run("score", source, "--recipe", "unsloth", "--out", out)
    assert result.exit_code == 3, result.output
    assert "--fresh" in result.stderr
    found = summary_of(run("score", source, "--recipe", "unsloth", "--out", out, "--fresh", "--json"))
    assert (found["rows"], found["resumed"]) == (len(change(good)), 0)


def test_two_runs_do_not_write_the_same_output(run, sample_rows, tmp_path):
    fcntl = pytest.importorskip("fcntl", reason="files are not locked on Windows")
    with (tmp_path / ".scored.jsonl.part").open("wb") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        result = run("score", sample_rows, "--recipe", "unsloth", "--out", tmp_path / "scored.jsonl")
    assert result.exit_code == 2
    assert "another run" in result.stderr
