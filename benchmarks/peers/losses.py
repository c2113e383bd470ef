"""Where we lose: rows that a peer gets right and we don't, sources and speeds in which a peer is better."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from peers.figures import Accuracy, Hostile, Judged, Speed, comparison, end_to_end
from peers.graders import COLD, OURS
from peers.markdown import code, per_second, table
from peers.prose import BETTER, LOSSES, paragraph
from peers.rows import Rows
from peers.sections import OTHERS, RATIOS, SOURCES, find, group, pick

if TYPE_CHECKING:
    from peers.report import Run

Key = tuple[str, str]


def section(ran: Sequence[Run], data: Rows) -> str:
    """The whole section."""
    ours = find(ran, OURS)
    if ours is None:
        return ""
    peers = [run for run in ran if run.grader.name not in (OURS, COLD)]
    parts = ["## Where we lose\n", _rows(ours, peers), _sources(ours, peers), _speeds(ours, peers)]
    return "\n".join([*parts, _hostile(ours, peers, data)])


def short(ran: Sequence[Run]) -> str:
    """The same in lines for a terminal."""
    ours = find(ran, OURS)
    if ours is None:
        return ""
    wrong = _wrong(ours)
    right = _right_peers([run for run in ran if run.grader.name not in (OURS, COLD)])
    lost = [key for key in wrong if right.get(key)]
    sources = Counter(wrong[key].row["source"] for key in lost)
    listed = ", ".join(f"{name} {count}" for name, count in sources.most_common())
    return f"Where we lose: {len(wrong)} verdicts wrong, a peer right on {len(lost)} of them ({listed or 'none'}).\n"


def _wrong(run: Run) -> dict[Key, Judged]:
    return {(one.row["id"], one.mode): one for one in run.judged if one.settled and not one.right}


def _right_peers(peers: Sequence[Run]) -> dict[Key, list[str]]:
    """For every row, the graders that get it right."""
    right: dict[Key, list[str]] = {}
    for run in peers:
        for one in run.judged:
            if one.settled and one.right:
                right.setdefault((one.row["id"], one.mode), []).append(run.grader.name)
    return right


def _rows(ours: Run, peers: Sequence[Run]) -> str:
    wrong, right = _wrong(ours), _right_peers(peers)
    lost = sorted((key for key in wrong if right.get(key)), key=lambda key: (-len(right[key]), key))
    alone = len(wrong) - len(lost)
    head = ("source", "label", "gold", "prediction", "we say", "peers that are right")
    rows = []
    for key in lost:
        one = wrong[key]
        said = {True: "equal", False: "different"}.get(one.outcome["verdict"], "undecided")
        rows.append(
            (
                f"{one.row['source']} ({one.mode})",
                "right" if one.row["label"] else "wrong",
                code(one.row["gold"]),
                code(one.row["prediction"]),
                said,
                ", ".join(right[key]) if len(right[key]) <= 3 else f"{len(right[key])} of them",
            )
        )
    return paragraph(LOSSES, wrong=len(wrong), lost=len(lost), alone=alone) + (
        table(head, rows, texts=6) if rows else ""
    )


def _sources(ours: Run, peers: Sequence[Run]) -> str:
    lines = []
    for name in (*SOURCES, OTHERS):
        for label, choose in (("comparison", comparison), ("end to end", end_to_end)):
            mine = Accuracy.of(one for one in pick(ours, choose) if group(one.row["source"]) == name)
            for run in peers:
                theirs = Accuracy.of(one for one in pick(run, choose) if group(one.row["source"]) == name)
                if theirs.refused + theirs.accepted < mine.refused + mine.accepted:
                    figures = {"refused": theirs.refused, "accepted": theirs.accepted, "title": run.grader.title}
                    ours_too = {"our_refused": mine.refused, "our_accepted": mine.accepted}
                    lines.append(BETTER.format(name=name, label=label, **figures, **ours_too))
    return "### Sources in which a peer makes fewer errors\n\n" + ("\n".join(lines) or "None.") + "\n"


def _speeds(ours: Run, peers: Sequence[Run]) -> str:
    lines = []
    for name, choose in RATIOS:
        mine = Speed.of(pick(ours, choose))
        faster = [(run.grader.title, Speed.of(pick(run, choose))) for run in peers]
        listed = [
            f"{title} ({per_second(one.per_second)})" for title, one in faster if one.per_second > mine.per_second
        ]
        if listed:
            lines.append(f"- {name}: ours {per_second(mine.per_second)} a second; faster: {', '.join(listed)}.")
    slowest = sorted(pick(ours, end_to_end), key=lambda one: -one.outcome["seconds"])[:5]
    rows = [
        (
            f"{one.row['source']}",
            code(one.row["gold"]),
            code(one.row["prediction"]),
            f"{one.outcome['seconds'] * 1e3:.1f}",
        )
        for one in slowest
    ]
    return (
        "### Speeds in which a peer is faster\n\n"
        + ("\n".join(lines) or "None.")
        + "\n\nOur five slowest rows:\n\n"
        + table(("source", "gold", "prediction", "ms"), rows, texts=3)
    )


def _hostile(ours: Run, peers: Sequence[Run], data: Rows) -> str:
    if ours.hostile is None:
        return ""
    mine = Hostile.of(data.hostile, ours.hostile)
    lines = [
        f"- wrong rejects: {run.grader.title} {theirs.refusals}, we {mine.refusals}"
        for run in peers
        if run.hostile is not None and (theirs := Hostile.of(data.hostile, run.hostile)).refusals < mine.refusals
    ]
    rows = []
    for row, outcome in zip(data.hostile, ours.hostile[::2], strict=True):
        one = Judged(row, "completion", outcome)
        if one.settled and not one.right:
            text = row.get("prediction") or "".join(part * min(times, 3) for part, times in row["prediction_parts"])
            rows.append((row["note"], "right" if row["label"] else "wrong", code(row["gold"]), code(text)))
    shown = table(("kind", "label", "gold", "text"), rows, texts=4) if rows else "Every verdict is right.\n"
    return "### Hostile texts that we misjudge\n\n" + "\n".join(lines) + ("\n\n" if lines else "") + shown
