"""Each protocol says what the core says, in the shape that its trainer reads."""

import json

import pytest

from plaudit import Sample, recipe, reward
from plaudit.engines.inline import score

RIGHT = "2 and 2<end_working_out><SOLUTION>4</SOLUTION>"
COMPLETIONS = [
    RIGHT,
    RIGHT.replace("4", "5"),
    "",
    "no tags at all: 4",
    "<SOLUTION>" * 50,
    "é \u2028 \x00 4",
    "half a pair \ud83d",
    "x" * 100_000 + RIGHT,
]
QUESTION = "What is 2 + 2?"


def core(completion, answer="4"):
    return score(recipe("unsloth"), [Sample(completion, QUESTION, {"answer": answer})])[0]


def post(client, path, body):
    """Send JSON as Python's clients do, half surrogate pairs as escapes."""
    done = client.post(path, content=json.dumps(body), headers={"Content-Type": "application/json"})
    assert done.status_code == 200, done.text
    return done.json()


def openrlhf(client, completion):
    return post(client, "/get_reward", {"query": [QUESTION + completion], "prompts": [QUESTION], "labels": ["4"]})[
        "rewards"
    ]


def slime(client, completion):
    return post(client, "/slime", {"prompt": QUESTION, "response": completion, "label": "4"})


