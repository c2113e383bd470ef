"""Inside the workers of Ray, the scheduler under most trainers that run on several machines."""

import sys

import pytest

from plaudit.answers import Policy, equal

ray = pytest.importorskip("ray", reason="Ray is no dependency of ours: `pip install ray` to run this")

CASES = [
    ("0.5", r"\frac12", True),
    (r"\sqrt{8}+x", r"2\sqrt{3}+x", False),
    ("1/3", r"\int_0^1 x^2 dx", True),
    ("1/2", r"\int_0^1 x^2 dx", False),
]


def _solve(_):
    return [equal(prediction, gold, Policy(engine_seconds=60)).equal for prediction, gold, _ in CASES]


@pytest.fixture
def cluster():
    ray.init(num_cpus=2, include_dashboard=False, runtime_env={"env_vars": {"PYTHONPATH": ":".join(sys.path)}})
    yield
    ray.shutdown()


@pytest.mark.slow
def test_rays_workers_grade_and_reach_the_symbolic_engine(cluster):
    solve = ray.remote(_solve)
    wanted = [expected for *_, expected in CASES]
    assert ray.get([solve.remote(place) for place in range(4)], timeout=300) == [wanted] * 4
    assert _solve(0) == wanted
