"""The judge that every adapter holds: golds, fallbacks, flags, deadlines, and failures counted across calls."""

import asyncio
import logging
import pickle
import threading
from pathlib import Path

import pytest
from faulty_rewards import Unloadable, Worth

from plaudit import ConfigError, DataError, RewardError, Sample, Score, load, recipe, schedule
from plaudit.adapters.judge import AbstainedError, Judge, judge_of, part_paths
from plaudit.errors import UnknownNameError

UNRULY = "rewards_that_fail:unruly"


def ask(judge, completion, gold="4", **given):
    return judge.score([judge.sample(completion, gold=gold, **given)])[0]


def test_the_trainers_gold_goes_before_a_column_of_the_same_name():
    """verl's GSM8K rows hold the whole solution as `answer` beside the gold."""
    judge = Judge(UNRULY)
    assert judge.sample("4", gold="4", row={"answer": "She has 2 + 2 = 4 #### 4"}).columns["answer"] == "4"


@pytest.mark.parametrize(
    ("given", "gold", "columns"),
    [
        ({}, "4", {"answer": "4"}),
        ({"gold": "label"}, "4", {"label": "4"}),
        ({}, None, {}),
    ],
)
def test_the_gold_fills_the_column_that_the_reward_reads_or_the_one_named(given, gold, columns):
    assert Judge(UNRULY, **given).sample("4", gold=gold).columns == columns


def test_a_missing_column_is_named_and_not_scored():
    with pytest.raises(DataError, match="'answer'"):
        ask(Judge(UNRULY), "4", gold=None)


@pytest.mark.parametrize("deadline_seconds", [None, 60.0])
def test_a_reward_that_can_not_be_hashed_judges_too_and_is_not_taken_for_its_equal(deadline_seconds):
    """A plain `@dataclass`, as most rewards with options are."""
    always, again = Worth([1.0]), Worth([1.0])
    judges = [Judge(reward, deadline_seconds=deadline_seconds) for reward in (always, again)]
    assert [judge.value(judge.score([Sample("4")])[0]) for judge in judges] == [1.0, 1.0]
    assert judges[0].reward.inner is always
    assert judges[1].reward.inner is again
    assert "plaudit/abstained" in judges[0].numbers(Score(None))


WRONG = [
    ({"fallback": float("nan")}, "finite"),
    ({"fallback": True}, "finite"),
    ({"deadline_seconds": 0}, "above 0"),
    ({"deadline_seconds": -1.0}, "above 0"),
    ({"fallback": "much"}, "no number"),
]


@pytest.mark.parametrize(("given", "said"), WRONG)
def test_settings_that_can_not_be_meant_are_refused(given, said):
    with pytest.raises(ConfigError, match=said):
        judge_of("unsloth", **given)


def test_settings_from_a_command_line_are_texts():
    assert judge_of("unsloth", fallback="0", deadline_seconds="2.5") == Judge("unsloth", 0.0, None, 2.5)
    with pytest.raises(ConfigError, match="recipe=NAME"):
        judge_of("")


def test_an_unknown_name_is_refused_with_the_nearest():
    with pytest.raises(UnknownNameError, match="Did you mean 'unsloth'"):
        assert Judge("unslot").reward


def test_without_a_fallback_an_abstaining_score_has_no_value():
    judge = Judge(UNRULY)
    with pytest.raises(AbstainedError, match="abstains"):
        judge.value(ask(judge, "abstain"))
    with pytest.raises(ConfigError, match=r"verl can't leave .* fallback=0\.0"):
        judge.needs_fallback("verl")


@pytest.mark.parametrize(
    ("completion", "value", "abstained", "failed"),
    [("4", 1.0, 0.0, 0.0), ("abstain", -7.0, 1.0, 0.0), ("raise", -7.0, 1.0, 1.0), (None, 0.0, 0.0, 0.0)],
)
def test_an_abstaining_completion_is_flagged_and_a_failed_one_twice(completion, value, abstained, failed):
    judge = Judge(UNRULY, fallback=-7.0)
    score = ask(judge, completion)
    assert judge.value(score) == value
    assert judge.numbers(score) == {"plaudit/abstained": abstained, "plaudit/failed": failed}


def test_the_logged_keys_are_the_same_for_every_completion_of_a_recipe():
    judge = Judge("unsloth", fallback=0.0)
    perfect = recipe("unsloth").format.render("4", reasoning="2 + 2")
    keys = [list(judge.numbers(score)) for score in (ask(judge, perfect), ask(judge, ""), Score(None), Score(1.0))]
    assert keys[0] == keys[1] == keys[2] == keys[3]
    assert {f"plaudit/{path}" for path in part_paths("unsloth")} < set(keys[0])


@pytest.mark.parametrize("judge", [Judge("unsloth", fallback=0.0), Judge(load("format-exact"), gold="answer")])
def test_a_judge_pickles_as_its_settings(judge):
    assert pickle.loads(pickle.dumps(judge)) == judge
    assert len(pickle.dumps(Judge("unsloth"))) < 300


def test_a_hang_is_a_failure_of_that_completion_only(engines):
    judge = Judge(UNRULY, fallback=-7.0, deadline_seconds=2.0)
    batch = [judge.sample(text, gold="4", prompt=text) for text in ("4", "hang", "5")]
    scores = judge.score(batch)
    assert [score.value for score in scores] == [1.0, None, 0.0]
    assert scores[1].reason == "failed: ran past its deadline of 2 s and was stopped"


