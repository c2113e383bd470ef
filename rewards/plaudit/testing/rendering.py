"""Showing results to people."""

from __future__ import annotations

from plaudit.testing.results import CheckResult

DOCS = "docs/reference/laws.md"


def failure_text(result: CheckResult, reward: str) -> str:
    """Write one broken law so that it fits on one screen.

    >>> print(failure_text(CheckResult("length", 1, "One score per sample.", "failed"), "polite").splitlines()[0])
    polite breaks law 1, length: One score per sample.
    """
    what = "breaks law" if result.kind == "law" else "is fooled by attack"
    lines = [f"{reward} {what} {result.number}, {result.law}: {result.sentence}"]
    if result.counterexample is not None:
        lines += ["", f"  It {result.counterexample.problem}.", "", "The smallest case found:", ""]
        lines += [f"    {line}" for line in result.counterexample.code.splitlines()]
    lines += ["", f"Again:  {result.reproduce}", f"Why:    plaudit check --explain {result.law}"]
    return "\n".join(lines)
