"""The symbolic engine's process: deadlines, deaths, threads, asyncio, fork and spawn."""

import asyncio
import multiprocessing
import os
import signal
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from plaudit.answers import Policy, equal, equal_batch, symbolic

CASES = [
    ("1/3", r"\int_0^1 x^2 dx", True),
    ("1/2", r"\int_0^1 x^2 dx", False),
    (r"\frac{x^3}{3}", r"\int x^2 dx", True),
    ("1", r"\lim_{x \to 0} \frac{\sin x}{x}", True),
    (r"\frac{\pi^2}{6}", r"\sum_{n=1}^{\infty} \frac{1}{n^2}", True),
    ("2", r"\sum_{k=0}^{\infty} 2^{-k}", True),
]
ENDLESS = (r"\int_0^1 \sin(\tan(x^x))^{x!} dx", r"\int_0^2 \sin(\tan(x^x))^{x!} dx")
PATIENT = Policy(engine_seconds=30)
HASTY = Policy(engine_seconds=0.05)


def _solve(_=None):
    return [equal(prediction, gold, PATIENT).equal for prediction, gold, _ in CASES]


EXPECTED = [expected for _, _, expected in CASES]


@pytest.mark.parametrize(("prediction", "gold", "expected"), CASES)
def test_golds_that_need_calculus_are_settled(prediction, gold, expected):
    verdict = equal(prediction, gold, PATIENT)
    assert verdict.equal is expected
    assert verdict.how.startswith("symbolic engine:")


def test_the_engine_can_be_switched_off():
    verdict = equal("1/3", r"\int_0^1 x^2 dx", Policy(engine=False))
    assert verdict.equal is None
    assert verdict.gold_readable


def test_a_prediction_alone_never_wakes_the_engine():
    symbolic.engine.stop()
    assert equal(ENDLESS[0], "7").equal is False
    assert symbolic.engine.pid is None


def test_a_case_past_its_deadline_is_killed_and_the_next_one_is_served():
    _solve()
    first = symbolic.engine.pid
    verdict = equal(*ENDLESS, HASTY)
    assert verdict.equal is None
    assert "deadline" in verdict.how
    assert symbolic.engine.pid is None
    assert _solve() == EXPECTED
    assert symbolic.engine.pid != first


def test_a_killed_worker_costs_one_case_at_most():
    _solve()
    os.kill(symbolic.engine.pid, signal.SIGKILL)
    verdicts = [equal(prediction, gold, PATIENT).equal for prediction, gold, _ in CASES for _ in range(2)]
    expected = [wanted for wanted in EXPECTED for _ in range(2)]
    wrong = [pair for pair in zip(verdicts, expected, strict=True) if pair[0] is not pair[1]]
    assert len(wrong) <= 1
    assert all(verdict is None for verdict, _ in wrong)


def test_killing_the_worker_in_the_middle_of_a_batch_loses_nothing_but_that_verdict(monkeypatch):
    _solve()
    ask, asked = symbolic.engine.ask, []

    def ask_and_be_killed(prediction, gold, seconds):
        asked.append(gold)
        if len(asked) == 3:
            os.kill(symbolic.engine.pid, signal.SIGKILL)
        return ask(prediction, gold, seconds)

    monkeypatch.setattr(symbolic.engine, "ask", ask_and_be_killed)
    plain = [("1", "1"), ("x", "y"), ("42", "42")]
    pairs = [pair for case in CASES for pair in (case[:2], *plain)]
    verdicts = equal_batch([first for first, _ in pairs], [second for _, second in pairs], PATIENT)
    wanted = [answer for case in CASES for answer in (case[2], True, False, True)]
    assert len(asked) == len(CASES)
    # the signal may arrive before the case is written (a fresh worker then takes it) or after
    lost = [place for place, verdict in enumerate(verdicts) if verdict.equal is not wanted[place]]
    assert lost in ([], [2 * (1 + len(plain))])
    assert all("died" in verdicts[place].how for place in lost)


