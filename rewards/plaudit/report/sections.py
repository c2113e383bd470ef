"""What the page says, computed from a run: charts by section, abstains, the best and the worst, before beside after."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from itertools import groupby
from statistics import pstdev
from typing import TypeVar

from plaudit.look.diagnosis import Diagnosis, diagnose
from plaudit.look.reading import table_of
from plaudit.report.charts import Chart, curve, distribution, length_against_reward, stacked
from plaudit.report.completion import STAGES, Completion
from plaudit.report.metrics import Series
from plaudit.report.run import Run

Item = TypeVar("Item")

PICKED = 3
"""How many of the best, of the worst and of the before/after pairs are shown."""

EVALUATED = ("before", "after_sft", "after_grpo")


@dataclass(frozen=True, slots=True)
class Silence:
    """How often a reward (or the total) abstained or failed, and the reasons it gave most often."""

    name: str
    rows: int
    abstained: int
    failed: int
    reasons: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Pair:
    """The same question, answered before training and after."""

    before: Completion
    after: Completion

    @property
    def gain(self) -> float:
        """How much more the second answer was worth."""
        return (self.after.value or 0.0) - (self.before.value or 0.0)


def total_curve(run: Run) -> Chart | None:
    """Draw the total reward over the steps of GRPO; None where it wasn't logged."""
    total, spread = (run.metrics.series("grpo", key) for key in ("reward", "reward_std"))
    if not total:
        return None
    caption = "band: ± reward_std as logged" if spread else ""
    return curve("total", "total reward", total, colour="after_grpo", spread=spread, caption=caption)


def part_curves(run: Run) -> list[Chart]:
    """Draw each part of the reward over the steps of GRPO."""
    metrics = run.metrics
    charts = []
    for index, name in enumerate(name for name in metrics.parts() if name != run.name):
        key = f"rewards/{name}"
        series, spread = metrics.series("grpo", f"{key}/mean"), metrics.series("grpo", f"{key}/std")
        if series:
            colour = f"series-{index % 7}"
            caption = "band: ± std as logged" if spread else ""
            if not spread and (spread := _spread_of(run, name)):
                caption = "band: ± std of the completions that were kept"
            charts.append(curve(f"part-{index}", name, series, colour=colour, spread=spread, caption=caption))
    return charts


def _spread_of(run: Run, name: str) -> Series:
    """The standard deviation of one part at each step, from the completions that were kept."""
    values: dict[int, list[float]] = {}
    for row in run.completions:
        value = row.part_values.get(name)
        if row.stage in ("grpo", "") and value is not None:
            values.setdefault(row.step, []).append(value)
    points = sorted((step, pstdev(each)) for step, each in values.items() if len(each) > 1)
    return Series(name, tuple(step for step, _ in points), tuple(spread for _, spread in points))


def signal_curves(run: Run) -> list[Chart]:
    """Draw what tells whether GRPO has something to learn from, and how the completions grow."""
    wanted: list[tuple[str, str, str, str, tuple[float, float] | None]] = [
        ("sft", "loss", "SFT loss", "after_sft", None),
        ("grpo", "frac_reward_zero_std", "groups without signal (all equal)", "muted", (0.0, 1.0)),
        ("grpo", "grad_norm", "norm of the gradient", "ink", None),
        ("grpo", "completions/mean_length", "completion length, tokens", "ink", None),
        ("grpo", "completions/clipped_ratio", "completions cut off at the limit", "ink", (0.0, 1.0)),
        ("grpo", "kl", "KL from the reference model", "ink", None),
        ("grpo", "entropy", "entropy of the policy", "ink", None),
    ]
    charts = [
        curve(f"signal-{index}", title, series, colour=colour, limits=limits)
        for index, (stage, key, title, colour, limits) in enumerate(wanted)
        if (series := run.metrics.series(stage, key)) and (key != "kl" or any(series.values))  # beta=0 has none
    ]
    return charts + _time_charts(run)


def _time_charts(run: Run) -> list[Chart]:
    layers = {name: run.metrics.series("grpo", f"seconds/{name}") for name in ("generation", "rewards", "update")}
    there = {name: series for name, series in layers.items() if series}
    if there and set.intersection(*(set(series.steps) for series in there.values())):
        return [stacked("seconds", "seconds per step", there)]
    step_time = run.metrics.series("grpo", "step_time")
    return [curve("seconds", "seconds per step", step_time, colour="ink")] if step_time else []


def distributions(run: Run) -> list[Chart]:
    """Draw the distribution of the total and of each part, at each stage that was evaluated."""
    groups = by_stage(run)
    if not groups:
        return []
    values: dict[str, Callable[[Completion], float | None]] = {"total": lambda completion: completion.value}
    for name in run.part_names():
        values[name] = lambda completion, name=name: completion.part_values.get(name)  # type: ignore[misc]
    charts = []
    for index, (name, read) in enumerate(values.items()):
        spoken = {stage: [v for v in map(read, rows) if v is not None] for stage, rows in groups.items()}
        there = {stage: numbers for stage, numbers in spoken.items() if numbers}
        if there:
            charts.append(distribution(f"spread-{index}", name, there, STAGES))
    return charts


