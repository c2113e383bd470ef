"""What stops a run from outside is said in one message; an error of any other kind keeps its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from plaudit import PlauditError
from plaudit_trainer.explain import explaining

pytestmark = pytest.mark.trainer

# In the words of vLLM 0.25.1: the first as seen on an H200 that another training shared, the others from its source.
FREED = (
    "Error in memory profiling. Initial free memory 105.2 GiB, current free memory 105.69 GiB. This happens when other "
    "processes sharing the same container release GPU memory while vLLM is profiling during initialization."
)
TAKEN = (
    "Free memory on device cuda:0 (3.2/139.8 GiB) on startup is less than desired GPU memory utilization "
    "(0.9, 125.8 GiB). Decrease GPU memory utilization or reduce GPU memory used by other processes."
)
IN_ITS_PROCESS = "Engine core initialization failed. See root cause above. Failed core proc(s): {'EngineCore': 1}"


@pytest.mark.parametrize(
    ("raised", "least_bytes", "said"),
    [
        (RuntimeError("torch says so"), 2**80, r"disk of .* is full .* torch says so\. Make room first\."),
        (
            AssertionError(FREED),
            1,
            r"did not start \(Error in memory profiling\)\. Another process .* one engine at a time",
        ),
        (ValueError(TAKEN), 1, r"did not start \(Free memory on device .* 125.8 GiB\)\)\. Less memory .* vllm_memory"),
        (RuntimeError(f"Unsloth: vLLM failed.\nIt said:\n{TAKEN}"), 1, r"did not start \(Free memory on device "),
        (RuntimeError(IN_ITS_PROCESS), 1, r"did not start \(Engine core initialization failed\)\. Its own process"),
    ],
)
def test_what_stops_a_run_from_outside_is_named_on_one_line_with_the_way_on(
    tmp_path: Path, raised: Exception, least_bytes: int, said: str
) -> None:
    with pytest.raises(PlauditError, match=said) as caught, explaining(tmp_path, least_bytes):
        raise raised
    assert caught.value.__cause__ is raised
    assert "\n" not in str(caught.value)
    assert str(caught.value).endswith("the same command with --resume goes on.")


def test_an_evaluation_is_not_told_to_resume() -> None:
    with pytest.raises(PlauditError, match=r"lower vllm_memory\.$"), explaining():
        raise ValueError(TAKEN)


@pytest.mark.parametrize("raised", [RuntimeError("something else"), PlauditError("said already")])
def test_any_other_failure_keeps_its_own_name(tmp_path: Path, raised: Exception) -> None:
    with pytest.raises(type(raised)) as caught, explaining(tmp_path, least_bytes=1):
        raise raised
    assert caught.value is raised
