"""The `ray` engine on a cluster of one machine."""

import os
import pickle
import signal
import sys
import time
from pathlib import Path

import pytest
from rewards_for_tests import hanging

from plaudit import Sample, Score, Spec, recipe, reward
from plaudit.engines import open_engine
from plaudit.errors import ConfigError, DataError, PlauditError


def test_without_ray_the_message_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    monkeypatch.delitem(sys.modules, "plaudit.engines.ray", raising=False)
    with pytest.raises(ConfigError, match=r"plaudit\[ray\]"):
        open_engine("ray", hanging)


@pytest.fixture(scope="module")
def cluster():
    """Two CPUs on this machine, for the module; its workers find the tests' rewards by PYTHONPATH."""
    ray = pytest.importorskip("ray", reason="needs the extra `ray`; `make test-ray` has it")
    here = [str(Path(__file__).parent), str(Path(__file__).parents[1])]
    search = os.pathsep.join([*here, os.environ.get("PYTHONPATH", "")])
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", search)
        patch.setenv("RAY_ENABLE_UV_RUN_RUNTIME_ENV", "0")
        sys.path[:0] = here
        ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False)
        yield ray
        ray.shutdown()
        del sys.path[:2]


@reward(low=0.0, high=1.0)
def deadly(completion: str) -> float:
    """Kill the Ray actor above this process, as a machine that fails would."""
    word, _, marker = completion.partition(" ")
    if word == "always" or (word == "once" and not Path(marker).exists()):
        if marker:
            Path(marker).touch()
        os.kill(os.getppid(), signal.SIGKILL)
        time.sleep(60)
    return 1.0


class BestOfGroup:
    """Pays the longest completion of each group."""

    spec = Spec("best-of-group", 0.0, 1.0, coupled=True)

    def score(self, batch, /):
        longest = {
            sample.group: max(len(other.text) for other in batch if other.group == sample.group) for sample in batch
        }
        return [Score(float(len(sample.text) == longest[sample.group])) for sample in batch]


def importable(judge):
    """Return the reward as the cluster will find it: in this file, by its own name."""
    import test_ray

    return getattr(test_ray, judge)


def batch_of(rows):
    return [
        Sample(f"so<end_working_out><SOLUTION>{row}</SOLUTION>", columns={"answer": str(row % 7)})
        for row in range(rows)
    ]


def test_it_scores_like_the_core_in_order_and_again_after_that(cluster):
    judge, batch = recipe("unsloth"), batch_of(300)
    with open_engine("ray", judge, workers=2) as engine:
        assert engine.score(batch) == judge.score(batch)
        assert list(engine.stream([batch[:7], [], batch[7:]])) == [judge.score(batch[:7]), [], judge.score(batch[7:])]


def test_a_group_goes_to_one_place(cluster):
    batch = [Sample("a" * length, group=group) for group in range(20) for length in range(1, 5)]
    with open_engine("ray", importable("BestOfGroup")(), workers=2) as engine:
        assert [score.value for score in engine.score(batch)] == [0.0, 0.0, 0.0, 1.0] * 20


def test_a_row_whose_actor_died_once_is_tried_again_and_the_others_are_not_lost(cluster, tmp_path):
    batch = [Sample("fine")] * 20 + [Sample(f"once {tmp_path / 'marker'}")] + [Sample("fine")] * 20
    with open_engine("ray", importable("deadly"), workers=2) as engine:
        assert [score.value for score in engine.score(batch)] == [1.0] * 41
    assert (tmp_path / "marker").exists()


def test_a_row_that_kills_every_actor_abstains_and_says_why(cluster):
    batch = [Sample("fine")] * 5 + [Sample("always")] + [Sample("fine")] * 5
    with open_engine("ray", importable("deadly"), workers=2) as engine:
        scores = engine.score(batch)
        assert [score.value for score in scores] == [1.0] * 5 + [None] + [1.0] * 5
        assert scores[5].reason == "failed: its Ray actor died, and another on the second try"
        assert [score.value for score in engine.score(batch[:5])] == [1.0] * 5
    with open_engine("ray", importable("deadly"), workers=1, strict=True) as engine, pytest.raises(PlauditError):
        engine.score(batch)


def test_a_row_past_its_deadline_abstains_alone(cluster):
    with open_engine("ray", hanging, workers=2, deadline_seconds=2.0) as engine:
        scores = engine.score([Sample("a"), Sample("hang"), Sample("b")])
    assert [score.value for score in scores] == [1.0, None, 1.0]
    assert "deadline" in scores[1].reason


def test_a_missing_column_is_named_before_anything_is_sent(cluster):
    with open_engine("ray", recipe("unsloth"), workers=1) as engine, pytest.raises(DataError, match="'answer'"):
        engine.score([Sample("a")])


def test_a_closed_engine_refuses_and_its_actors_are_gone(cluster):
    engine = open_engine("ray", hanging, workers=2)
    assert engine.score([Sample("a")])[0].value == 1.0
    engine.close()
    engine.close()
    with pytest.raises(PlauditError):
        engine.score([Sample("a")])
    deadline = time.monotonic() + 60
    while cluster.available_resources().get("CPU") != 2.0:
        assert time.monotonic() < deadline, "an actor still holds its CPU"


def test_it_pickles_as_its_settings(cluster):
    engine = pickle.loads(pickle.dumps(open_engine("ray", recipe("unsloth"), workers=1)))
    with engine:
        assert engine.score(batch_of(3)) == recipe("unsloth").score(batch_of(3))


def test_no_cluster_at_the_address_is_an_error_of_configuration(cluster):
    cluster.shutdown()  # the last test of the module: while connected, an address isn't looked at
    with (
        open_engine("ray", hanging, workers=1, address="127.0.0.1:1") as engine,
        pytest.raises(ConfigError, match=r"127\.0\.0\.1:1"),
    ):
        engine.score([Sample("a")])


def test_the_python_of_the_how_to_page_runs(cluster, monkeypatch):
    monkeypatch.syspath_prepend(str(Path(__file__).parents[2] / "docs"))
    from pages import ROOT, steps_of

    names: dict[str, object] = {}
    for step in steps_of(ROOT / "docs/how-to/ray.md"):
        if step.kind == "python":
            exec(step.text, names)
    assert [score.value for score in names["scores"]] == [13.0]
