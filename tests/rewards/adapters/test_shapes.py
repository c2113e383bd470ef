"""Each adapter called as its trainer calls it: what arrives for every edge, flagged where the reward is silent.

These are contract tests, without the trainers; `tests/clients` asks the trainers themselves.
"""

import asyncio
from types import SimpleNamespace as Made

import pytest

from plaudit import ConfigError, DataError
from plaudit.adapters import (
    areal,
    art,
    easyr1,
    llamafactory,
    ms_swift,
    nemo_rl,
    openrlhf,
    rllm,
    roll,
    skyrl,
    slime,
    tinker_cookbook,
    trl,
    verifiers,
    verl,
)
from plaudit.adapters.judge import AbstainedError, Judge

FALLBACK = -7.0
UNRULY = "rewards_that_fail:unruly"
FLAGS = {"plaudit/abstained", "plaudit/failed"}
TURNS = [
    {"role": "assistant", "content": "wait"},
    {"role": "user", "content": "4?"},
    {"role": "assistant", "content": "4 it is"},
]


def chat(completion):
    return completion if isinstance(completion, list) else [{"role": "assistant", "content": completion}]


def text(completion):
    """What a trainer hands over that knows texts only."""
    return completion if isinstance(completion, str) else "" if completion is None else completion[-1]["content"]


def by_trl(judge, completion):
    logged = {}
    [value] = trl.rewards(judge, ["q"], [chat(completion)], {"answer": ["4"], "log_metric": logged.__setitem__})
    return value, {key: logged[key] for key in FLAGS}


def by_trl_async(judge, completion):
    logged = {}
    columns = {"answer": ["4"], "log_metric": logged.__setitem__}
    [value] = asyncio.run(trl.rewards_async(judge, ["q"], [chat(completion)], columns))
    return value, {key: logged[key] for key in FLAGS}


def by_verl(judge, completion):
    row = verl.reward(judge, "openai/gsm8k", text(completion), "4", {"question": "q", "answer": "5"})
    return row.pop("score"), row


def by_verl_async(judge, completion):
    row = asyncio.run(verl.reward_async(judge, "openai/gsm8k", text(completion), "4", {"answer": "5"}))
    return row.pop("score"), row


def by_openrlhf(judge, completion):
    row = openrlhf.reward(judge, [f"<s>q: {text(completion)}</s>"], ["q: "], ["4"])
    assert 0.0 <= row["scores"] <= 1.0
    return row["rewards"], row["extra_logs"]


def by_verifiers(judge, completion):
    logged = {}
    trace = Made(root_reply=None, assistant_messages=chat(completion), record_metrics=logged.update)
    return asyncio.run(verifiers.reward(judge, Made(prompt="q", answer="4"), trace)), logged


def by_rubric(judge, completion):
    state = {}
    function = verifiers.rubric_reward(judge)
    return asyncio.run(function(completion=chat(completion), prompt="q", state=state, answer="4")), state["plaudit"]


def by_skyrl(judge, completion):
    found = skyrl.step(judge, text(completion), {"reward_spec": {"ground_truth": "4"}, "prompt": "q"})
    assert found["done"]
    return found["reward"], found["metadata"]


def by_ms_swift(judge, completion):
    logged = {}
    columns = {"answer": ["4"], "log_metric": logged.__setitem__, "messages": [[{"role": "user", "content": "q"}, {}]]}
    [value] = ms_swift.rewards(judge, [text(completion)], columns)
    return value, logged


def by_slime(judge, completion):
    sample = Made(prompt="q", response=text(completion) + "<|im_end|>", label="4", metadata={}, remove_sample=False)
    value = asyncio.run(slime.reward(judge, Made(reward_key=None), sample))
    assert sample.remove_sample == bool(sample.metadata["plaudit"]["plaudit/abstained"])
    return value, sample.metadata["plaudit"]


def by_slime_group(judge, completion):
    sample = Made(prompt="q", response=text(completion), label="4", metadata={}, remove_sample=False)
    [row] = asyncio.run(slime.reward(judge, Made(reward_key="acc"), [sample]))
    return row["acc"], {key: row[key] for key in FLAGS}


