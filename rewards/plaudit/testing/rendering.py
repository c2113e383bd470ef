"""Showing results: one screen for a broken law, a table, JSON, JUnit XML and SARIF."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

from plaudit.testing.results import CheckReport, CheckResult, Outcome

if TYPE_CHECKING:
    from rich.table import Table

PAGES = {"law": "docs/reference/laws.md", "attack": "docs/reference/attacks.md"}

SARIF_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"

STYLES: dict[Outcome, tuple[str, str]] = {
    "passed": ("✓", "green"),
    "failed": ("✗", "bold red"),
    "waived": ("–", "yellow"),
    "not-applicable": ("·", "dim"),
}


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
    return "\n".join([*lines, f"More:   {PAGES[result.kind]}"])


def summary(report: CheckReport) -> str:
    """Count the outcomes in a sentence.

    >>> summary(CheckReport("polite", "quick", 0, ()))
    'polite: 0 passed, 0 failed, 0 waived by its spec, 0 not applicable (quick, seed 0, 0.0 s)'
    """
    seconds = sum(result.seconds for result in report)
    return (
        f"{report.reward}: {report.count('passed')} passed, {report.count('failed')} failed, "
        f"{report.count('waived')} waived by its spec, {report.count('not-applicable')} not applicable "
        f"({report.profile}, seed {report.seed}, {seconds:.1f} s)"
    )


def table(report: CheckReport, *, everything: bool = True) -> Table:
    """Make a rich table of the results."""
    from rich.table import Table
    from rich.text import Text

    made = Table("", box=None, pad_edge=False, header_style="bold")
    made.add_column("law", no_wrap=True)
    made.add_column("says", ratio=1)
    made.add_column("seconds", justify="right")
    for result in report:
        if not everything and result.outcome not in ("failed", "waived"):
            continue
        sign, style = STYLES[result.outcome]
        said = result.counterexample.problem if result.counterexample else result.note or result.sentence
        plain = said.encode("ascii", "backslashreplace").decode() if result.counterexample else said
        made.add_row(Text(sign, style), Text(result.label, style), Text(plain[:300]), f"{result.seconds:.2f}")
    return made


def left_out(report: CheckReport) -> list[str]:
    """Say in a line per reason what did not apply.

    >>> left_out(CheckReport("polite", "quick", 0, (CheckResult("abstain", 16, "", "not-applicable", "no gold"),)))
    ['not applicable, no gold: abstain']
    """
    reasons: dict[str, list[str]] = {}
    for result in report:
        if result.outcome == "not-applicable":
            reasons.setdefault(result.note, []).append(result.law)
    return [f"not applicable, {reason}: {', '.join(laws)}" for reason, laws in reasons.items()]


def to_json(reports: list[CheckReport]) -> str:
    """Write reports as JSON; schema 1."""
    return json.dumps({"schema": 1, "reports": [report.to_dict() for report in reports]}, indent=2)


def to_junit(reports: list[CheckReport]) -> str:
    """Write reports as JUnit XML, one suite per reward, one case per law; what didn't apply is skipped, with reason."""
    root = ET.Element("testsuites")
    for report in reports:
        suite = ET.SubElement(
            root,
            "testsuite",
            name=report.reward,
            tests=str(len(report.results)),
            failures=str(report.count("failed")),
            skipped=str(report.count("waived") + report.count("not-applicable")),
            errors="0",
            time=f"{sum(result.seconds for result in report):.3f}",
        )
        for result in report:
            _case(suite, report, result)
    ET.indent(root)
    return ET.tostring(root, encoding="unicode", xml_declaration=True)


def _case(suite: ET.Element, report: CheckReport, result: CheckResult) -> None:
    case = ET.SubElement(
        suite, "testcase", classname=f"plaudit.{report.reward}", name=result.label, time=f"{result.seconds:.3f}"
    )
    if result.outcome == "failed":
        problem = result.counterexample.problem if result.counterexample else ""
        failure = ET.SubElement(case, "failure", message=_xml(problem), type=result.law)
        failure.text = _xml(failure_text(result, report.reward))
    elif result.outcome != "passed":
        ET.SubElement(case, "skipped", message=_xml(f"{result.outcome}: {result.note}"))


def _xml(text: str) -> str:
    """Keep only characters that XML 1.0 allows; the others are escaped as Python writes them."""
    return "".join(
        letter
        if letter in "\t\n" or " " <= letter <= "\ud7ff" or "\ue000" <= letter <= "\ufffd" or letter > "\uffff"
        else ascii(letter)[1:-1]
        for letter in text
    )


def to_sarif(reports: list[CheckReport]) -> str:
    """Write reports as SARIF 2.1.0: one rule per law, one result per law broken."""
    from plaudit.testing.running import everything

    rules = [
        {
            "id": item.slug,
            "shortDescription": {"text": item.sentence},
            "fullDescription": {"text": item.explain},
            "help": {"text": f"plaudit check --explain {item.slug}"},
        }
        for item in everything().values()
    ]
    results = [_sarif_result(report, result) for report in reports for result in report.failed]
    driver = {"name": "plaudit", "informationUri": "https://github.com/plaudit/plaudit", "rules": rules}
    run = {"tool": {"driver": driver}, "results": results, "columnKind": "unicodeCodePoints"}
    return json.dumps({"$schema": SARIF_SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2)


def _sarif_result(report: CheckReport, result: CheckResult) -> dict[str, Any]:
    problem = result.counterexample.problem if result.counterexample else result.sentence
    place = {"name": report.reward, "kind": "object", "fullyQualifiedName": report.reward}
    return {
        "ruleId": result.law,
        "level": "error",
        "message": {"text": f"{report.reward}: {problem}. Again: {result.reproduce}"},
        "locations": [{"logicalLocations": [place]}],
        "properties": {"counterexample": result.counterexample.code if result.counterexample else ""},
    }
