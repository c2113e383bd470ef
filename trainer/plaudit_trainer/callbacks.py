"""What happens at every step of a stage: a row in metrics.jsonl, the live line, where the time went."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from plaudit_trainer.runs import append_rows, read_rows

if TYPE_CHECKING:
    from plaudit.report.recorder import Recorder
    from plaudit_trainer.gradient import Watch
    from plaudit_trainer.progress import Bar
    from plaudit_trainer.runs import RunFolder


class Clock:
    """Where the seconds of one step go: in generation, in rewards, and the rest, which is the update.

    >>> clock = Clock()
    >>> clock.begin()
    >>> clock.timed(sum)([1, 2])
    3
    >>> sorted(clock.end(rewards=0.0))
    ['seconds/generation', 'seconds/rewards', 'seconds/step', 'seconds/update']
    """

    def __init__(self) -> None:
        self._begun = time.perf_counter()
        self._generation = 0.0

    def begin(self) -> None:
        """A step begins."""
        self._begun, self._generation = time.perf_counter(), 0.0

    def timed(self, generate: Callable[..., Any]) -> Callable[..., Any]:
        """Wrap the trainer's generation so that its seconds are counted."""

        def wrapped(*arguments: Any, **options: Any) -> Any:
            start = time.perf_counter()
            try:
                return generate(*arguments, **options)
            finally:
                self._generation += time.perf_counter() - start

        return wrapped

    def end(self, rewards: float) -> dict[str, float]:
        """A step ends; return its seconds by what they went into."""
        whole = time.perf_counter() - self._begun
        update = max(0.0, whole - self._generation - rewards)
        parts = {"generation": self._generation, "rewards": rewards, "update": update, "step": whole}
        return {f"seconds/{name}": round(value, 6) for name, value in parts.items()}


def make_callback(
    stage: str,
    folder: RunFolder,
    bar: Bar,
    clock: Clock,
    watch: Watch,
    recorder: Recorder | None = None,
    stepped: Callable[[], None] = lambda: None,
    max_minutes: float | None = None,
) -> Any:
    """Return the trainer's callback for a stage (a class made late: its base lives in transformers).

    Args:
        stage: Its name in the logs.
        folder: Where the logs lie.
        bar: Shows how far it is.
        clock: Measures the steps.
        watch: Tells of what is wrong with a gradient.
        recorder: What watches the rewards.
        stepped: Called after every step.
        max_minutes: The stage ends with the step in which these are over; None for no limit.
    """
    from transformers import TrainerCallback

    class StageCallback(TrainerCallback):  # type: ignore[misc]
        """Logs the steps of one stage."""

        def on_train_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
            self.until = time.monotonic() + 60 * max_minutes if max_minutes else math.inf
            bar.begin_at(state.global_step)
            # TRL's SFT trainer counts tokens from 0 again when it resumes; its GRPO trainer doesn't
            self.tokens = _last(folder, "sft", "num_tokens") if stage == "sft" and state.global_step else 0.0

        def on_step_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
            clock.begin()
            if recorder is not None:
                recorder.begin("grpo", state.global_step + 1)

        def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
            self.seconds = clock.end(recorder.take_seconds() if recorder else 0.0)
            bar.show(state.global_step)
            stepped()
            if time.monotonic() >= self.until:
                control.should_training_stop = True

        def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **kwargs: Any) -> None:
            if not state.is_world_process_zero or not logs or "loss" not in logs:
                return
            numbers = numeric(logs)
            if "num_tokens" in numbers:
                numbers["num_tokens"] += self.tokens
            if recorder is not None:
                numbers |= self.seconds | _abstained(recorder)
                append_rows(folder.completions, recorder.take_rows())
            numbers |= watch.note(state.global_step, logs, differ=recorder is not None and recorder.differ)
            place = {"stage": stage, "step": state.global_step, "time": round(time.time(), 3)}
            append_rows(folder.metrics, [place | numbers])
            bar.show(state.global_step, live_line(numbers))

    return StageCallback()


def _abstained(recorder: Recorder) -> dict[str, float]:
    return {f"rewards/{name}/abstained": share for name, share in recorder.abstained().items()}


def _last(folder: RunFolder, stage: str, name: str) -> float:
    """The last value of a metric that an earlier part of the run has logged."""
    values = [row[name] for row in read_rows(folder.metrics) if row["stage"] == stage and name in row]
    return float(values[-1]) if values else 0.0


def numeric(logs: Mapping[str, Any]) -> dict[str, float]:
    """Keep the finite numbers of a trainer's log.

    >>> numeric({"loss": 0.5, "kl": float("nan"), "note": "x"})
    {'loss': 0.5}
    """
    return {
        name: value
        for name, value in logs.items()
        if isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
    }


def live_line(numbers: Mapping[str, float]) -> str:
    """The line under the bar: reward, spread, share of groups without signal, each part.

    >>> live_line({"reward": 4.5, "reward_std": 2.0, "rewards/answer-match/mean": 1.25, "frac_reward_zero_std": 0.25})
    'reward 4.50 ± 2.00 | 25 % of groups without signal | answer-match 1.25'
    >>> live_line({"loss": 0.25})
    'loss 0.2500'
    """
    if "reward" not in numbers:
        return f"loss {numbers['loss']:.4f}" if "loss" in numbers else ""
    pieces = [f"reward {numbers['reward']:.2f} ± {numbers.get('reward_std', 0.0):.2f}"]
    parts = {
        name.removeprefix("rewards/").removesuffix("/mean"): value
        for name, value in numbers.items()
        if name.startswith("rewards/") and name.endswith("/mean")
    }
    whole = [name for name, value in parts.items() if len(parts) > 1 and value == numbers["reward"]]
    pieces.append(f"{100 * numbers.get('frac_reward_zero_std', 0.0):.0f} % of groups without signal")
    pieces += [f"{name} {value:.2f}" for name, value in parts.items() if name not in whole[:1]]
    return " | ".join(pieces)
