"""Ten thousand bad requests, made up from the OpenAPI page, against the running program: `make fuzz-server`."""

import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

schemathesis = pytest.importorskip("schemathesis", reason="needs schemathesis; `make fuzz-server` has it")

REQUESTS = int(os.environ.get("PLAUDIT_FUZZ_REQUESTS", "10000"))
SENT_PER_CASE = 5  # as it was made up, and four times spoilt
MEBIBYTE = 1024 * 1024
GIVEN_AWAY = ("Traceback", ".py", "site-packages", "/home/", str(Path.cwd()))


@pytest.fixture
def server():
    command = [sys.executable, "-m", "plaudit", "serve", "--recipe", "unsloth", "--port", "0", "--workers", "1"]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    url = next(word for word in process.stderr.readline().split() if word.startswith("http://"))
    yield process, url
    process.terminate()
    log = process.stderr.read()
    process.stderr.close()
    assert process.wait(60) == 0
    assert "request failed" not in log, log


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.skipif(sys.platform != "linux", reason="reads memory and descriptors from /proc")
def test_no_request_makes_the_server_fail_or_leak(server):
    process, url = server
    page = schemathesis.openapi.from_url(f"{url}/openapi.json")
    operations = [found.ok() for found in page.get_all_operations() if found.ok().body]
    each = -(-REQUESTS // (SENT_PER_CASE * len(schemathesis.GenerationMode) * len(operations)))
    statuses: dict[int, int] = {}
    fuzz(operations, 1 + each // 10, statuses)  # what is loaded on first use is no leak
    before = usage(process.pid)
    statuses.clear()
    fuzz(operations, each, statuses)
    after = usage(process.pid)
    sys.stdout.write(f"{sum(statuses.values())} requests by status {dict(sorted(statuses.items()))}\n")
    sys.stdout.write(f"memory (MiB), descriptors, threads: {before} before, {after} after\n")
    assert sum(statuses.values()) >= REQUESTS
    assert not [status for status in statuses if status >= 500]
    assert after[0] - before[0] < 64
    assert after[1] - before[1] < 10
    assert after[2] - before[2] < 70  # the pool of threads fills up to 64


def fuzz(operations, examples, statuses):
    """Send so many requests of each kind, right and wrong, to every operation."""
    from hypothesis import HealthCheck, Phase, given, settings

    quietly = settings(
        max_examples=examples,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    for operation in operations:
        for mode in schemathesis.GenerationMode:
            quietly(given(case=operation.as_strategy(mode))(sender(statuses)))()


def sender(statuses):
    import requests
    from schemathesis.checks import not_a_server_error
    from schemathesis.specs.openapi import checks

    session, chance = requests.Session(), random.Random(6)

    def check(answer):
        statuses[answer.status_code] = statuses.get(answer.status_code, 0) + 1
        text = answer.content.decode("utf-8", "replace")
        if answer.status_code >= 400:
            assert not [word for word in GIVEN_AWAY if word in text], text

    def send(case):
        answer = case.call_and_validate(
            checks=[not_a_server_error, checks.content_type_conformance, checks.response_schema_conformance],
            session=session,
        )
        check(answer)
        sent = answer.request
        body = sent.body.encode() if isinstance(sent.body, str) else sent.body or b""
        for mutant in mutants(body, chance):
            check(session.post(sent.url, data=mutant, headers={"Content-Type": "application/json"}, timeout=120))

    return send


def mutants(body, chance):
    """Spoil a body on the level of bytes, in the ways of a network and of a bad client."""
    cut, start = chance.randrange(len(body) + 1), chance.randrange(len(body) + 1)
    yield body[:cut]
    yield body[:cut] + bytes([chance.randrange(256)]) + body[cut + 1 :]
    yield body[:cut] + body[start:]
    yield body.replace(b":", b":[[", 1)


def usage(process_id):
    """Return resident memory in MiB, open descriptors and threads of the server."""
    status = dict(
        line.split(":", 1) for line in Path(f"/proc/{process_id}/status").read_text().splitlines() if ":" in line
    )
    resident = int(status["VmRSS"].split()[0]) * 1024 // MEBIBYTE
    return resident, len(list(Path(f"/proc/{process_id}/fd").iterdir())), int(status["Threads"])
