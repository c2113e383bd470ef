"""The sections of the page, each a table made from outcomes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from peers.curve import USUAL_COUNT, USUAL_LENGTH, Point
from peers.figures import (
    Accuracy,
    Chooser,
    Hostile,
    Judged,
    Speed,
    comparison,
    easy,
    end_to_end,
    real_completion,
    symbolic,
    whole_completion,
)
from peers.graders import COLD, OURS, REFERENCE
from peers.markdown import per_second, percent, table, times
from peers.prose import ACCURACY, COMPLETIONS, paragraph
from peers.rows import REAL_COMPLETIONS, Rows

if TYPE_CHECKING:
    from peers.report import Run

SOURCES = {
    "GSM8K": ("gsm8k-openai-solutions", "gsm8k-abel-outputs", "gsm8k-tora-outputs"),
    "MATH (Qwen)": ("math-qwen-completions",),
    "choice": ("mathgpt-abel-choice",),
    "MATH golds rewritten": ("math-golds-derived",),
    "HardVerify": ("hardverify-math",),
    "Math-Verify's tests": ("math-verify-tests",),
    "issues": ("github-issues",),
}
OTHERS = "others' tests"
RATIOS: tuple[tuple[str, Chooser], ...] = (
    ("mixed", end_to_end),
    ("real completions", real_completion),
    ("all completions", whole_completion),
    ("easy", easy),
    ("symbolic", symbolic),
)


def group(source: str) -> str:
    """The column that a source belongs to."""
    return next((name for name, sources in SOURCES.items() if source in sources), OTHERS)


def pick(run: Run, choose: Chooser) -> list[Judged]:
    """The rows of a run that belong to a set."""
    return [one for one in run.judged if choose(one)]


def find(ran: Sequence[Run], name: str) -> Run | None:
    """The run of a grader, if it is among them."""
    return next((run for run in ran if run.grader.name == name), None)


def targets(ran: Sequence[Run], data: Rows, points: Sequence[Point]) -> str:
    """What we set out to reach, and what came out."""
    ours, reference = find(ran, OURS), find(ran, REFERENCE)
    if ours is None:
        return ""
    all_rows, real = Accuracy.of(pick(ours, end_to_end)), Accuracy.of(pick(ours, real_completion))
    hard = Accuracy.of(one for one in pick(ours, end_to_end) if one.row["source"] == "hardverify-math")
    rows = [
        ("accuracy, %", "98.5 or more", percent(all_rows.percent), all_rows.percent >= 98.5),
        ("false accepts, %", "at most 0.1", percent(all_rows.accepted_percent), all_rows.accepted_percent <= 0.1),
        ("real completions wrong", "0", real.refused + real.accepted, not real.refused + real.accepted),
        ("HardVerify false rejects, %", "under 12", percent(hard.refused_percent), hard.refused_percent < 12),
    ]
    if ours.hostile is not None:
        rows += _hostile_targets(Hostile.of(data.hostile, ours.hostile))
    rows += _speed_targets(ours, reference)
    for point in points:
        if point.reward == "answer-match" and (point.count, point.characters) == (USUAL_COUNT, USUAL_LENGTH):
            name = f"8,192 completions of 2 kB by answer-match, golds: {point.golds}, s"
            rows.append((name, "under 0.6", f"{point.cold:.3f}", point.cold < 0.6))
    shown = [(name, wanted, got, "yes" if met else "**no**") for name, wanted, got, met in rows]
    return "## What we set out to reach\n\n" + table(("", "wanted", "measured", "met"), shown)


def _hostile_targets(seen: Hostile) -> list[tuple[str, str, object, bool]]:
    wrong = seen.accepts + seen.code_ran + seen.exceptions + seen.deaths + seen.honest_wrong
    return [
        ("hostile: accepts, code run, exceptions, deaths, next sample wrong", "0", wrong, not wrong),
        ("hostile: slowest, s of wall time", "under 1", f"{seen.slowest:.2f}", seen.slowest < 1),
        ("hostile: peak memory growth, MB", "under 200", seen.growth_bytes >> 20, seen.growth_bytes < 200 << 20),
    ]


def _speed_targets(ours: Run, reference: Run | None) -> list[tuple[str, str, object, bool]]:
    plain = Speed.of(pick(ours, real_completion))
    rows: list[tuple[str, str, object, bool]] = [
        ("real completions/s", "20,000", per_second(plain.per_second), plain.per_second >= 20_000)
    ]
    if reference is None:
        return rows
    mine, theirs = Speed.of(pick(ours, end_to_end)), Speed.of(pick(reference, end_to_end))
    slow = Speed.of(pick(reference, real_completion))
    pairs = (
        ("mixed set against Math-Verify", 200, mine.per_second / theirs.per_second),
        ("real completions against Math-Verify", 120, plain.per_second / slow.per_second),
        ("p99 of the mixed set against Math-Verify", 300, theirs.p99 / mine.p99),
    )
    return rows + [(name, f"{want}x", times(got, 1), got >= want) for name, want, got in pairs]


def accuracy(ran: Sequence[Run]) -> str:
    """The main table."""
    rows = []
    for run in ran:
        if run.grader.name == COLD:
            continue
        alone, whole = Accuracy.of(pick(run, comparison)), Accuracy.of(pick(run, end_to_end))
        settled = [one for one in pick(run, comparison) if one.settled]
        cells = [percent(value) for value in (alone.percent, alone.accepted_percent, alone.refused_percent)]
        cells += [percent(value) for value in (whole.percent, whole.accepted_percent, whole.refused_percent)]
        none = sum(one.outcome["verdict"] is None for one in settled)
        raised = sum(one.outcome["exception"] is not None for one in run.judged)
        hung = sum("hang" in one.outcome or "died" in one.outcome for one in run.judged)
        rows.append((run.grader.title, *cells, none, raised, hung))
    example = Accuracy.of(pick(ran[0], comparison)) if ran else Accuracy(0, 0, 0, 0)
    return (
        "## Accuracy\n\n"
        + paragraph(ACCURACY, rows=example.rows, positives=example.positives, negatives=example.negatives)
        + table(
            (
                "grader",
                "comparison: right",
                "false accepts",
                "false rejects",
                "end to end: right",
                "false accepts",
                "false rejects",
                "undecided",
                "exceptions",
                "hangs",
            ),
            rows,
        )
    )


def by_source(ran: Sequence[Run]) -> str:
    """False rejects and false accepts of every source, in rows: compared alone, and end to end."""
    parts = ["## By source: false rejects / false accepts, in rows\n"]
    for title, choose in (("Comparison", comparison), ("End to end", end_to_end)):
        parts += [f"### {title}\n", _split(ran, choose)]
    return "\n".join(parts)


def _split(ran: Sequence[Run], choose: Chooser) -> str:
    counted: dict[str, dict[str, Accuracy]] = {}
    for run in ran:
        split: dict[str, list[Judged]] = {name: [] for name in (*SOURCES, OTHERS)}
        for one in pick(run, choose):
            split[group(one.row["source"])].append(one)
        counted[run.grader.title] = {name: Accuracy.of(rows) for name, rows in split.items()}
    first = counted[ran[0].grader.title]
    names = [name for name, one in first.items() if one.rows]
    rows = [("right answers / wrong ones", *(f"{first[name].positives} / {first[name].negatives}" for name in names))]
    for run in ran:
        if run.grader.name != COLD:
            mine = counted[run.grader.title]
            rows.append((run.grader.title, *(f"{mine[name].refused} / {mine[name].accepted}" for name in names)))
    return table(("grader", *names), rows)


def completions(ran: Sequence[Run]) -> str:
    """Whole completions that models wrote."""
    rows = []
    for run in ran:
        if run.grader.name == COLD:
            continue
        chosen = pick(run, real_completion)
        all_of_them, speed = Accuracy.of(chosen), Speed.of(chosen)
        parts = [Accuracy.of(one for one in chosen if one.row["source"] == name) for name in REAL_COMPLETIONS]
        figures = (percent(all_of_them.percent), percent(all_of_them.accepted_percent))
        rows.append(
            (
                run.grader.title,
                *figures,
                percent(all_of_them.refused_percent),
                *(f"{one.refused} / {one.accepted}" for one in parts),
                per_second(speed.per_second),
            )
        )
    head = ("grader", "right %", "false accepts %", "false rejects %", *REAL_COMPLETIONS, "completions/s")
    return "## Real completions, each grader's own extraction\n\n" + paragraph(COMPLETIONS) + table(head, rows)