def length_charts(run: Run) -> list[Chart]:
    """Draw length against reward at each stage that was evaluated."""
    pairs = {
        stage: [(len(row.text), row.value) for row in rows if row.value is not None]
        for stage, rows in by_stage(run).items()
    }
    return [
        length_against_reward(f"length-{stage}", stage, STAGES[stage], points)
        for stage, points in pairs.items()
        if points
    ]


def by_stage(run: Run) -> dict[str, list[Completion]]:
    """Return the evaluated completions by stage, the sampled ones where there are any; else those of GRPO itself."""
    groups = {stage: _sampled([row for row in run.completions if row.stage == stage]) for stage in EVALUATED}
    there = {stage: rows for stage, rows in groups.items() if rows}
    during = [row for row in run.completions if row.stage == "grpo"]
    if there or not run.completions:
        return there
    return {"grpo": during} if during else {"": _sampled(run.completions)}


def looked_at(run: Run) -> Diagnosis:
    """Diagnose what GRPO felt: its own completions, or all there are where it has none."""
    from plaudit.errors import PlauditError
    from plaudit.formats import as_format

    during = [row for row in run.completions if row.stage == "grpo"] or run.completions
    try:
        form = as_format(run.recipe["format"])
    except (KeyError, PlauditError):
        form = None
    return diagnose(table_of(during, run.path.name, form))


def _sampled(rows: list[Completion]) -> list[Completion]:
    return [row for row in rows if row.mode == "sampled"] or rows


def latest(run: Run) -> tuple[str, list[Completion]]:
    """Return the last stage that has completions, and those that got a score; all there are where no stage is named."""
    groups = by_stage(run) or {"": run.completions}
    stage, rows = list(groups.items())[-1]
    return STAGES.get(stage, ""), [row for row in rows if row.value is not None]


def best_and_worst(rows: Sequence[Completion]) -> tuple[list[Completion], list[Completion]]:
    """Return the completions with the highest and the lowest scores; among equal scores, different reasons first."""
    different = list({(row.prompt, row.text): row for row in reversed(rows)}.values())
    ranked = sorted(different, key=lambda row: (-_value(row), row.line))
    middle = (len(ranked) + 1) // 2
    lower = sorted(ranked[middle:], key=lambda row: (_value(row), row.line))
    return _varied(ranked[:middle], _value, _why), _varied(lower, _value, _why)


def _value(row: Completion) -> float:
    return row.value or 0.0


def _why(row: Completion) -> Hashable:
    return tuple(part.reason for part in row.parts) or row.reason


def _varied(
    ranked: Sequence[Item], value: Callable[[Item], float], kind: Callable[[Item], Hashable], count: int = PICKED
) -> list[Item]:
    """The first few of a ranking; among those of equal value, one of each kind comes before a second of the same."""
    chosen: list[Item] = []
    for _, equals in groupby(ranked, key=value):
        if len(chosen) >= count:
            break
        seen: Counter[Hashable] = Counter()
        turns = []
        for place, item in enumerate(equals):
            turns.append((seen[kind(item)], place, item))
            seen[kind(item)] += 1
        chosen += [item for _, _, item in sorted(turns, key=lambda turn: turn[:2])]
    return chosen[:count]


def pairs(run: Run) -> list[Pair]:
    """Return the same questions before and after: the greatest gains, and last the greatest loss if there is one."""
    for mode in ("greedy", "sampled"):
        first = {row.prompt: row for row in run.completions if (row.stage, row.mode) == ("before", mode)}
        last = {row.prompt: row for row in run.completions if (row.stage, row.mode) == ("after_grpo", mode)}
        both = [Pair(first[prompt], last[prompt]) for prompt in first if prompt in last]
        scored = [pair for pair in both if pair.before.value is not None and pair.after.value is not None]
        if scored:
            ranked = sorted(scored, key=lambda pair: -pair.gain)
            lost = [ranked[-1]] if ranked[-1].gain < 0 else []
            gained = [pair for pair in ranked if pair.gain > 0]
            wanted = PICKED - len(lost)
            return _varied(gained, lambda pair: pair.gain, lambda pair: _why(pair.before), wanted) + lost
    return []


def silences(run: Run) -> list[Silence]:
    """Count who abstained and who failed, over every completion of the run."""
    totals = [(row.value, row.reason) for row in run.completions]
    found = [_silence("total", totals)]
    for name in run.part_names():
        parts = [part for row in run.completions for part in row.parts if part.name == name]
        found.append(_silence(name, [(part.value, part.reason) for part in parts]))
    return [silence for silence in found if silence.rows]


def _silence(name: str, scores: Sequence[tuple[float | None, str]]) -> Silence:
    from plaudit.failures import FAILED

    silent = [reason.partition("\n")[0] for value, reason in scores if value is None]
    failed = sum(reason.startswith(FAILED) for reason in silent)
    return Silence(name, len(scores), len(silent) - failed, failed, tuple(Counter(silent).most_common(3)))