def by_areal(judge, completion):
    return areal.reward(judge, "q", text(completion) + "<|im_end|>", {"answer": "4"}), None


def by_easyr1(judge, completion):
    [row] = easyr1.rewards(judge, [{"response": text(completion), "response_length": 1, "ground_truth": "4"}])
    return row.pop("overall"), row


def by_nemo_rl(judge, completion):
    log = [{"role": "user", "content": "q"}, *chat(completion)]
    [row] = nemo_rl.scored(judge, [log], [{"ground_truth": "4"}])
    return row["reward"], row["metadata"]["plaudit"]


def by_roll(judge, completion):
    values, shares, numbers = roll.rewards(judge, [text(completion)], {"ground_truth": ["4"], "prompt": ["q"]})
    assert 0.0 <= shares[0] <= 1.0
    return values[0], numbers[0]


def by_rllm(judge, completion):
    episode = Made(artifacts={}, trajectories=[Made(output=text(completion), steps=[])])
    found = rllm.evaluate(judge, Made(metadata={"ground_truth": "4"}, instruction="q"), episode)
    assert found["is_correct"] == (found["reward"] == 1.0)
    return found["reward"], found["signals"]


def by_art(judge, completion):
    message = Made(message=Made(role="assistant", content=text(completion)))  # an OpenAI choice
    trajectory = Made(
        messages_and_choices=[{"role": "user", "content": "q"}, message], metadata={"answer": "4"}, metrics={}, reward=0
    )
    asyncio.run(art.reward(judge, trajectory))
    return trajectory.reward, trajectory.metrics


def by_tinker(judge, completion):
    renderer = Made(tokenizer=Made(decode=lambda codes: "".join(map(chr, codes)) + "<|im_end|>"))
    codes = [ord(letter) for letter in text(completion)]
    return asyncio.run(tinker_cookbook.reward(judge, renderer, codes, "q", {"answer": "4"}))


CALLS = [value for name, value in list(globals().items()) if name.startswith("by_")]
KNOW_NO_SCORE = [by_trl, by_trl_async, by_ms_swift]
RAISE_FOR_NONE = [by_verifiers, by_art, by_tinker]
EDGES = {
    "abstain": ("abstain", FALLBACK, 1.0, 0.0),
    "exception": ("raise", FALLBACK, 1.0, 1.0),
    "1 MB": ("x" * 1_000_000, 0.0, 0.0, 0.0),
    "content=None": (None, 0.0, 0.0, 0.0),
    "multi-turn": (TURNS, 1.0, 0.0, 0.0),
    "right": ("4", 1.0, 0.0, 0.0),
}


@pytest.mark.parametrize("edge", EDGES)
@pytest.mark.parametrize("call", CALLS, ids=lambda call: call.__name__)
def test_nothing_arrives_as_a_silent_zero(call, edge):
    completion, value, abstained, failed = EDGES[edge]
    found, logged = call(Judge(UNRULY, fallback=FALLBACK), completion)
    assert found == value
    assert logged is None or {key: logged[key] for key in FLAGS} == {
        "plaudit/abstained": abstained,
        "plaudit/failed": failed,
    }


@pytest.mark.parametrize("call", CALLS, ids=lambda call: call.__name__)
def test_a_hang_past_the_deadline_arrives_as_a_failure(call, engines):
    found, logged = call(Judge(UNRULY, fallback=FALLBACK, deadline_seconds=0.2), "hang")
    assert found == FALLBACK
    assert logged is None or logged["plaudit/failed"] == 1.0


@pytest.mark.parametrize("call", CALLS, ids=lambda call: call.__name__)
def test_without_a_fallback_each_trainer_gets_its_own_missing_score_or_is_refused(call):
    judge = Judge(UNRULY)
    if call in KNOW_NO_SCORE:
        assert call(judge, "abstain")[0] is None
    elif call in RAISE_FOR_NONE:
        with pytest.raises(AbstainedError):
            call(judge, "abstain")
        assert call(judge, "4")[0] == 1.0
    else:
        with pytest.raises(ConfigError, match=r"fallback=0\.0"):
            call(judge, "4")


