"""Held-out rewards: run them as a script to write which law or attack finds which; `section` shows their first run."""

import json
import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

from zoo_heldout_broken import HELDOUT  # noqa: E402
from zoo_heldout_honest import HONEST  # noqa: E402

from plaudit.testing import check  # noqa: E402

FRAME = {"total", "shape", "abstain", "negation", "role-spoofing"}
"""What the helper functions of the held-out rewards break by themselves, without the slip."""

TEXT = """
## Held out

Animals and laws were bred together, so the tables above say little about the next slip. Therefore {broken} further
broken rewards and {honest} honest ones were written from slips that public reward code shows, the law that should find
each was written down, and all were run once before any law was changed for them (`zoo_heldout_*.py` beside the zoo;
profile quick, seed 0, on a busy machine). Their author had read the laws.

- Found by the law meant for it: {meant} of {broken}.
- Missed by that law, but found for the slip by another: 2 of {broken}, `wrong-group-index` by `permutation` and
  `duplicates`, `one-bad-row-spoils-all` by `abstain-local`.
- Missed: {missed} of {broken}. Each of these breaks some law, but for other weaknesses: most share helper
  functions that break {frame} without any slip.
- False alarms: {alarms} of {honest}. The prompts of `choice-letter` offer the choices, and `gold-leak` took that for a
  leak.

Since then `split` tries fixed batches, `no-mutation` looks at a trainer's lists, `locale-swap` misplaces a comma,
`quiet` watches the settings of the process, `separation` has reasoning of several lines, and `gold-leak` lets multiple
choices pass. All that was missed is found now (`test_heldout.py`), which is no figure for what comes next.

| held-out reward | slip | meant for | found by it | also found by |
|---|---|---|---|---|
{rows}

| held-out honest reward | what it is | alarms |
|---|---|---|
{honest_rows}"""


def section():
    """Write the first run for the page."""
    run = json.loads((HERE / "zoo_heldout.json").read_text())
    meant = [row for row in run["broken"] if row["meant"] in row["found_by"]]
    rows = [
        f"| {row['reward']} | {row['story']} | {row['meant']} | {'yes' if row in meant else 'NO'} | {others(row)} |"
        for row in run["broken"]
    ]
    honest = [f"| {row['reward']} | {row['story']} | {others(row).replace('–', 'none')} |" for row in run["honest"]]
    text = TEXT.format(
        broken=len(run["broken"]),
        honest=len(run["honest"]),
        meant=len(meant),
        missed=len(run["broken"]) - len(meant) - 2,
        frame=", ".join(f"`{law}`" for law in sorted(FRAME)),
        alarms=sum(bool(row["found_by"]) for row in run["honest"]),
        rows="\n".join(rows),
        honest_rows="\n".join(honest),
    )
    return text.splitlines()


def others(row):
    return ", ".join(law for law in row["found_by"] if law != row["meant"]) or "–"


def row_of(name, slip):
    found = [result.law for result in check(slip.reward, tasks=slip.tasks or None).failed]
    sys.stderr.write(f"{name} {found}\n")
    return {"reward": name, "meant": slip.law, "story": slip.story, "found_by": found}


def main(path):
    table = {
        "broken": [row_of(name, slip) for name, slip in HELDOUT.items()],
        "honest": [row_of(name, slip) for name, slip in HONEST.items()],
    }
    Path(path).write_text(json.dumps(table, indent=1) + "\n")


if __name__ == "__main__":
    main(sys.argv[1])
