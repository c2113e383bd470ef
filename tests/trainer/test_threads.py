"""A tiny model on a CPU takes one thread: two wait for each other, worst of all beside another busy process."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from plaudit_trainer import generators, launch, pipeline
from plaudit_trainer.backends import Sampling
from plaudit_trainer.pipeline import Run
from plaudit_trainer.progress import Reporter
from plaudit_trainer.tiny import one_thread

pytestmark = pytest.mark.trainer


@pytest.fixture(autouse=True)
def _three_threads(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """As many as no default gives, and as a script may have set."""
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    before = torch.get_num_threads()
    torch.set_num_threads(3)
    yield
    torch.set_num_threads(before)


@pytest.mark.parametrize(("asked", "taken"), [(None, 1), ("2", 3)])
def test_one_thread_is_taken_unless_the_environment_says_how_many_and_given_back(
    monkeypatch: pytest.MonkeyPatch, asked: str | None, taken: int
) -> None:
    if asked:
        monkeypatch.setenv("OMP_NUM_THREADS", asked)
    with one_thread():
        assert torch.get_num_threads() == taken
    assert torch.get_num_threads() == 3


@pytest.mark.parametrize(("tiny", "device", "taken"), [(True, "cpu", 1), (True, "cuda", 3), (False, "cpu", 3)])
def test_only_a_tiny_model_on_a_cpu_is_trained_in_one_thread(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, tiny: bool, device: str, taken: int
) -> None:
    seen = []
    monkeypatch.setattr(pipeline.Run, "_stages", lambda run: seen.append(torch.get_num_threads()))
    run = Run(launch.plan("demo", ["backend=trl", "use_vllm=false"]), tmp_path / "run", Reporter(silent=True))
    run.backend.device = device
    if not tiny:
        model = run.plan.config.model.model_copy(update={"tiny": None})
        run.plan.config = run.plan.config.model_copy(update={"model": model})
    run.execute("plaudit train demo")
    assert seen == [taken]


@pytest.mark.slow
@pytest.mark.parametrize(("tiny", "taken"), [(1_000_000, 1), (1_000, 3)])
def test_tiny_model_that_is_only_measured_takes_one_thread_too(
    monkeypatch: pytest.MonkeyPatch, unbroken: Path, tiny: int, taken: int
) -> None:
    seen = []
    monkeypatch.setattr(generators, "generate", lambda *_: seen.append(torch.get_num_threads()))
    monkeypatch.setattr(generators, "TINY", tiny)
    config = launch.plan("demo", ["backend=trl", "use_vllm=false"], dry=True).config
    generators.Transformers(str(unbroken / "merged"), config, "cpu").generate([[1]], Sampling(max_tokens=1, seed=0))
    assert seen == [taken]