def test_what_hangs_is_killed_even_if_it_holds_pythons_lock_and_leaves_no_process_or_thread(engines, tmp_path):
    judge = Judge("faulty_rewards:faulty", deadline_seconds=2.0)
    note, before = tmp_path / "note", threading.active_count()
    for order in ("hang", f"nurse {note}", "fine"):  # a busy loop; one that waits for a child of its own
        ask(judge, order, gold=None)
    assert all(is_gone(process_id) for process_id in note.read_text().split())
    assert threading.active_count() == before + 1, "the engine's own"
    assert ask(judge, "fine", gold=None).value == 1.0


def is_gone(process_id):
    """Whether a process has ended; a zombie, which only its parent can bury, has."""
    try:
        return Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


def test_a_deadline_works_off_the_main_thread_and_starts_no_process_before_it_is_asked(engines):
    judge = Judge(UNRULY, deadline_seconds=60.0)
    assert judge.name == "unruly"
    assert engines == {}
    found = []
    threads = [threading.Thread(target=lambda: found.append(ask(judge, "4").value)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [1.0] * 4
    assert len(engines) == 1


def test_without_a_deadline_no_process_is_started(engines):
    ask(Judge(UNRULY), "4")
    assert engines == {}


def test_a_schedule_within_a_deadline_follows_the_step_in_the_same_processes(engines):
    judge = Judge(schedule(load("format-exact"), over_steps=4, start=0.0, end=1.0), deadline_seconds=60.0)
    perfect = Sample("so<end_working_out><SOLUTION>4</SOLUTION>")
    assert [judge.score([perfect], step)[0].value for step in (0, 2, 4)] == [0.0, 1.5, 3.0]
    assert judge.score([perfect])[0].value == 0.0
    assert len(engines) == 1


def test_plugins_see_the_batch_and_the_reward_within_a_deadline_as_without(engines, monkeypatch):
    seen = []
    monkeypatch.setattr("plaudit.plugins.call_hook", lambda name, **given: seen.append((name, given)))
    judge = Judge(schedule(load("format-exact"), over_steps=4), deadline_seconds=60.0)
    batch = [Sample("x")]
    judge.score(batch, 2)
    assert [name for name, _ in seen] == ["plaudit_before_score", "plaudit_after_score"]
    assert all(given["batch"] == batch and given["reward"] == judge.reward.at(2) for _, given in seen)


def test_a_reward_that_can_not_travel_goes_by_its_name_or_is_refused(engines):
    judge = Judge("rewards_that_fail:HOMEBOUND", deadline_seconds=60.0)
    assert [ask(judge, "4").value, ask(judge, "5").value] == [1.0, 0.0]
    with pytest.raises(ConfigError, match=r"A deadline needs processes that can be killed\..*name it"):
        ask(Judge(judge.reward, deadline_seconds=60.0), "4")


def test_a_reward_that_can_not_be_loaded_in_a_process_raises_and_is_no_number(engines):
    judge = Judge(Unloadable(), fallback=0.0, deadline_seconds=60.0)
    with pytest.raises(RewardError, match="no licence file here"):
        ask(judge, "4", gold=None)


def test_the_event_loop_goes_on_while_a_completion_is_scored(release):
    import rewards_that_fail

    async def both():
        judge = Judge(UNRULY)
        scoring = asyncio.create_task(judge.score_async([judge.sample("hang", gold="4")]))
        await asyncio.sleep(0)
        assert not scoring.done()
        rewards_that_fail.RELEASE.set()
        return await scoring

    assert asyncio.run(both())[0].value == 0.0


def test_a_reward_that_fails_on_eight_calls_in_a_row_is_broken():
    judge = Judge(UNRULY, fallback=0.0, gold="answer")
    for number in range(7):
        ask(judge, "raise", gold=str(number))
    with pytest.raises(RewardError, match="last 8 completions"):
        ask(judge, "raise", gold="8")


def test_failures_on_one_question_or_between_good_scores_end_no_run():
    judge = Judge(UNRULY, fallback=0.0, gold="answer")
    for _ in range(20):
        ask(judge, "raise", gold="the same")
    ask(judge, "4")
    for number in range(20):
        ask(judge, "raise", gold=str(number))
        ask(judge, "4")


def test_the_first_failure_is_logged_with_its_traceback(caplog):
    judge = Judge(UNRULY, fallback=0.0)
    with caplog.at_level(logging.WARNING, "plaudit"):
        ask(judge, "raise")
        ask(judge, "raise")
    assert [record.message.partition("\n")[0] for record in caplog.records] == [
        "Reward 'unruly' has abstained on 1 of 1 completions.",
        "Reward 'unruly' failed on a completion, so it abstains there. failed: ZeroDivisionError: raise",
    ]
    assert "rewards_that_fail.py" in caplog.text


def test_abstentions_are_logged_as_they_grow_for_trainers_that_show_no_flags(caplog):
    judge = Judge(UNRULY, fallback=0.0)
    with caplog.at_level(logging.WARNING, "plaudit"):
        for _ in range(12):
            ask(judge, "abstain")
            ask(judge, "4")
    assert [record.message for record in caplog.records] == [
        "Reward 'unruly' has abstained on 1 of 1 completions.",
        "Reward 'unruly' has abstained on 10 of 19 completions.",
    ]


def test_a_schedule_that_no_step_reaches_is_said_once(caplog):
    judge = Judge(schedule(load("format-exact"), over_steps=7, start=1.0))
    with caplog.at_level(logging.WARNING, "plaudit"):
        judge.score([Sample("x")], 3)
        assert not caplog.records
        judge.score([Sample("x")])
        judge.score([Sample("x")])
    assert [record.message for record in caplog.records] == [
        "Reward 'format-exact-scheduled' has a schedule, which stands at step 0: the trainer tells no step."
    ]


def test_how_right_a_value_is():
    assert [Judge("answer-match").share(value) for value in (5.0, 0.0)] == [1.0, 0.0]
    assert Judge("unsloth").share(1e9) == 1.0
