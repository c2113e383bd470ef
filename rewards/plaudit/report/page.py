"""The page: a run, its charts and its table of completions in one HTML file that needs nothing else."""

from __future__ import annotations

import base64
import hashlib
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from plaudit.errors import DataError
from plaudit.look.findings import findings
from plaudit.recipe import write_atomically
from plaudit.report import changes, sections
from plaudit.report.charts import Chart
from plaudit.report.lines import finite
from plaudit.report.run import Run
from plaudit.report.summary import EVALUATIONS, evaluations, plain, rows, signed
from plaudit.report.svg import missing_extra
from plaudit.report.visible import visible

if TYPE_CHECKING:
    import jinja2

TEMPLATES = Path(__file__).parent / "templates"

HEADLINE = {
    "reward, sampled": "mean reward",
    "accuracy, sampled": "accuracy",
    "accuracy, greedy": "accuracy, greedy",
    "format right, sampled": "format right",
}
"""The rows of the before/after table that stand large on top, and what they are called there."""


CURVES = "Thin: each logged step. Thick: moving average over a twelfth of the steps, from its first value to its last."
BARS = "Share of completions at each value; ▲ marks the mean."
HELD_OUT = " Sampled answers to the held-out problems."
DOTS = "One dot per place, larger where more completions share it; r is Pearson's correlation."


class Section(NamedTuple):
    """A heading with charts: what they show, and what to say where there is none."""

    title: str
    id: str
    about: str
    charts: list[Chart]
    empty: str


def write(run: Run, out: Path | None = None, reload_seconds: float | None = None) -> Path:
    """Write the page of a run that has been read; see `plaudit.report.write_report`.

    Args:
        run: What to show.
        out: Where the page goes.
        reload_seconds: The page loads itself again after so many seconds, unless somebody is busy with it.

    Raises:
        DataError: The page can't be written there.
    """
    beside = run.path / "report.html" if run.path.is_dir() else run.path.with_suffix(".html")
    target = beside if out is None else out / "report.html" if out.is_dir() else out
    page = render(run, reload_seconds)
    try:
        write_atomically(target, page)
    except OSError as error:
        raise DataError(
            f"The report can't be written to {target}: {error}. Choose another place with --out."
        ) from error
    return target


def render(run: Run, reload_seconds: float | None = None) -> str:
    """Return the page of a run as HTML.

    Raises:
        PlauditError: The `report` extra isn't installed.
    """
    environment = _environment()
    bars = BARS + (HELD_OUT if run.summary.get("before") or run.summary.get("after_sft") else "")
    script = "".join((TEMPLATES / f"{name}.js").read_text(encoding="utf-8") for name in ("table", "theme", "live"))
    return environment.get_template("page.html").render(
        **_headline(run),
        **_evidence(run),
        **_table(run),
        run=run,
        reload_seconds=reload_seconds,
        facts=_facts(run),
        total=sections.total_curve(run),
        sections=[
            Section(
                "Parts of the reward", "parts", CURVES, sections.part_curves(run), "No part has a curve of its own."
            ),
            Section("Training", "training", CURVES, sections.signal_curves(run), "No step was logged."),
            Section("Distributions", "distributions", bars, sections.distributions(run), "No completion was scored."),
            Section("Length against reward", "length", DOTS, sections.length_charts(run), "No completion was scored."),
        ],
        style=_trusted((TEMPLATES / "page.css").read_text(encoding="utf-8")),
        script=_trusted(script),
        script_hash=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
    )


def _environment() -> jinja2.Environment:
    try:
        import jinja2
    except ImportError as error:
        raise missing_extra("jinja2") from error
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        finalize=_finalize,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["trusted"] = _trusted
    environment.filters["number"] = plain
    environment.filters["signed"] = signed
    return environment


def _finalize(value: Any) -> Any:
    """Every text that goes into the page passes here: what hides or reorders it is spelt out."""
    return visible(value) if type(value) is str else value


def _trusted(text: str) -> Any:
    """Mark our own markup (styles, script, drawings) as such; model text never comes here."""
    from markupsafe import Markup

    return Markup(text)  # noqa: S704 - our own files and figures only


def _headline(run: Run) -> dict[str, Any]:
    table = rows(run.summary)
    problems = [each.get("problems") for each in evaluations(run.summary).values()]
    return {
        "columns": [EVALUATIONS[key] for key in evaluations(run.summary)],
        "rows": table,
        "problems": problems,
        "tiles": [(HEADLINE[row.label], row) for row in table if row.label in HEADLINE],
        "sentences": changes.sentences(run.summary),
    }


def _evidence(run: Run) -> dict[str, Any]:
    stage, scored = sections.latest(run)
    diagnosis = sections.looked_at(run)
    best, worst = sections.best_and_worst(scored)
    return {
        "stage": stage,
        "diagnosis": diagnosis,
        "findings": findings(diagnosis) if diagnosis.groups else [],
        "best": best,
        "worst": worst,
        "pairs": sections.pairs(run),
        "silences": sections.silences(run),
    }


def _table(run: Run) -> dict[str, Any]:
    from plaudit.report.embed import embed

    table = embed(run.completions, run.part_names())
    modes = sorted({row.mode for row in run.completions if row.mode})
    stages = dict.fromkeys(row.stage for row in run.completions if row.stage)
    return {"data": table.data, "table_notices": table.notices, "modes": modes, "stages": stages}


def _facts(run: Run) -> dict[str, str]:
    seconds = run.summary.get("seconds")
    took = sum(finite(value) or 0.0 for value in seconds.values()) if isinstance(seconds, dict) else 0.0
    facts = {
        "model": run.model,
        "seed": run.fact("seed"),
        "backend": run.fact("backend"),
        "device": run.fact("device"),
        "GRPO steps": str(run.metrics.last_step("grpo") or ""),
        "completions": f"{len(run.completions):,}" if run.completions else "",
        "took": f"{took / 60:.1f} min" if took else "",
        "last record": _when(run.metrics.last_time),
    }
    return {key: value for key, value in facts.items() if value}


def _when(seconds: float | None) -> str:
    try:
        return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M UTC") if seconds else ""
    except (OverflowError, ValueError, OSError):
        return ""
