"""What arrives where the reward abstains or fails: each protocol's own way, or the number that the user stated."""

import json

import pytest
from rewards_for_tests import fragile, same_city

from plaudit import reward

ASK = {
    "abstain": (same_city, "Paris", None),
    "exception": (fragile, "x", "Paris"),
}


def client_for(serve, case, **settings):
    judge, completion, gold = ASK[case]
    return serve(judge, **settings), completion, gold


def answer_of(client, path, body):
    done = client.post(path, content=json.dumps(body), headers={"Content-Type": "application/json"})
    assert done.status_code == 200, done.text
    assert "NaN" not in done.text
    return done.json()


@pytest.mark.parametrize("case", ASK)
@pytest.mark.parametrize(("fallback", "sent"), [(None, None), (-1.0, -1.0)], ids=["none", "fallback"])
class TestNoScore:
    def test_openrlhf_sees_null_or_the_fallback_and_always_the_flag(self, serve, case, fallback, sent):
        client, completion, gold = client_for(serve, case, fallback=fallback)
        answer = answer_of(client, "/get_reward", {"query": ["Q" + completion], "prompts": ["Q"], "labels": [gold]})
        assert answer["rewards"] == answer["scores"] == sent
        assert answer["extra_logs"]["abstained"] == 1.0

    def test_slime_sees_null_or_the_fallback(self, serve, case, fallback, sent):
        client, completion, gold = client_for(serve, case, fallback=fallback)
        asked = {"prompt": "Q", "response": completion, "label": gold}
        assert answer_of(client, "/slime", asked) == sent
        assert answer_of(client, "/slime/parts", asked) == {"reward": sent, "abstained": 1.0}

    def test_eval_protocol_sees_an_invalid_score(self, serve, case, fallback, sent):
        client, completion, gold = client_for(serve, case, fallback=fallback)
        messages = [{"role": "user", "content": "Q"}, {"role": "assistant", "content": completion}]
        answer = answer_of(client, "/reward", {"messages": messages, "ground_truth": gold})
        assert answer["score"] == sent
        assert answer["is_score_valid"] is False
        assert answer["error"]

    def test_nemo_gym_sees_a_masked_sample_whatever_the_fallback(self, serve, case, fallback, sent):
        client, completion, gold = client_for(serve, case, fallback=fallback)
        output = [{"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": completion}]}]
        asked = {"responses_create_params": {"input": "Q"}, "response": {"output": output}, "answer": gold}
        answer = answer_of(client, "/verify", asked)
        assert answer["mask_sample"] is True
        assert answer["failure_kind"] == {"abstain": "plaudit:abstained", "exception": "verifier_error"}[case]

    def test_the_native_endpoint_says_null_and_why(self, serve, case, fallback, sent):
        client, completion, gold = client_for(serve, case, fallback=fallback)
        sample = {"completion": completion, "columns": {"answer": gold}}
        found = answer_of(client, "/v1/score", {"samples": [sample]})["scores"][0]
        assert found["value"] is None


def test_a_reward_that_fails_on_every_row_of_a_request_abstains_and_is_no_server_error(serve):
    samples = [{"completion": "x"}] * 8
    scores = answer_of(serve(fragile), "/v1/score", {"samples": samples})["scores"]
    assert [item["value"] for item in scores] == [None] * 8


@reward(low=0.0, high=1.0)
def leaky(completion: str) -> float:
    raise FileNotFoundError("/home/somebody/secret.txt")


def test_what_a_reward_raised_stays_in_the_log(serve, caplog):
    client = serve(0.5 * leaky + 0.5 * fragile)
    answer = client.post("/v1/score", json={"samples": [{"completion": "a"}]})
    assert "secret" not in answer.text
    assert "Traceback" not in answer.text
    assert ".py" not in answer.text
    assert answer.headers["x-request-id"] in answer.text
    assert "secret.txt" in caplog.text
    assert answer.headers["x-request-id"] in caplog.text
