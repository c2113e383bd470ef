"""The `workers` engine: what hangs, dies or eats memory costs its own row and nothing else."""

import multiprocessing
import os
import pickle
import signal
import subprocess
import sys
import threading
import time
from itertools import islice
from pathlib import Path
from types import SimpleNamespace

import faulty_rewards
import pytest
from faulty_rewards import Rank, Suicidal, Unloadable, faulty, score_in_workers
from rewards_for_tests import fragile, polite

import plaudit
from plaudit import ConfigError, DataError, PlauditError, RewardError, Sample
from plaudit.engines import open_engine
from plaudit.engines.workers import AHEAD_ROWS, Workers

MIB = 1024**2


@pytest.fixture
def pool(monkeypatch):
    """Make engines that are closed when the test ends."""
    made = []

    def make(reward, **settings):
        made.append(Workers(reward, **({"workers": 2} | settings)))
        return made[-1]

    monkeypatch.setattr("plaudit.engines.workers.FIRST_SECONDS", 2.0)
    yield make
    for engine in made:
        engine.close()


def samples(*texts):
    return [Sample(text) for text in texts]


def values(scores):
    return [score.value for score in scores]


def is_gone(process_id):
    """Whether a process has ended; a zombie, which only its parent can bury, has."""
    try:
        return Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


def until(holds, seconds=60.0):
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it did not happen"


@pytest.mark.parametrize("name", ["unsloth", "math"])
def test_scores_are_those_of_the_inline_engine_parts_reasons_and_order(pool, name):
    judge = plaudit.recipe(name)
    batch = [
        Sample(f"{number}<end_working_out><SOLUTION>{number % 7}</SOLUTION>", "q", {"answer": "4"})
        for number in range(300)
    ] + [Sample("half \ud83d", "q", {"answer": "x"}), Sample(None, "q", {"answer": "1"})]
    assert pool(judge).score(batch) == plaudit.score(judge, batch)


def test_a_failing_row_has_the_same_reason_as_inline(pool):
    batch = samples("fine", "x", "fine")
    assert pool(fragile).score(batch)[1].reason.splitlines()[0] == "failed: KeyError: 'x'"
    assert values(pool(fragile).score(batch)) == [1.0, None, 1.0]


def test_a_row_past_its_deadline_is_stopped_alone(pool):
    engine = pool(faulty, deadline_seconds=1.0)
    engine.score(samples("warm", "warm", "warm", "warm"))
    texts = [*["fine"] * 20, "hang", *["fine"] * 20]
    scores = engine.score(samples(*texts))
    assert values(scores) == [None if text == "hang" else 1.0 for text in texts]
    assert scores[20].reason == "failed: ran past its deadline of 1 s and was stopped"


def test_the_deadline_counts_from_the_start_of_a_row_not_from_when_it_queued(pool):
    scores = pool(faulty, workers=1, deadline_seconds=2.0).score(samples(*["slow 0.4"] * 8))
    assert values(scores) == [1.0] * 8


def test_a_row_that_ends_late_abstains_even_if_nobody_looked_in_time(pool):
    engine = pool(faulty, workers=1, deadline_seconds=0.05)
    engine.score(samples("warm"))
    scores = engine.score(samples("slow 0.06"))
    assert values(scores) == [None]


@pytest.mark.parametrize(
    ("text", "cause"), [("die", "killed by SIGKILL"), ("exit 3", "exit code 3"), ("exit 0", "exit code 0")]
)
def test_a_row_that_kills_its_worker_twice_abstains_alone(pool, text, cause):
    texts = ["fine", "fine", text, "fine", "fine", text, "fine"]
    scores = pool(faulty).score(samples(*texts))
    assert values(scores) == [None if row == text else 1.0 for row in texts]
    assert scores[2].reason == f"failed: its worker died on it, and another after that ({cause})"


