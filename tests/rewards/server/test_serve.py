"""`plaudit serve` as a process: it starts, is killed at, is stopped, and loses nothing that it accepted."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import pytest

TOKEN = "0123456789abcdef-token"
CALLS = 200


def refused(*arguments, environment=()):
    command = [sys.executable, "-m", "plaudit", "serve", *arguments]
    return subprocess.run(command, env=os.environ | dict(environment), capture_output=True, text=True, timeout=120)


def test_a_public_address_without_a_token_ends_with_one_sentence():
    done = refused("--recipe", "unsloth", "--host", "0.0.0.0")
    assert done.returncode == 2
    assert "give a token" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_reward_that_no_worker_can_load_is_found_before_anything_is_served(tmp_path):
    (tmp_path / "only_here.py").write_text(
        "import os\nfrom plaudit import reward\n"
        "assert os.environ.pop('FIRST', None)\n"
        "@reward(low=0.0, high=1.0)\ndef picky(completion: str) -> float:\n    return 1.0\n"
    )
    done = refused("--reward", "only_here:picky", environment={"FIRST": "1", "PYTHONPATH": pythonpath(tmp_path)})
    assert done.returncode == 5
    assert "can't be loaded in a worker" in done.stderr


def pythonpath(folder):
    return os.pathsep.join([str(folder), os.environ.get("PYTHONPATH", "")])


def test_a_port_in_use_is_named(program):
    with program("--recipe", "unsloth", "--workers", "1") as first:
        done = refused("--recipe", "unsloth", "--workers", "1", "--port", first.url.rpartition(":")[2])
    assert done.returncode == 2
    assert "--port" in done.stderr


def test_the_token_comes_from_a_file_or_the_environment(program, tmp_path):
    (tmp_path / "token").write_text(TOKEN + "\n")
    with program("--recipe", "unsloth", "--workers", "1", "--token-file", tmp_path / "token") as running:
        assert running.client.get("/v1/reward").status_code == 401
        assert running.client.get("/v1/reward", headers={"Authorization": f"Bearer {TOKEN}"}).status_code == 200
    done = refused("--recipe", "unsloth", environment={"PLAUDIT_TOKEN": "short"})
    assert done.returncode == 2


def test_a_missing_token_file_is_named():
    done = refused("--recipe", "unsloth", "--token-file", "/nowhere/token")
    assert done.returncode == 2
    assert "token file" in done.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="finds the workers in /proc")
def test_killing_workers_under_load_loses_no_accepted_request(program):
    with program("--recipe", "unsloth", "--workers", "2") as running:
        values = {}
        with ThreadPoolExecutor(8) as pool:
            for kills in range(3):
                numbers = range(kills * CALLS, (kills + 1) * CALLS)
                answers = [pool.submit(ask, running, number) for number in numbers]
                answers[CALLS // 4].result()  # now the queue is being worked off
                os.kill(running.workers()[0], signal.SIGKILL)
                values |= {number: answer.result() for number, answer in zip(numbers, answers, strict=True)}
        assert values == {number: expected(number) for number in range(3 * CALLS)}
        page = running.client.get("/metrics").text
        assert f'plaudit_samples_total{{outcome="scored"}} {3 * CALLS}.0' in page


def test_a_stop_under_load_finishes_what_was_accepted_and_ends_well(program, tmp_path):
    gate = tmp_path / "gate"
    arguments = ["--reward", "rewards_for_tests:gated", "--option", f"gate={gate}", "--workers", "2"]
    with program(*arguments) as running, ThreadPoolExecutor(8) as pool:
        answers = [pool.submit(score, running, "a") for _ in range(8)]
        poll(lambda: "plaudit_queue_samples 8.0" in running.client.get("/metrics").text)
        running.process.send_signal(signal.SIGTERM)
        poll(lambda: is_refused(running))
        assert not any(answer.done() for answer in answers)
        gate.touch()
        assert [answer.result()["value"] for answer in answers] == [0.5] * 8
        assert running.process.wait(60) == 0


def test_a_sample_past_its_deadline_abstains_and_the_others_go_on(program):
    with program("--reward", "rewards_for_tests:hanging", "--workers", "2", "--deadline", "2") as running:
        with ThreadPoolExecutor(2) as pool:
            stuck = pool.submit(score, running, "hang")
            assert score(running, "fine")["value"] == 1.0
            found = stuck.result()
        assert found["value"] is None
        assert "deadline" in found["reason"]


def test_ctrl_c_ends_it(program):
    with program("--recipe", "unsloth", "--workers", "1") as running:
        running.process.send_signal(signal.SIGINT)
        assert running.process.wait(60) == 130
        running._reader.join(60)
        assert "Traceback" not in "".join(running.lines)


def score(running, completion):
    body = {"samples": [{"completion": completion}]}
    return running.client.post("/v1/score", json=body).json()["scores"][0]


def ask(running, number):
    completion = f"so<end_working_out><SOLUTION>{number}</SOLUTION>"
    answer = running.client.post("/slime", json={"prompt": "", "response": completion, "label": str(number % 7)})
    assert answer.status_code == 200, answer.text
    return answer.json()


def expected(number):
    from plaudit import Sample, recipe

    completion = f"so<end_working_out><SOLUTION>{number}</SOLUTION>"
    return recipe("unsloth").score([Sample(completion, columns={"answer": str(number % 7)})])[0].value


def poll(condition):
    """Ask until it is so, for a minute at most."""
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline, "it never came to pass"


def is_refused(running):
    address = urlsplit(running.url)
    try:
        socket.create_connection((address.hostname, address.port), timeout=60).close()
    except ConnectionRefusedError:
        return True
    except ConnectionResetError:  # it was in the queue of a socket that is being closed
        return False
    return False


def spoken(running, *pieces):
    """Send pieces over a bare connection, and return all that comes back until the server ends it."""
    address = urlsplit(running.url)
    with socket.create_connection((address.hostname, address.port), timeout=60) as connection:
        for piece in pieces:
            connection.sendall(piece)
        return b"".join(iter(lambda: connection.recv(65536), b""))


@pytest.mark.parametrize(
    ("pieces", "answer"),
    [
        ([], b""),
        ([b"POST /slime HTTP/1.1\r\nHost: x\r\n", b"X-One: 1\r\n"], b"HTTP/1.1 408 headers_timeout\r\n"),
        ([b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\nGET /he"], b"HTTP/1.1 408 headers_timeout\r\n"),
        ([b"POST /slime HTTP/1.1\r\nX: " + b"x" * 65536], b"HTTP/1.1 431 headers_too_large\r\n"),
        ([b"POST /slime HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n", b"{"], b"HTTP/1.1 408 Request Timeout\r\n"),
    ],
    ids=["nothing", "half a head", "half a second head", "an endless head", "half a body"],
)
def test_a_client_that_never_finishes_its_request_is_answered_and_hung_up_on(slow_to_ask, pieces, answer):
    """Slowloris: without a limit each such connection stays for ever."""
    said = spoken(slow_to_ask, *pieces)
    assert answer in said
    assert said.count(b"200 OK") == (b"healthz" in pieces[0] if pieces else 0)
    assert slow_to_ask.client.get("/healthz").status_code == 200


def test_what_is_no_http_is_answered_in_the_words_of_every_other_problem(slow_to_ask):
    head, _, body = spoken(slow_to_ask, b"\x16\x03\x01 a TLS hello\r\n\r\n").partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400 ")
    assert json.loads(body)["error"]["code"] == "bad_request"
    assert slow_to_ask.client.get("/healthz").status_code == 200


@pytest.fixture
def slow_to_ask(program):
    with program("--reward", "format-exact", "--timeout", "1", "--workers", "1") as running:
        yield running