def nemo_gym(client, completion):
    message = {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": completion}]}
    asked = {"input": [{"role": "user", "content": QUESTION}]}
    return post(
        client, "/verify", {"responses_create_params": asked, "response": {"output": [message]}, "answer": "4"}
    )["reward"]


def eval_protocol(client, completion):
    messages = [{"role": "user", "content": QUESTION}, {"role": "assistant", "content": completion}]
    return post(client, "/reward", {"messages": messages, "ground_truth": "4"})["score"]


def native(client, completion):
    sample = {"completion": completion, "prompt": QUESTION, "columns": {"answer": "4"}}
    return post(client, "/v1/score", {"samples": [sample]})["scores"][0]["value"]


@pytest.mark.parametrize("completion", COMPLETIONS, ids=lambda text: ascii(text[:20]))
@pytest.mark.parametrize("ask", [openrlhf, slime, nemo_gym, eval_protocol, native], ids=lambda ask: ask.__name__)
def test_every_protocol_gives_the_value_of_the_core(serve, ask, completion):
    assert ask(serve(recipe("unsloth")), completion) == core(completion).value


def test_a_batch_comes_back_in_order_with_reasons_and_parts(serve):
    samples = [{"completion": text, "columns": {"answer": "4"}} for text in COMPLETIONS]
    answer = post(serve(recipe("unsloth")), "/v1/score", {"samples": samples})
    assert answer["reward"] == "unsloth"
    assert [item["value"] for item in answer["scores"]] == [core(text).value for text in COMPLETIONS]
    assert answer["scores"][0]["extracted"] == "4"
    assert [part["name"] for part in answer["scores"][0]["parts"]] == [part.name for part in core(RIGHT).parts]


@reward(low=0.0, high=1.0)
def constant(completion: str) -> float:
    return 0.5


@reward(low=0.0, high=1e6)
def length(completion: str) -> float:
    return float(len(completion))


def test_an_empty_batch_has_no_scores_in_every_protocol_of_batches(serve):
    client = serve(constant)
    assert post(client, "/v1/score", {"samples": []})["scores"] == []
    assert post(client, "/get_reward", {"query": [], "prompts": [], "labels": []})["rewards"] == []
    assert post(client, "/llamafactory", {"model": "model", "messages": []}) == {"scores": []}


def test_openrlhf_gets_bare_numbers_for_one_query_and_lists_for_several(serve):
    client = serve(recipe("unsloth"))
    one = {"query": [QUESTION + RIGHT], "prompts": [QUESTION], "labels": ["4"]}
    answer = post(client, "/get_reward", one)
    assert answer["scores"] == answer["rewards"] == 13.0
    assert answer["extra_logs"]["abstained"] == 0.0
    two = post(client, "/get_reward", {name: values * 2 for name, values in one.items()})
    assert two["rewards"] == [13.0, 13.0]
    assert two["extra_logs"]["answer-match"] == [5.0, 5.0]


def test_openrlhf_keeps_special_tokens_and_they_are_cut_off(serve):
    asked = {"query": [f"<s>{QUESTION}{RIGHT}<|im_end|>"], "prompts": [QUESTION], "labels": ["4"]}
    assert post(serve(recipe("unsloth")), "/get_reward", asked)["rewards"] == core(RIGHT).value


def test_a_query_without_its_prompt_is_refused_and_not_scored_whole(serve):
    asked = {"query": ["2+2" + RIGHT], "prompts": [QUESTION], "labels": ["4"]}
    answer = serve(recipe("unsloth")).post("/get_reward", json=asked)
    assert answer.status_code == 422
    assert answer.json()["error"]["code"] == "prompt_not_in_query"


def test_nemo_gym_gets_its_request_back_and_components_that_add_up(serve):
    message = {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": RIGHT}]}
    asked = {
        "responses_create_params": {"input": QUESTION, "temperature": 1.0},
        "response": {"id": "resp_1", "output": [{"type": "reasoning", "summary": []}, message]},
        "answer": "4",
        "_ng_task_index": 7,
    }
    answer = post(serve(recipe("unsloth")), "/verify", asked)
    assert {name: answer[name] for name in asked} == asked
    assert sum(answer["reward_components"].values()) == answer["reward"] == 13.0
    assert answer["mask_sample"] is False


ROLLOUTS = [
    {"_ng_task_index": task, "_ng_rollout_index": repeat, "reward": float(task + repeat), "mask_sample": task == repeat}
    for task in (0, 1)
    for repeat in (0, 1)
]


def test_nemo_gyms_aggregate_leaves_masked_rollouts_out_of_every_mean_and_counts_them(serve):
    answer = post(serve(constant), "/aggregate_metrics", {"verify_responses": ROLLOUTS})
    assert answer["key_metrics"] == {
        "mean/reward": 1.0,
        "coverage/measured_rollouts": 2,
        "coverage/masked_rollouts": 2,
        "coverage/measured_tasks": 2,
        "coverage/fully_masked_tasks": 0,
    }
    assert [group["mean/reward"] for group in answer["group_level_metrics"]] == [1.0, 1.0]
    nothing = post(serve(constant), "/aggregate_metrics", {"verify_responses": [{"reward": 1.0, "mask_sample": True}]})
    assert "mean/reward" not in nothing["agent_metrics"], "a mean of nothing would be an invented number"


@pytest.mark.parametrize(
    "row", [{"_ng_task_index": "0"}, {"_ng_task_index": []}, {"reward": 10**400}, {"reward": 1e308}]
)
def test_nemo_gyms_aggregate_of_what_can_not_be_averaged_is_refused(serve, row):
    answer = serve(constant).post("/aggregate_metrics", json={"verify_responses": [row, row]})
    assert answer.status_code == 422, answer.text


def test_eval_protocol_takes_the_turns_after_the_last_question(serve):
    messages = [
        {"role": "user", "content": "Hello"},
        {"role": "assistant", "content": RIGHT.replace("4", "9")},
        {"role": "user", "content": QUESTION},
        {"role": "assistant", "content": RIGHT},
    ]
    answer = post(serve(recipe("unsloth")), "/reward", {"messages": messages, "ground_truth": "4"})
    assert answer["score"] == 13.0
    assert answer["metrics"]["answer-match"]["score"] == 5.0


def test_slime_can_have_the_parts_beside_the_reward(serve):
    asked = {"prompt": QUESTION, "response": RIGHT, "label": "4"}
    answer = post(serve(recipe("unsloth")), "/slime/parts", asked)
    assert answer.pop("reward") == 13.0
    assert answer.pop("abstained") == 0.0
    assert sum(answer.values()) == 13.0


@reward(low=0.0, high=2.0)
def two_columns(completion: str, answer: str, unit: str) -> float:
    return float(completion == answer) + float(completion == unit)


@pytest.mark.parametrize(
    "label", [{"answer": "4", "unit": "m"}, '{"answer": "4", "unit": "m"}'], ids=["object", "text"]
)
def test_a_reward_of_several_columns_gets_them_from_one_label(serve, label):
    assert post(serve(two_columns), "/slime", {"prompt": "", "response": "4", "label": label}) == 1.0


def test_a_column_of_another_name_is_taken_where_the_user_said_so(serve):
    client = serve(recipe("unsloth"), renamed={"answer": "expected_answer"})
    sample = {"completion": RIGHT, "columns": {"expected_answer": "4"}}
    assert post(client, "/v1/score", {"samples": [sample]})["scores"][0]["value"] == 13.0


def test_llama_factory_gets_a_list_and_is_refused_by_a_reward_that_needs_gold(serve):
    texts = [f"<|im_start|>user\n4?<|im_end|>\n<|im_start|>assistant\n{said}<|im_end|>\n" for said in ("", "long")]
    assert post(serve(length), "/llamafactory", {"model": "m", "messages": texts}) == {"scores": [0.0, 4.0]}
    answer = serve(recipe("unsloth")).post("/llamafactory", json={"model": "m", "messages": texts})
    assert answer.status_code == 422
    assert "'answer'" in answer.json()["error"]["message"]


def test_llama_factorys_text_is_never_scored_with_its_prompt(serve):
    asked = {"model": "m", "messages": ["4?\n### Answer\n42"]}
    answer = serve(length).post("/llamafactory", json=asked)
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "no_response")
    assert post(serve(length, response_starts=("### Answer\n",)), "/llamafactory", asked) == {"scores": [2.0]}


def test_the_facts_of_the_reward_are_there_to_read(serve):
    facts = serve(recipe("unsloth")).get("/v1/reward").json()
    assert facts["name"] == "unsloth"
    assert facts["reads"] == ["answer"]