def test_a_row_whose_worker_was_killed_from_outside_is_tried_again(pool, tmp_path):
    assert values(pool(faulty).score(samples("fine", f"die-once {tmp_path / 'mark'}", "fine"))) == [1.0, 1.0, 1.0]


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="memory is capped on Linux only")
def test_memory_is_capped_and_only_the_greedy_row_abstains(pool):
    scores = pool(faulty, memory_bytes=256 * MIB).score(samples("fine", "eat", "fine", "eat", "fine"))
    assert values(scores) == [1.0, None, 1.0, None, 1.0]
    assert scores[1].reason.startswith("failed: MemoryError")


def test_every_row_failing_means_a_broken_reward_whichever_chunks_it_came_in(pool):
    with pytest.raises(RewardError, match="'fragile' failed on every one of 40 rows"):
        pool(fragile).score(samples(*["x"] * 40))
    mixed = 2.0 * fragile + polite
    with pytest.raises(RewardError, match="'fragile' failed on every one of 40 rows"):
        pool(mixed).score(samples(*["x"] * 40))
    assert set(values(pool(fragile).score(samples(*["x"] * 40, "fine")))) == {None, 1.0}


def test_one_question_failing_is_not_a_broken_reward(pool):
    assert values(pool(fragile).score([Sample("x", group=1)] * 9)) == [None] * 9


def test_strict_raises_at_the_first_failure_in_order(pool):
    with pytest.raises(RewardError, match="'fragile' failed: KeyError: 'x1'"):
        pool(fragile, strict=True).score(samples("fine", "x1", "x2"))
    engine = pool(faulty, strict=True, deadline_seconds=0.3)
    with pytest.raises(RewardError, match="ran past its deadline"):
        engine.score(samples("hang"))


def test_a_missing_column_is_named_before_anything_runs(pool):
    with pytest.raises(DataError, match="'answer', which row 1 lacks"):
        pool(plaudit.load("answer-match")).score([Sample("4", columns={"answer": "4"}), Sample("4")])


def test_groups_of_a_coupled_reward_stay_whole_wherever_their_rows_stand(pool):
    texts = ["a", "bb", "ccc", "dddd", "e", "ffffff"]
    batch = [Sample(text, group=number % 2) for number, text in enumerate(texts)]
    assert values(pool(Rank()).score(batch)) == [0.0, 0.0, 2.0, 1.0, 0.0, 2.0]