def test_a_worker_killed_in_the_middle_of_a_case_costs_that_case():
    _solve()
    pid = symbolic.engine.pid
    threading.Timer(0.3, os.kill, (pid, signal.SIGKILL)).start()
    verdict = equal(*ENDLESS, Policy(engine_seconds=20))
    assert verdict.equal is None
    assert "died" in verdict.how
    assert _solve() == EXPECTED


def test_the_deadline_counts_from_the_start_of_a_case_not_from_the_queue():
    _solve()
    with ThreadPoolExecutor(8) as pool:
        slow = [pool.submit(equal, *ENDLESS, Policy(engine_seconds=0.2)) for _ in range(6)]
        quick = [pool.submit(equal, "1/3", r"\int_0^1 x^2 dx", Policy(engine_seconds=5)) for _ in range(2)]
        assert [future.result().equal for future in quick] == [True, True]
        assert {future.result().equal for future in slow} == {None}


@pytest.mark.parametrize(
    ("executable", "cause"),
    [("/nonexistent/python", "No such file or directory"), ("/bin/false", "ended before it was ready")],
)
def test_an_engine_that_does_not_start_says_so_and_is_left_alone_for_a_while(executable, cause, monkeypatch):
    asked, now = ("1/3", r"\int_0^1 x^2 dx", PATIENT), [1_000.0]
    monkeypatch.setattr(symbolic, "engine", symbolic.Engine())
    monkeypatch.setattr(symbolic, "monotonic", lambda: now[0])
    with monkeypatch.context() as patch:
        patch.setattr("sys.executable", executable)
        for _ in range(symbolic.MAX_FAILED_STARTS):
            verdict = equal(*asked)
            assert (verdict.equal, verdict.gold_readable) == (None, True)
            assert verdict.how.startswith("undecided: the symbolic engine could not be started")
            assert cause in verdict.how
    # the interpreter is back, but three starts failed: no more are tried for now, and every verdict says why
    assert equal(*asked).equal is None
    assert cause in equal(*asked).how
    assert f"{symbolic.MAX_FAILED_STARTS} starts failed" in equal(*asked).how
    now[0] += symbolic.REST_SECONDS
    assert equal(*asked).equal is True
    symbolic.engine.stop()


def test_many_threads_agree_at_their_own_precision():
    pairs = [
        (r"\sqrt{8}+x", r"2\sqrt{2}+x"),
        (r"\sqrt{8}+x", r"2\sqrt{3}+x"),
        ("10^{10^{10}}+1", "10^{10^{10}}"),
        (r"e^{i\pi}", "-1"),
    ]
    wanted = [equal(*pair).equal for pair in pairs]
    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(lambda _: [equal(*pair).equal for pair in pairs], range(100)))
    assert all(result == wanted for result in results)
    assert wanted == [True, False, False, True]


def test_under_asyncio():
    async def judge():
        return await asyncio.gather(*(asyncio.to_thread(_solve) for _ in range(3)), asyncio.sleep(0, _solve()))

    assert all(result == EXPECTED for result in asyncio.run(judge()))


@pytest.mark.parametrize(
    "method", [name for name in ("fork", "spawn") if name in multiprocessing.get_all_start_methods()]
)
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_in_daemonic_children_after(method):
    _solve()
    before = symbolic.engine.pid
    with multiprocessing.get_context(method).Pool(2) as pool:  # a pool's processes are daemonic
        assert pool.map_async(_solve, range(2)).get(timeout=120) == [EXPECTED, EXPECTED]
    assert symbolic.engine.pid == before
    assert _solve() == EXPECTED


def test_the_childs_memory_is_bounded():
    resource = pytest.importorskip("resource", reason="address-space limits exist on Unix only")
    _solve()
    soft, _ = resource.prlimit(symbolic.engine.pid, resource.RLIMIT_AS)
    assert 0 < soft <= 2 * 1024**3
