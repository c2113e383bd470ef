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
from peers.markdown import milliseconds, per_second, percent, table, times
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
            name = f"8,192 completions of 2 kB by answer-match, {point.golds} golds, s"
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
        f"“Comparison”, {example.rows:,} uncontested rows ({example.positives:,} right answers, {example.negatives:,} "
        f"wrong "
        "ones): bare answers, and from completions what a neutral rule finds (last box, last `####`, “answer is”), in "
        "the "
        "form each grader wants. “End to end”: bare answers, and completions whole with the grader's own extraction; "
        "test "
        "suites that test extraction are in here only. In per cent; undecided counts as a refusal.\n\n"
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
    """False rejects and false accepts of every source, in rows."""
    names = [*SOURCES, OTHERS]
    rows = []
    for run in ran:
        if run.grader.name == COLD:
            continue
        split: dict[str, list[Judged]] = {name: [] for name in names}
        for one in pick(run, comparison):
            split[group(one.row["source"])].append(one)
        counted = [Accuracy.of(split[name]) for name in names]
        if not rows:
            rows.append(("right answers / wrong ones", *(f"{one.positives} / {one.negatives}" for one in counted)))
        rows.append((run.grader.title, *(f"{one.refused} / {one.accepted}" for one in counted)))
    return "### By source: false rejects / false accepts, comparison only, in rows\n\n" + table(
        ("grader", *names), rows
    )


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
    return (
        "## Real completions, each grader's own extraction\n\nModel outputs as they are; the sources' columns are "
        "false "
        "rejects / false accepts in rows. Graders that only look for a box lose where the model wrote `#### x` or `A: "
        "x`: "
        "that is the ending they ask for, not an error of their comparison.\n\n" + table(head, rows)
    )


def speed(ran: Sequence[Run]) -> str:
    """Processor time, and the ratio to Math-Verify."""
    reference = find(ran, REFERENCE)
    rows = []
    for run in ran:
        cells: list[str] = []
        for _, choose in RATIOS:
            mine = Speed.of(pick(run, choose))
            cells += [per_second(mine.per_second), f"{milliseconds(mine.median)} / {milliseconds(mine.p99)}"]
        if reference is not None:
            mine, theirs = Speed.of(pick(run, end_to_end)), Speed.of(pick(reference, end_to_end))
            plain, slow = Speed.of(pick(run, real_completion)), Speed.of(pick(reference, real_completion))
            cells += [times(mine.per_second, theirs.per_second), times(plain.per_second, slow.per_second)]
            cells.append(times(theirs.p99, mine.p99))
        rows.append((run.grader.title, *cells))
    head = ["grader"]
    for name, _ in RATIOS:
        head += [f"{name}: per s", "p50 / p99 ms"]
    head += ["mixed, times Math-Verify", "real completions", "p99"] if reference is not None else []
    sizes = ", ".join(f"{name} {len(pick(ran[0], choose)):,}" for name, choose in RATIOS) if ran else ""
    return f"## Speed, processor time\n\nRows: {sizes}. Mixed = end to end over everything.\n\n" + table(head, rows)


def hostile(ran: Sequence[Run], data: Rows, limit: float) -> str:
    """What the hostile texts did."""
    rows = []
    for run in ran:
        if run.hostile is not None:
            seen = Hostile.of(data.hostile, run.hostile)
            rows.append(
                (
                    run.grader.title,
                    seen.accepts,
                    seen.refusals,
                    seen.exceptions,
                    seen.hangs,
                    seen.deaths,
                    seen.slow,
                    f"{seen.slowest:.2f}",
                    seen.growth_bytes >> 20,
                    seen.code_ran,
                    f"{seen.honest_wrong} / {seen.honest_slow}",
                )
            )
    if not rows:
        return ""
    head = (
        "grader",
        "wrong accepts",
        "wrong rejects",
        "exceptions",
        f"hangs > {limit:g} s",
        "deaths",
        "> 1 s",
        "slowest s",
        "memory growth MB",
        "model text run as code",
        "next honest sample wrong / > 1 s",
    )
    return (
        f"## Hostile texts\n\n{len(data.hostile)} costly, odd or dishonest texts, whole, each followed by an honest "
        f"sample. "
        "Wall time. Contested texts are left out of accepts and rejects only. Code counts as run when the file that "
        "the text tries to write exists afterwards.\n\n" + table(head, rows)
    )


def batch(points: Sequence[Point]) -> str:
    """The batch curve."""
    if not points:
        return ""
    rows = [
        (
            f"`{one.reward}`",
            one.golds,
            f"{one.count:,}",
            f"{one.characters:,}",
            f"{one.cold:.3f}",
            f"{one.again:.3f}",
            f"{one.cold / one.count * 1e6:.1f}",
            f"{one.cold / one.count / one.characters * 1e9:.1f}",
        )
        for one in points
    ]
    head = (
        "reward",
        "golds",
        "completions",
        "characters each",
        "seconds",
        "the same batch again",
        "µs a completion",
        "ns a character",
    )
    return (
        "## A batch through a reward\n\nOne core, processor seconds with those of child processes, groups of 16 that share "
        'a gold, every text distinct, each point in a fresh process; `answer-match` with `by="math"`, `math-equal` with its '
        "defaults. Ten of 16 answers equal the gold, six of these as identical text and four in other spellings; six are "
        "answers of other problems. “Numbers” are integers, “mixed” is half integers, half expressions, lists, intervals and "
        "so on. “The same batch again” finds its golds and pairs in the reward's caches. The target is "
        f"{USUAL_COUNT:,} completions of {USUAL_LENGTH:,} characters in "
        "0.6 s.\n\n" + table(head, rows)
    )
