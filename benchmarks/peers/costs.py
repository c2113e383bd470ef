"""The sections on cost: processor time, hostile texts, a batch through a reward."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from peers.curve import USUAL_COUNT, USUAL_LENGTH, Point
from peers.figures import Hostile, Speed, end_to_end, real_completion
from peers.graders import REFERENCE
from peers.markdown import milliseconds, per_second, table, times
from peers.prose import BATCH, HOSTILE, SPEED, paragraph
from peers.rows import Rows
from peers.sections import RATIOS, find, pick

if TYPE_CHECKING:
    from peers.report import Run


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
    return "## Speed, processor time\n\n" + paragraph(SPEED, sizes=sizes) + table(head, rows)


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
    return "## Hostile texts\n\n" + paragraph(HOSTILE, rows=len(data.hostile)) + table(head, rows)


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
        "## A batch through a reward\n\n"
        + paragraph(BATCH, count=USUAL_COUNT, length=USUAL_LENGTH)
        + table(head, rows, texts=2)
    )