EMPTY = {
    "trl": lambda judge: trl.rewards(judge, [], [], {}),
    "ms-swift": lambda judge: ms_swift.rewards(judge, [], {}),
    "easyr1": lambda judge: easyr1.rewards(judge, []),
    "nemo-rl": lambda judge: nemo_rl.scored(judge, [], []),
    "slime": lambda judge: asyncio.run(slime.reward(judge, Made(reward_key=None), [])),
    "openrlhf": lambda judge: openrlhf.reward(judge, [], [], [])["rewards"],
    "roll": lambda judge: roll.rewards(judge, [], {})[0],
}


@pytest.mark.parametrize("ask", EMPTY.values(), ids=EMPTY)
def test_an_empty_batch_gives_an_empty_answer(ask):
    assert ask(Judge("rewards_that_fail:wordless", fallback=FALLBACK)) == []


def test_several_queries_of_openrlhf_get_lists():
    found = openrlhf.reward(Judge(UNRULY, fallback=FALLBACK), ["q4", "qabstain"], ["q", "q"], ["4", "4"])
    assert found["rewards"] == [1.0, FALLBACK]
    assert found["extra_logs"]["plaudit/abstained"] == [0.0, 1.0]


@pytest.mark.parametrize(
    ("query", "prompt", "response"),
    [
        ("<s>What?4</s>", "What?", "4"),
        ("x" * 900 + "What?4<|im_end|>\n", "y" * 900 + "x" * 500 + "What?", "4"),
        ("4", "", "4"),
        ("", "", ""),
    ],
)
def test_the_prompt_is_cut_off_a_query_also_where_its_beginning_was_lost(query, prompt, response):
    assert openrlhf.response_of(query, prompt) == response


def test_a_query_without_its_prompt_is_an_error_since_the_answer_could_stand_in_the_prompt():
    with pytest.raises(DataError, match="cut out"):
        openrlhf.reward(Judge(UNRULY, fallback=FALLBACK), ["4"], ["2 + 2 = 4?"], ["4"])


@pytest.mark.parametrize("template", [
    "<|im_start|>user\n4?<|im_end|>\n<|im_start|>assistant\n{}<|im_end|>\n",
    "<s>[INST] 4? [/INST]{}</s>",
    "User: 4?\nAssistant:{}",
    "<｜User｜>4?<｜Assistant｜>5<｜User｜>4?<｜Assistant｜>{}<｜end▁of▁sentence｜>",
])  # fmt: skip
def test_llama_factorys_texts_lose_the_prompt_and_the_end_tokens(template):
    assert llamafactory.response_of(template.format("so 4 </s> it is")) == "so 4 </s> it is"
    assert llamafactory.response_of(template.format("")) == ""


def test_a_text_in_which_no_response_begins_has_none_unless_it_is_told_where():
    assert llamafactory.response_of("4?\n### Answer\n4") is None
    assert llamafactory.response_of("4?\n### Answer\n4", ("### Answer\n",)) == "4"


def test_nemo_rl_gets_parts_by_name_and_the_means_of_what_was_logged():
    judge = Judge("unsloth", fallback=FALLBACK)
    log = [{"role": "user", "content": "q"}, {"role": "assistant", "content": "4"}]
    rows = [
        row["metadata"] for row in nemo_rl.scored(judge, [log, log], [{"ground_truth": "4"}, {"ground_truth": "5"}])
    ]
    means = nemo_rl.metrics(rows)
    assert means["plaudit/abstained"] == 0.0
    assert "plaudit/answer-match" in means
    assert rows[0]["ground_truth"] == "4"
    assert nemo_rl.metrics([]) == {}


@pytest.mark.parametrize("module", ["trl", "axolotl", "verifiers"])
def test_a_dotted_path_that_names_nothing_says_what_is_near(module):
    import importlib

    with pytest.raises(AttributeError, match="Did you mean 'unsloth'"):
        assert importlib.import_module(f"plaudit.adapters.{module}").unsloht


def test_axolotls_loader_finds_a_recipe_and_its_two_parameters():
    import inspect

    from plaudit.adapters import axolotl

    assert len(inspect.signature(axolotl.unsloth).parameters) >= 2
    assert axolotl.format_exact(["q"], ["4"]) == trl.format_exact(prompts=["q"], completions=["4"])
