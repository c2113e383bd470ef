"""Make the page "One run, step by step" anew from a finished run of the demo, in both languages, with its pictures.

    plaudit train demo --set seed=0 --out runs/road
    python docs/make_road.py runs/road

The facts of the run go to `docs/road/run.json`, the pictures to `docs/images`, and the pages are the templates
`docs/road/*.md.j2` with the facts in them. A run that turned out otherwise than the sentences say is refused. Without a
run, the pages are written from the facts that are there.
"""

from __future__ import annotations

import argparse
import json
import sys
from functools import partial
from pathlib import Path
from statistics import mean, stdev
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

DOCS = Path(__file__).resolve().parent
FACTS = DOCS / "road" / "run.json"
CHINESE = {
    "reward, sampled": "奖励，采样",
    "reward, greedy": "奖励，贪心",
    "accuracy, sampled": "正确率，采样",
    "accuracy, greedy": "正确率，贪心",
    "format right, sampled": "形式正确，采样",
    "format right, greedy": "形式正确，贪心",
}
WORDS = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
WORDS += ["thirteen", "fourteen", "fifteen", "sixteen"]
PAGES = {"en.md.j2": DOCS / "tutorial" / "road.md", "zh.md.j2": DOCS / "zh" / "road.md"}


def main() -> None:
    """Read a run if one is named, and write the pages."""
    parser = argparse.ArgumentParser(description="Write the pages that walk one run.")
    parser.add_argument("run", nargs="?", type=Path, help="a finished run of the demo; without one, its facts as kept")
    wanted = parser.parse_args().run
    if wanted is not None:
        sys.path.insert(0, str(DOCS.parent))  # for benchmarks/, whose words for the strategies are used here
        from road.facts import facts_of
        from road.pictures import draw_all

        from plaudit.report.run import read_run

        run = read_run(wanted)
        facts = facts_of(run)
        FACTS.write_text(json.dumps(facts, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        for picture in draw_all(run, facts, DOCS / "images"):
            print(f"{picture.relative_to(DOCS.parent)}: {picture.stat().st_size / 1000:.0f} kB")
    for template, page in PAGES.items():
        page.write_text(rendered(template), encoding="utf-8")
        print(page.relative_to(DOCS.parent))


def rendered(template: str) -> str:
    """Return a page: its template with the facts of the run in it."""
    loader = FileSystemLoader(FACTS.parent, encoding="utf-8")
    # Markdown, not HTML: nothing is to be escaped.
    surroundings = Environment(loader=loader, undefined=StrictUndefined, trim_blocks=True, keep_trailing_newline=True)
    surroundings.filters |= {
        "number": number,
        "points": points,
        "row": json_row,
        "unbroken": unbroken,
        "sum_of_parts": sum_of_parts,
    }
    # A space before the sign is the habit of these pages in English, and none in Chinese.
    surroundings.filters |= {
        "word": WORDS.__getitem__,
        "percent": partial(percent, sign="%" if "zh" in template else " %"),
    }
    facts = json.loads(FACTS.read_text(encoding="utf-8"))
    return surroundings.get_template(template).render(facts | derived(facts))


def derived(facts: dict[str, Any]) -> dict[str, Any]:
    """Return what the templates need beside the facts, each computed from these."""
    group, spent = facts["group"], facts["summary"]["seconds"]
    rewards = [row["value"] for row in group["rows"]]
    return {
        "judges": [part["name"] for part in facts["untrained"]["parts"]],
        "judged": {kind: {part["name"]: part for part in row["parts"]} for kind, row in facts["three"].items()},
        "advantages": [round((reward - mean(rewards)) / stdev(rewards), 2) for reward in rewards],
        "above": [row["strategy"] for row in group["rows"] if row["value"] > group["mean"]],
        "sft": facts["strategies"]["after_sft"]["sampled"],
        "greedy": facts["strategies"]["after_sft"]["greedy"],
        "grpo": facts["strategies"]["after_grpo"]["sampled"],
        "labels_zh": CHINESE,
        "stages": sum(spent.values()),
    }


def number(value: float | None, digits: int = 2) -> str:
    """Write a number with a real minus; `–` where there is none."""
    return "–" if value is None else f"{value:,.{digits}f}".replace("-", "−")


def points(share: float) -> str:
    """Write a difference of shares in percentage points, with its sign."""
    return f"{100 * share:+.1f}".replace("-", "−")


def percent(value: float | None, digits: int = 0, *, sign: str = " %") -> str:
    """Write a share as percent."""
    return "–" if value is None else f"{100 * value:.{digits}f}{sign}"


def unbroken(text: str) -> str:
    """Keep a cell on one line; a phone scrolls a wide table."""
    return text.replace(" ", "&nbsp;")


def json_row(shown: dict[str, Any]) -> str:
    """Write a completion as a line of a file to be scored."""
    line = {"completion": shown["completion"], "answer": shown["answer"], "prompt": shown["question"]}
    return json.dumps(line, ensure_ascii=False)


def sum_of_parts(parts: list[dict[str, Any]]) -> str:
    """Write what the parts pay as the sum that they are.

    >>> sum_of_parts([{"value": 3.0}, {"value": -1.5}])
    '3 − 1.5'
    """
    first, *others = [part["value"] for part in parts]
    return f"{first:g}".replace("-", "−") + "".join(f" {'−' if value < 0 else '+'} {abs(value):g}" for value in others)


if __name__ == "__main__":
    main()
