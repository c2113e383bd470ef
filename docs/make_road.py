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
from pathlib import Path
from statistics import mean, stdev
from typing import Any

from templating import CHINESE, fill, write_all

DOCS = Path(__file__).resolve().parent
FACTS = DOCS / "road" / "run.json"
WORDS = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
WORDS += ["thirteen", "fourteen", "fifteen", "sixteen"]
PAGES = {"en.md.j2": DOCS / "tutorial" / "road.md", "zh.md.j2": DOCS / "zh" / "road.md"}


def main() -> None:
    """Read a run if one is named, and write the pages."""
    parser = argparse.ArgumentParser(description="Write the pages that walk one run.")
    parser.add_argument("run", nargs="?", type=Path, help="a finished run of the demo; without one, its facts as kept")
    wanted, pictures = parser.parse_args().run, list[Path]()
    if wanted is not None:
        sys.path.insert(0, str(DOCS.parent))  # for benchmarks/, whose words for the strategies are used here
        from road.facts import facts_of
        from road.pictures import draw_all

        from plaudit.report.run import read_run

        run = read_run(wanted)
        facts = facts_of(run)
        FACTS.write_text(json.dumps(facts, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        pictures = draw_all(run, facts, DOCS / "images")
    write_all(pictures, PAGES, rendered)


def rendered(template: str) -> str:
    """Return a page: its template with the facts of the run in it."""
    facts = json.loads(FACTS.read_text(encoding="utf-8"))
    filters = {"row": json_row, "sum_of_parts": sum_of_parts, "word": WORDS.__getitem__}
    return fill(FACTS.with_name(template), facts | derived(facts), filters)


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
