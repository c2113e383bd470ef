"""The diagnosis in words: what is wrong, how one knows, and what to do about it; the worst first."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from plaudit.look.diagnosis import Diagnosis, PartFacts, Winners

BAD, WARNING, NOTE = "bad", "warning", "note"
ORDER = (BAD, WARNING, NOTE)

RELATED = 0.3
"""Correlations within groups below this are not worth a word."""

STRONG = 0.5
SAME = 0.98
DOMINANT = 0.9
SATURATED = 0.95
FEW = 0.5
"""The share of groups with signal below which most of a batch teaches nothing."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that a person should know.

    Attributes:
        kind: What it is about, in one word.
        severity: `bad`, `warning` or `note`.
        what: What was found, with its numbers.
        advice: What to do.
    """

    kind: str
    severity: str
    what: str
    advice: str

    def to_dict(self) -> dict[str, Any]:
        """Write it as plain data."""
        return asdict(self)


def findings(diagnosis: Diagnosis) -> list[Finding]:
    """Return what the diagnosis shows, the worst first; empty where nothing is odd."""
    tests = (_nothing, _length, _winners, _failures, _signal, _dominance, _against, _fights, _abstains)
    found = [finding for test in (*tests, _saturation, _same_text, _alone) for finding in test(diagnosis)]
    return sorted(found, key=lambda finding: ORDER.index(finding.severity))


def _nothing(diagnosis: Diagnosis) -> Iterator[Finding]:
    if not diagnosis.groups:
        yield Finding(
            "groups",
            BAD,
            f"None of the {diagnosis.rows:,} rows shares its group with another, so there is no advantage to speak of.",
            "Give the `group` column, equal prompts, or --group-size.",
        )


def _length(diagnosis: Diagnosis) -> Iterator[Finding]:
    related = diagnosis.length.mean
    if related is None or abs(related) < RELATED or not diagnosis.length.sure:
        return
    longer = "longer" if related > 0 else "shorter"
    parts = {name: part.length_brought for name, part in diagnosis.parts.items()}
    sign = 1 if related > 0 else -1
    source = max(parts, key=lambda name: sign * parts[name], default="")
    from_part = f"; {source!r} brings {parts[source]:+.2f} of it" if len(parts) > 1 else ""
    given = diagnosis.length_given_verdict.mean or 0.0
    known = diagnosis.verdicts > diagnosis.rows / 2
    said = f"r = {related:+.2f} within {diagnosis.length.groups:,} groups{from_part}"
    if known and abs(given) < RELATED:
        yield Finding(
            "length",
            NOTE,
            f"The {longer} completion of a group tends to get more ({said}), but not among equally right ones "
            f"(r = {given:+.2f}).",
            f"Right answers are {longer} here: nothing to do, as long as that holds.",
        )
        return
    pays = "Length pays" if related > 0 else "Shortness pays"
    yield Finding(
        "length",
        BAD if abs(related) >= STRONG else WARNING,
        f"{pays}: the {longer} completion of a group gets the higher reward ({said}).",
        f"GRPO will make completions {longer}. Take length out of {source!r}, bound it, or lower its weight."
        if source
        else f"GRPO will make completions {longer}. Take length out of the reward, or bound it.",
    )


def _winners(diagnosis: Diagnosis) -> Iterator[Finding]:
    counted = diagnosis.winners
    if not counted.flagged:
        return
    paying = [name for name in counted.patterns if _pays(counted, name)]
    named = paying or list(counted.patterns)
    named.sort(key=lambda name: -counted.patterns[name])
    shares = [
        f"{name} ({counted.patterns[name] / counted.winners:.0%} of them, "
        f"{counted.patterns_others[name] / max(1, counted.others):.0%} of the losers)"
        for name in named[:3]
    ]
    told = f"{counted.flagged:,} of {counted.winners:,} winners look suspicious: {'; '.join(shares)}."
    places = [place for name in named for place in counted.places[name]]
    where = f"Look at {' and '.join(dict.fromkeys(places[:2]))} with `plaudit explain`"
    if not paying:
        yield Finding("winners", NOTE, told, f"{where}; losers show the same as often, so it doesn't seem to pay.")
        return
    severity = BAD if counted.patterns[named[0]] >= 0.1 * counted.winners else WARNING
    yield Finding("winners", severity, told, f"{where}, then run `plaudit check` on the reward: it may pay for this.")


def _pays(counted: Winners, name: str) -> bool:
    """Winners show the pattern clearly more often than the losers of the same groups."""
    hits, missed = counted.patterns[name], counted.patterns_others[name]
    share, base = hits / counted.winners, missed / max(1, counted.others)
    pooled = (hits + missed) / (counted.winners + counted.others)
    error = math.sqrt(pooled * (1 - pooled) * (1 / counted.winners + 1 / max(1, counted.others)))
    return hits >= 3 and share - base > 4 * error and (share >= 2 * base or share - base >= 0.1)


def _failures(diagnosis: Diagnosis) -> Iterator[Finding]:
    if diagnosis.failed:
        share = diagnosis.failed / diagnosis.rows
        yield Finding(
            "failures",
            BAD if share > 0.01 else WARNING,
            f"The reward raised on {diagnosis.failed:,} of {diagnosis.rows:,} rows ({share:.1%}).",
            "`plaudit score` names the first failure, `plaudit explain` shows its traceback.",
        )


def _signal(diagnosis: Diagnosis) -> Iterator[Finding]:
    silent = diagnosis.groups - diagnosis.signal
    if not diagnosis.groups or silent / diagnosis.groups < 0.2:
        return
    share = silent / diagnosis.groups
    high, low = diagnosis.all_high, diagnosis.all_low
    ends = f" ({high:,} at the top of the scale, {low:,} at its bottom)" if high or low else ""
    advice = "Give partial credit, or mix in easier and harder problems."
    if high > 0.6 * silent:
        advice = "The problems are too easy, or the reward is content too soon: harder ones would teach more."
    elif low > 0.6 * silent:
        advice = "The problems are too hard, or the reward too strict: easier ones or partial credit would teach more."
    yield Finding(
        "signal",
        BAD if share > FEW else WARNING,
        f"{silent:,} of {diagnosis.groups:,} groups ({share:.0%}) carry no signal: their totals are all equal{ends}.",
        advice,
    )


def _dominance(diagnosis: Diagnosis) -> Iterator[Finding]:
    weighty = _moving(diagnosis)
    if len(weighty) < 2:
        return
    name, part = max(weighty.items(), key=lambda item: item[1].share)
    if part.share < DOMINANT:
        return
    rest = [other for other in weighty if other != name]
    yield Finding(
        "dominance",
        WARNING,
        f"{name!r} decides: it makes {part.share:.0%} of the advantage, and without it {part.decides:,} of "
        f"{diagnosis.signal:,} groups with signal would have other winners.",
        f"{', '.join(map(repr, rest[:3]))} hardly count{'s' if len(rest) == 1 else ''}. If that isn't meant, change "
        "the weights, or let the trainer normalise each part by itself (`split`).",
    )


def _against(diagnosis: Diagnosis) -> Iterator[Finding]:
    for name, part in _moving(diagnosis).items():
        if part.share < -0.05 and part.signal > 0.05 * diagnosis.groups:
            yield Finding(
                "against",
                WARNING,
                f"{name!r} works against the total: its share of the advantage is {part.share:.0%}.",
                "What it rewards loses. Raise its weight, or drop it.",
            )


def _fights(diagnosis: Diagnosis) -> Iterator[Finding]:
    for (left, right), each in diagnosis.fights.items():
        if each.mean is not None and each.mean <= -RELATED and each.sure:
            yield Finding(
                "fight",
                WARNING,
                f"{left!r} and {right!r} fight: what one adds, the other takes (r = {each.mean:+.2f} within "
                f"{each.groups:,} groups).",
                "The model is pulled two ways. Say which of them matters by a gate, or drop one.",
            )
        elif each.mean is not None and each.mean >= SAME and each.sure:
            yield Finding(
                "double",
                NOTE,
                f"{left!r} and {right!r} say the same (r = {each.mean:+.2f} within {each.groups:,} groups).",
                "One of them would do, with both weights.",
            )


def _abstains(diagnosis: Diagnosis) -> Iterator[Finding]:
    named = {"the total": diagnosis.abstained} | {name: part.abstained for name, part in diagnosis.parts.items()}
    for name, count in named.items():
        share = count / diagnosis.rows if diagnosis.rows else 0.0
        if share >= 0.05:
            whose = name if name == "the total" else repr(name)
            yield Finding(
                "abstains",
                WARNING if name == "the total" or share >= 0.5 else NOTE,
                f"{whose} abstains on {count:,} of {diagnosis.rows:,} rows ({share:.0%}).",
                "Rows without a total teach nothing. See the reasons with `plaudit report` or `plaudit explain`."
                if name == "the total"
                else "A part that abstains adds nothing there: is that better than what it takes from wrong answers?",
            )


def _saturation(diagnosis: Diagnosis) -> Iterator[Finding]:
    for name, part in diagnosis.parts.items():
        spoken = part.rows - part.abstained
        if not spoken:
            continue
        if part.high == part.low:
            yield Finding("saturation", NOTE, f"{name!r} is always {part.low:g}.", "It teaches nothing here.")
        elif max(part.at_high, part.at_low) / spoken >= SATURATED:
            top = part.at_high >= part.at_low
            end, value = ("top", part.high) if top else ("bottom", part.low)
            share = max(part.at_high, part.at_low) / spoken
            advice = "It is learnt: keep it as a guard." if top else "It is hardly ever earned: is it reachable?"
            yield Finding("saturation", NOTE, f"{name!r} is at its {end} ({value:g}) in {share:.0%} of rows.", advice)


def _same_text(diagnosis: Diagnosis) -> Iterator[Finding]:
    share = diagnosis.same_text / diagnosis.groups if diagnosis.groups else 0.0
    if share >= 0.1:
        yield Finding(
            "sampling",
            WARNING if share >= 0.3 else NOTE,
            f"In {diagnosis.same_text:,} of {diagnosis.groups:,} groups ({share:.0%}) all completions are one text.",
            "No reward can tell them apart: sample with a higher temperature.",
        )


def _alone(diagnosis: Diagnosis) -> Iterator[Finding]:
    if diagnosis.alone and diagnosis.groups:
        yield Finding(
            "groups",
            NOTE,
            f"{diagnosis.alone:,} rows are alone in their group and were left out.",
            "Evaluations with one completion a problem look like this; give --group-size if it is a mistake.",
        )


def _moving(diagnosis: Diagnosis) -> dict[str, PartFacts]:
    """The parts that add something different to some completions of a group."""
    return {name: part for name, part in diagnosis.parts.items() if part.signal}
