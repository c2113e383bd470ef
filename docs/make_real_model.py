"""Make the page "A real model" anew from runs of `smollm2-gsm8k`, in both languages, with its pictures.

    python docs/make_real_model.py runs/unsloth-0 runs/unsloth-1 runs/trl-0 \\
        --cooler 1.0=t1.0.jsonl 0.7=t0.7.jsonl 0.5=t0.5.jsonl 0.3=t0.3.jsonl

The first run tells the story, so it must have come to its end; the others say what was chance. `--cooler` names what
`plaudit evaluate RUN --set evaluate.temperature=T --out FILE` wrote of a run with `grpo.steps=0`. The facts go to
`docs/real_model/run.json`, the pictures to `docs/images`, and the pages are the templates `docs/real_model/*.md.j2`
with the facts in them. A run that turned out otherwise than the sentences say is refused.
Without a run, pages and pictures are made from the facts that are there.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from templating import CHINESE, fill, write_all

DOCS = Path(__file__).resolve().parent
FACTS = DOCS / "real_model" / "run.json"
PAGES = {"en.md.j2": DOCS / "tutorial" / "real-model.md", "zh.md.j2": DOCS / "zh" / "real-model.md"}


def main() -> None:
    """Read the runs if any are named, and write pictures and pages."""
    sys.path.insert(0, str(DOCS.parent))  # for benchmarks/, which the other page's pictures use
    from real_model.facts import facts_of
    from real_model.pictures import draw_all

    from plaudit.report.run import read_run

    parser = argparse.ArgumentParser(description="Write the pages that show what GRPO did to a real model.")
    parser.add_argument("runs", nargs="*", type=Path, help="a finished run, and those that say what was chance")
    parser.add_argument("--card", default="", help="the GPU, where the run doesn't say")
    parser.add_argument(
        "--cooler", nargs="+", default=[], type=_cooler, metavar="T=FILE", help="the model before GRPO, by temperature"
    )
    wanted = parser.parse_args()
    if bool(wanted.runs) != bool(wanted.cooler):
        parser.error(f"{'--cooler is' if wanted.runs else 'the runs are'} missing: the page tells of both")
    if wanted.runs:
        cooler = dict(wanted.cooler)
        first, *others = [read_run(path) for path in wanted.runs]
        facts = facts_of(first, others, wanted.card or first.provenance["card"], cooler)
        FACTS.write_text(json.dumps(facts, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    pictures = draw_all(json.loads(FACTS.read_text(encoding="utf-8")), DOCS / "images")
    write_all(pictures, PAGES, rendered)


def _cooler(text: str) -> tuple[str, Path]:
    """Read `T=FILE`; argparse makes a message of a ValueError."""
    temperature, file = text.split("=", 1)
    if float(temperature) <= 0:
        raise ValueError(text)
    return temperature, Path(file)


def rendered(template: str) -> str:
    """Return a page: its template with the facts of the runs in it."""
    facts = json.loads(FACTS.read_text(encoding="utf-8"))
    return fill(FACTS.with_name(template), facts | {"labels": CHINESE}, {})


if __name__ == "__main__":
    main()
