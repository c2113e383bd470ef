"""What the server refuses, how, and that a refusal gives nothing away."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from plaudit import Score, Spec, recipe, reward
from plaudit.errors import ConfigError, PlauditError
from plaudit.server.settings import Settings

TOKEN = "0123456789abcdef-token"
JSON = {"Content-Type": "application/json"}
ONE = {"samples": [{"completion": "a"}]}


@reward(low=0.0, high=1.0)
def half(completion: str) -> float:
    return 0.5


class Relative:
    """Needs the whole group."""

    spec = Spec("relative", 0.0, 1.0, coupled=True)

    def score(self, batch, /):
        return [Score(0.5)] * len(batch)


def code(answer):
    return answer.status_code, answer.json()["error"]["code"]


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "example.org"])
def test_a_public_address_without_a_token_is_refused(host):
    with pytest.raises(ConfigError, match="give a token"):
        Settings(host=host)
    assert Settings(host=host, token=TOKEN).host == host


@pytest.mark.parametrize(
    "wrong",
    [{"token": "short"}, {"token": "with a space in the middle"}, {"queue": 0}, {"fallback": float("nan")}],
    ids=str,
)
def test_settings_that_make_no_sense_are_refused(wrong):
    with pytest.raises(ConfigError):
        Settings(**wrong)


@pytest.mark.parametrize(
    "header",
    [
        "",
        TOKEN,
        "Bearer",
        "Bearer wrong",
        f"Bearer {TOKEN}x",
        f"Bearer {TOKEN[:-1]}",
        "Basic ???",
        "Basic OnRvbw==",
        "Bearer é",
    ],
)
@pytest.mark.parametrize("path", ["/v1/score", "/metrics", "/docs", "/nowhere"])
def test_without_the_token_there_is_nothing_to_see(serve, header, path):
    answer = serve(half, token=TOKEN).request(
        "POST", path, headers={"Authorization": header.encode("latin-1")}, json=ONE
    )
    assert code(answer) == (401, "unauthorized")
    assert "Basic" in answer.headers["www-authenticate"]


def test_the_token_is_taken_as_a_bearer_or_from_the_url(serve):
    client = serve(half, token=TOKEN)
    assert client.post("/v1/score", json=ONE, headers={"Authorization": f"Bearer {TOKEN}"}).status_code == 200
    assert client.post("/v1/score", json=ONE, auth=("anybody", TOKEN)).status_code == 200


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_health_needs_no_token(serve, path):
    assert serve(half, token=TOKEN).get(path).json() == {"status": "ok"}


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"", 400),
        (b"{", 400),
        (b"\xff\xfe", 400),
        (b'{"samples": [{"completion": NaN}]}', 400),
        (b'{"samples": [{"completion": "a", "columns": {"answer": 1e999}}]}', 400),
        (b'{"samples": [{"completion": "a", "columns": {"answer": ' + b"9" * 5000 + b"}}]}", 400),
        (b"[" * 100_000, 400),
        (b'{"samples": [{"completion": "a", "columns": {"a": ' + b"[" * 70 + b"]" * 70 + b"}}]}", 400),
        (b"null", 422),
        (b"[]", 422),
        (b'{"samples": 1}', 422),
        (b'{"samples": [{"completion": 1}]}', 422),
        (b'{"samples": [{"completion": true}]}', 422),
        (b'{"samples": [{"text": "a"}]}', 422),
        (b'{"samples": [{"completion": "a", "answer": "4"}]}', 422),
    ],
    ids=lambda value: ascii(value)[:60],
)
def test_a_body_that_is_no_request_is_told_so_in_one_sentence(serve, body, expected):
    answer = serve(half).post("/v1/score", content=body, headers=JSON)
    assert code(answer) == (expected, "invalid_request")
    assert len(answer.text) < 500


@pytest.mark.parametrize(
    "completion", [None, [], {}, [None], [[]], {"content": None}, [{"role": "tool"}], "\ud83d"], ids=ascii
)
def test_every_shape_of_completion_is_scored(serve, completion):
    body = json.dumps({"samples": [{"completion": completion}]})
    assert serve(half).post("/v1/score", content=body, headers=JSON).json()["scores"][0]["value"] == 0.5


def test_another_content_type_is_not_read_as_json(serve):
    answer = serve(half).post("/v1/score", content=json.dumps(ONE), headers={"Content-Type": "text/plain"})
    assert code(answer) == (422, "invalid_request")


@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_over_the_limit_is_refused_whatever_it_declares(serve, chunked):
    body = json.dumps({"samples": [{"completion": "a" * 2000}]}).encode()
    content = iter([body[:500], body[500:]]) if chunked else body
    answer = serve(half, max_body_bytes=1000).post("/v1/score", content=content, headers=JSON)
    assert code(answer) == (413, "body_too_large")


def test_more_samples_than_the_queue_can_ever_hold_are_refused_for_good(serve):
    answer = serve(half, queue=3).post("/v1/score", json={"samples": ONE["samples"] * 4})
    assert code(answer) == (413, "batch_too_large")
    assert "retry-after" not in answer.headers


class Stuck:
    """An engine that scores when it is let."""

    def __init__(self):
        self.begun, self.let = threading.Semaphore(0), threading.Event()

        self.threads = ThreadPoolExecutor(8)

    def submit(self, batch):
        return self.threads.submit(self.score, batch)

    def score(self, batch):
        self.begun.release()
        self.let.wait(60)
        return [Score(0.5)] * len(batch)

    def close(self):
        self.let.set()
        self.threads.shutdown()


def test_a_full_queue_answers_429_and_goes_on_when_there_is_room(serve):
    engine = Stuck()
    client = serve(half, engine=engine, queue=2)
    answers = []
    threads = [threading.Thread(target=lambda: answers.append(client.post("/v1/score", json=ONE))) for _ in range(2)]
    for thread in threads:
        thread.start()
        assert engine.begun.acquire(timeout=60)
    full = client.post("/v1/score", json=ONE)
    assert code(full) == (429, "queue_full")
    assert full.headers["retry-after"] == "1"
    assert client.get("/readyz").status_code == 503
    assert client.get("/healthz").status_code == 200
    engine.let.set()
    for thread in threads:
        thread.join(60)
    assert [answer.status_code for answer in answers] == [200, 200]
    assert client.post("/v1/score", json=ONE).status_code == 200
    assert "plaudit_queue_samples 0.0" in client.get("/metrics").text


def test_a_request_that_waits_too_long_is_told_and_keeps_its_place_until_the_engine_is_done(serve):
    engine = Stuck()
    client = serve(half, engine=engine, queue=1, timeout_seconds=2.0)
    late = client.post("/v1/score", json=ONE)
    assert code(late) == (503, "timeout")
    assert late.headers["retry-after"] == "1"
    assert client.post("/v1/score", json=ONE).status_code == 429


class Broken:
    def submit(self, batch):
        raise PlauditError("3 worker processes in a row ended; see /opt/somewhere")

    def close(self):
        pass


def test_an_engine_that_gave_up_makes_the_server_unready_and_says_no_more(serve):
    client = serve(half, engine=Broken())
    answer = client.post("/v1/score", json=ONE)
    assert code(answer) == (503, "engine_down")
    assert "somewhere" not in answer.text
    assert client.get("/readyz").status_code == 503


class Buggy(Broken):
    def submit(self, batch):
        raise ZeroDivisionError("/opt/somewhere")


def test_an_error_of_our_own_is_500_without_a_word_of_it(serve):
    answer = serve(half, engine=Buggy()).post("/v1/score", json=ONE)
    assert code(answer) == (500, "internal_error")
    assert "somewhere" not in answer.text


def test_a_reward_that_compares_completions_wants_groups(serve):
    client = serve(Relative())
    assert code(client.post("/slime", json={"response": "a", "label": "4"})) == (422, "needs_group")
    assert code(client.post("/v1/score", json=ONE)) == (422, "needs_group")
    grouped = {"samples": [{"completion": "a", "group": 1}, {"completion": "b", "prompt": "Q"}]}
    assert client.post("/v1/score", json=grouped).status_code == 200


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/nowhere", 404), ("GET", "/v1/score", 405)])
def test_what_is_not_there_is_an_error_of_the_same_shape(serve, method, path, status):
    answer = serve(half).request(method, path)
    assert answer.status_code == status
    assert answer.json()["error"]["message"]


def test_metrics_count_requests_by_known_paths_and_samples_by_outcome(serve):
    client = serve(recipe("unsloth"))
    samples = [{"completion": "4", "columns": {"answer": "4"}}]
    assert client.post("/v1/score", json={"samples": samples * 3}).status_code == 200
    for number in range(3):
        client.get(f"/made-up/{number}")
    page = client.get("/metrics").text
    assert 'plaudit_requests_total{path="/v1/score",status="200"} 1.0' in page
    assert 'plaudit_requests_total{path="other",status="404"} 3.0' in page
    assert 'plaudit_samples_total{outcome="scored"} 3.0' in page
    assert 'plaudit_request_seconds_count{path="/v1/score"} 1.0' in page


def test_every_endpoint_is_on_the_openapi_page_with_its_errors(serve):
    paths = serve(half).get("/openapi.json").json()["paths"]
    for path in (
        "/v1/score",
        "/get_reward",
        "/slime",
        "/slime/parts",
        "/verify",
        "/aggregate_metrics",
        "/reward",
        "/llamafactory",
    ):
        assert {"200", "400", "401", "413", "422", "429", "503"} <= set(paths[path]["post"]["responses"])
