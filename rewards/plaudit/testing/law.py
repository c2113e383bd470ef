"""`Law`: one thing that every reward must obey, as an object that can be run, explained and waived."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from plaudit.testing.results import CheckResult, Counterexample

if TYPE_CHECKING:
    from plaudit.testing.context import Context

Need = Literal["nothing", "spec", "tasks", "composite", "trainer"]
Verdict = Counterexample | str | None
"""What a check finds: a counterexample, a note on what was measured, or nothing to say."""


class NotApplicableError(Exception):
    """A law that can't be checked on this reward; the message says what is missing."""


@dataclass(frozen=True)
class Law:
    """One law.

    Attributes:
        number: Its place in the list.
        slug: What tests and the command line call it.
        sentence: The law itself.
        explain: Why it matters, how it is tested, how to mend a reward that breaks it.
        needs: What it needs besides the reward.
        waived_by: What a spec says that waives it: `deterministic=False`, `coupled=True`, `effects`.
        check: The property; it returns a counterexample, a note, or None.

    >>> from plaudit.testing import LAWS
    >>> LAWS["permutation"].sentence
    'Reordering a batch reorders the scores, and changes none.'
    """

    number: int
    slug: str
    sentence: str
    explain: str
    needs: Need
    waived_by: tuple[str, ...]
    check: Callable[[Context], Verdict]

    @property
    def label(self) -> str:
        """How tables and test ids name it."""
        return f"{self.number:02d}-{self.slug}"

    def waiver(self, context: Context) -> str:
        """What in the reward's spec waives this law; empty where nothing does."""
        spec = context.reward.spec
        said = {
            "deterministic=False": not spec.deterministic,
            "coupled=True": spec.coupled,
            "effects": bool(spec.effects),
        }
        return ", ".join(claim for claim in self.waived_by if said[claim])

    def run(self, context: Context) -> CheckResult:
        """Check the law on one reward."""
        return run_check(self, context)


def run_check(law: Law, context: Context) -> CheckResult:
    """Run a check and report what came of it, with the way to reproduce it."""
    begun = time.perf_counter()
    waiver = law.waiver(context)
    if waiver:
        return CheckResult(law.slug, law.number, law.sentence, "waived", note=f"waived by its spec: {waiver}")
    try:
        verdict = law.check(context)
    except NotApplicableError as missing:
        return CheckResult(law.slug, law.number, law.sentence, "not-applicable", note=str(missing))
    except Exception as error:  # noqa: BLE001 - shown as a failure of this reward, with the error
        verdict = context.odd(error)
    return CheckResult(
        law=law.slug,
        number=law.number,
        sentence=law.sentence,
        outcome="failed" if isinstance(verdict, Counterexample) else "passed",
        note=verdict if isinstance(verdict, str) else "",
        counterexample=verdict if isinstance(verdict, Counterexample) else None,
        reproduce=context.command(law.slug) if isinstance(verdict, Counterexample) else "",
        seconds=time.perf_counter() - begun,
    )


LAWS: dict[str, Law] = {}
"""Every law by slug, in order."""


def law(
    number: int, slug: str, sentence: str, *, needs: Need, explain: str, waived_by: tuple[str, ...] = ()
) -> Callable[[Callable[[Context], Verdict]], Callable[[Context], Verdict]]:
    """Enter a check into the list of laws."""

    def enter(check: Callable[[Context], Verdict]) -> Callable[[Context], Verdict]:
        LAWS[slug] = Law(number, slug, sentence, " ".join(explain.split()), needs, waived_by, check)
        return check

    return enter