def test_a_group_past_its_deadline_abstains_whole_and_alone(pool):
    engine = pool(Rank(), deadline_seconds=0.5)
    engine.score([Sample("warm", group=number) for number in range(4)])
    batch = [Sample(text, group=number // 2) for number, text in enumerate(["a", "bb", "hang", "b", "c", "dd"])]
    scores = engine.score(batch)
    assert values(scores) == [0.0, 1.0, None, None, 0.0, 1.0]
    assert "deadline of its group of 2 rows" in scores[2].reason


def test_a_stream_of_any_length_is_read_no_further_ahead_than_the_bound(pool):
    read = 0

    def endless():
        nonlocal read
        while True:
            read += 256
            yield samples(*["fine"] * 256)

    stream = pool(faulty).stream(endless())
    for rows in islice(stream, 100):
        assert values(rows) == [1.0] * 256
    assert read <= 100 * 256 + AHEAD_ROWS + 256
    stream.close()


def test_batches_come_back_in_their_order_though_the_first_is_the_slowest(pool):
    batches = [samples("slow 0.4"), samples("fine", "fine"), [], samples("raise")]
    assert [values(rows) for rows in pool(faulty).stream(batches)] == [[1.0], [1.0, 1.0], [], [None]]


def test_an_error_comes_with_its_batch_and_the_earlier_ones_are_delivered(pool):
    stream = pool(fragile).stream([samples("fine"), samples(*["x"] * 8), samples("fine")])
    assert values(next(stream)) == [1.0]
    with pytest.raises(RewardError):
        next(stream)


def test_threads_share_the_processes_and_a_hanging_row_holds_up_no_other_thread(pool):
    engine = pool(faulty, deadline_seconds=30.0)
    engine.score(samples("warm", "warm"))
    found = []
    hanging = threading.Thread(target=lambda: found.append(engine.score(samples("slow 3"))), daemon=True)
    hanging.start()
    threads = [threading.Thread(target=lambda: found.append(engine.score(samples("fine")))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert hanging.is_alive() or len(found) == 9
    hanging.join()
    assert [values(scores) for scores in found] == [[1.0]] * 9


PARENT = """
import sys
from faulty_rewards import faulty
from plaudit import Sample
from plaudit.engines.workers import Workers

if __name__ == "__main__":
    Workers(faulty, workers=1, deadline_seconds=None).score([Sample(f"nurse {sys.argv[1]}")])
"""


UNGUARDED = """
from pathlib import Path
from rewards_for_tests import polite
from plaudit import Sample
from plaudit.engines.workers import Workers

with Path("runs").open("a") as runs:
    runs.write("the training begins\\n")
print(Workers(polite, workers=2).score([Sample("Dear"), Sample("x")])[0].value)
"""
OWN_REWARD = """
from dataclasses import dataclass
from plaudit import Sample, reward
from plaudit.engines.workers import Workers

@dataclass
class main:  # the name of what begins a worker
    text: str

@reward(low=0.0, high=1.0)
def run(completion: str, thing: object) -> float:
    return float(isinstance(thing, main) and completion == thing.text)

if __name__ == "__main__":
    print(Workers(run, workers=1).score([Sample("4", columns={"thing": main("4")})])[0].value)
"""


def printed(folder, script):
    """Run a script as a user does, and return what it prints."""
    (folder / "script.py").write_text(script)
    roots = [str(Path(plaudit.__file__).parents[1]), str(Path(faulty_rewards.__file__).parent)]
    variables = os.environ | {"PYTHONPATH": os.pathsep.join(roots)}
    command = [sys.executable, "script.py"]
    return subprocess.run(command, cwd=folder, env=variables, capture_output=True, text=True, timeout=120).stdout


def test_a_script_without_a_guard_is_not_run_again_in_each_process(tmp_path):
    assert printed(tmp_path, UNGUARDED) == "1.0\n"
    assert (tmp_path / "runs").read_text() == "the training begins\n"


def test_a_reward_and_a_column_of_the_script_itself_are_found_whatever_their_names(tmp_path):
    assert printed(tmp_path, OWN_REWARD) == "1.0\n"


UNGUARDED_OWN_REWARD = """
from plaudit import Sample, reward
from plaudit.engines.workers import Workers

@reward(low=0.0, high=1.0)
def run(completion: str) -> float:
    return 1.0

try:
    Workers(run, workers=1).score([Sample("4")])
except Exception as error:
    print(error)
    raise
"""


def test_a_script_with_a_reward_and_no_guard_is_told_to_have_one(tmp_path):
    said = printed(tmp_path, UNGUARDED_OWN_REWARD)
    assert said.startswith("The reward can't be loaded")
    assert "`if __name__ == '__main__':`" in said


def test_a_reward_of_a_shell_or_notebook_is_told_to_move_into_a_module():
    script = OWN_REWARD.replace("from dataclasses", "import sys; from dataclasses")
    roots = [str(Path(plaudit.__file__).parents[1]), str(Path(faulty_rewards.__file__).parent)]
    variables = os.environ | {"PYTHONPATH": os.pathsep.join(roots)}
    found = subprocess.run([sys.executable, "-c", script], env=variables, capture_output=True, text=True, timeout=120)
    assert "of a module (a .py file) and import it" in found.stderr.splitlines()[-1]


def test_a_reward_made_inside_a_function_is_refused_before_anything_starts():
    @plaudit.reward(low=0.0, high=1.0)
    def local(completion: str) -> float:
        return float(completion)

    with pytest.raises(ConfigError, match=r"is defined inside a function.*top level of a module"):
        Workers(local)


def test_the_fork_of_a_reward_never_answers_in_its_place(pool):
    engine = pool(faulty, workers=1)
    for _ in range(3):
        assert values(engine.score(samples("fork", "raise x", "fine", "raise y"))) == [1.0, None, 1.0, None]


@pytest.mark.parametrize("closed", ["2>&-", "<&- >&- 2>&-"])
def test_a_parent_without_standard_streams_may_have_workers(tmp_path, closed):
    script = OWN_REWARD.replace("print(", "__import__('pathlib').Path('found').write_text(str(") + ")"
    script = script.replace(".value)\n)", ".value))\n")
    (tmp_path / "script.py").write_text(script)
    roots = [str(Path(plaudit.__file__).parents[1])]
    command = f"exec {sys.executable} script.py {closed}"
    subprocess.run(
        ["sh", "-c", command], cwd=tmp_path, env=os.environ | {"PYTHONPATH": roots[0]}, check=True, timeout=120
    )
    assert (tmp_path / "found").read_text() == "1.0"


WITH_A_SIBLING = """
import os, sys, time
from faulty_rewards import faulty
from plaudit import Sample
from plaudit.engines.workers import Workers

if __name__ == "__main__":
    engine = Workers(faulty, workers=1, deadline_seconds=None)
    engine.score([Sample("fine")])
    sibling = os.fork()
    if not sibling:
        time.sleep(600)
        os._exit(0)
    print(sibling, flush=True)
    engine.score([Sample(f"nurse {sys.argv[1]}")])
"""


def test_workers_end_with_their_parent_even_if_a_process_that_it_forked_lives_on(tmp_path):
    (tmp_path / "script.py").write_text(WITH_A_SIBLING)
    roots = [str(Path(plaudit.__file__).parents[1]), str(Path(faulty_rewards.__file__).parent)]
    variables = os.environ | {"PYTHONPATH": os.pathsep.join(roots)}
    note = tmp_path / "note"
    parent = subprocess.Popen(
        [sys.executable, "script.py", str(note)], cwd=tmp_path, env=variables, stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout is not None
    sibling = int(parent.stdout.readline())
    try:
        until(lambda: note.exists() and len(note.read_text().split()) == 2)
        parent.kill()
        parent.wait()
        until(lambda: all(map(is_gone, note.read_text().split())))
        assert not is_gone(sibling)
    finally:
        os.kill(sibling, signal.SIGKILL)
        parent.stdout.close()


def test_a_daemonic_process_may_have_workers():
    with multiprocessing.get_context("spawn").Pool(1) as processes:  # a pool's processes are daemonic
        assert processes.map(score_in_workers, ["fine"]) == [1.0]


FORKED = """
import os
from rewards_for_tests import polite
from plaudit import Sample
from plaudit.engines.workers import Workers

engine = Workers(polite, workers=1)
engine.score([Sample("Dear")])
if child := os.fork():
    print(os.waitpid(child, 0)[1], engine.score([Sample("Dear")])[0].value)
else:
    print(engine.score([Sample("Dear")])[0].value, flush=True)
    engine.close()
    os._exit(0)
"""


def test_a_forked_process_starts_workers_of_its_own_and_leaves_its_parents_alone(tmp_path):
    assert printed(tmp_path, FORKED).split() == ["1.0", "0", "1.0"]


def test_what_a_sample_makes_the_reward_import_is_not_its_time(pool):
    engine = pool(faulty, workers=1, deadline_seconds=0.5)
    engine.score(samples("warm"))
    scores = engine.score(samples("import", "slow 1.5", "import"))
    assert values(scores) == [1.0, None, 1.0]


@pytest.mark.parametrize(("number", "code"), [(signal.SIGKILL, -signal.SIGKILL), (signal.SIGINT, 1)])
def test_no_process_outlives_a_parent_that_is_killed_or_interrupted(tmp_path, number, code):
    script, note = tmp_path / "parent.py", tmp_path / "note"
    script.write_text(PARENT)
    roots = [str(Path(plaudit.__file__).parents[1]), str(Path(faulty_rewards.__file__).parent)]
    variables = os.environ | {"PYTHONPATH": os.pathsep.join(roots)}
    parent = subprocess.Popen([sys.executable, script, note], env=variables, stderr=subprocess.PIPE, text=True)
    until(lambda: note.exists() and len(note.read_text().split()) == 2)
    parent.send_signal(number)
    _, said = parent.communicate(timeout=60)
    until(lambda: all(map(is_gone, note.read_text().split())))
    assert parent.returncode in (code, -number)
    assert said.count("Traceback") == (number == signal.SIGINT)


def test_closing_kills_what_hangs_and_all_that_it_started(pool, tmp_path):
    note = tmp_path / "note"
    engine = pool(faulty, deadline_seconds=None)
    errors = []

    def score():
        try:
            engine.score(samples(f"nurse {note}"))
        except PlauditError as error:
            errors.append(str(error))

    thread = threading.Thread(target=score)
    thread.start()
    until(lambda: note.exists() and len(note.read_text().split()) == 2)
    engine.close()
    thread.join()
    assert errors == ["The engine is closed."]
    until(lambda: all(map(is_gone, note.read_text().split())))
    with pytest.raises(ConfigError, match="closed"):
        engine.score(samples("fine"))
    engine.close()


def test_an_engine_pickles_and_starts_anew_on_the_other_side(pool):
    engine = pool(faulty, deadline_seconds=3.0)
    engine.score(samples("fine"))
    with pickle.loads(pickle.dumps(engine)) as copy:
        assert values(copy.score(samples("fine"))) == [1.0]
        assert (copy.workers, copy.reward) == (2, faulty)


@pytest.mark.parametrize(
    ("reward", "message"),
    [(Unloadable(), "can't be loaded in a worker process: RuntimeError: no licence"), (Suicidal(), "exit code 7")],
)
def test_a_reward_that_no_worker_can_load_is_named_instead_of_tried_for_ever(pool, reward, message):
    engine = pool(reward)
    for _ in range(2):
        with pytest.raises(PlauditError, match=message):
            engine.score(samples("fine", "fine"))


def test_what_a_reward_prints_does_not_reach_our_standard_output(pool, capfd):
    pool(faulty).score(samples("print"))
    assert capfd.readouterr().out == ""


def test_a_local_reward_is_refused_with_what_to_do():
    @plaudit.reward(low=0.0, high=1.0)
    def local(completion: str) -> float:
        return 1.0

    class Hidden:
        spec = plaudit.Spec("hidden", 0.0, 1.0)

        def score(self, batch, /):
            return []

    with pytest.raises(ConfigError, match="top level of a module"):
        Workers(Hidden())


@pytest.mark.parametrize(
    "settings",
    [{"workers": 0}, {"deadline_seconds": 0}, {"deadline_seconds": float("nan")}, {"memory_bytes": 0}],
)
def test_settings_that_make_no_sense_are_refused(settings):
    with pytest.raises(ConfigError, match=next(iter(settings))):
        Workers(polite, **settings)


def test_a_sample_that_cannot_travel_is_named(pool):
    with pytest.raises(DataError, match="plain data"):
        pool(polite).score([Sample("Dear", columns={"file": threading.Lock()})])


@pytest.mark.parametrize(
    ("name", "settings", "message"),
    [
        ("worker", {}, "Did you mean 'workers'"),
        ("inline", {"deadline_seconds": 1.0}, "'inline' has no setting 'deadline_seconds'"),
    ],
)
def test_engines_are_found_by_name_and_refuse_what_they_do_not_have(name, settings, message):
    with pytest.raises(ConfigError, match=message):
        open_engine(name, polite, **settings)


def test_a_worker_that_dies_as_it_is_fed_is_not_at_a_unit_of_the_chunk_before():
    from plaudit.engines.process import Process

    process = object.__new__(Process)
    process._clock = [7.0, 0.0]  # it has reported unit 7 of its last chunk, and was stopped before it said so
    process._channel = SimpleNamespace(send_bytes=lambda _: None)
    process.send([b"one unit"])
    assert process.running is None
