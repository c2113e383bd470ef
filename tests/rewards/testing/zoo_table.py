"""Write which law or attack finds which animal, as JSON here and as a page of the documentation; run it as a script."""

import json
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

from zoo_broken import ZOO  # noqa: E402
from zoo_heldout import section  # noqa: E402
from zoo_honest import HONEST  # noqa: E402
from zoo_parts import PATIENT  # noqa: E402

from plaudit.testing import check  # noqa: E402

PAGE = HERE.parents[2] / "docs" / "reference" / "zoo.md"


def row_of(name):
    slip = {**ZOO, **HONEST}[name]
    found = [result.law for result in check(slip.reward, tasks=slip.tasks or None, profile=PATIENT).failed]
    sys.stderr.write(f"{name} {found}\n")
    return {"reward": name, "meant": slip.law, "story": slip.story, "found_by": found}


def page(broken, honest):
    lines = [
        "# The zoo",
        "",
        f"{len(broken)} deliberately broken rewards, each with the law or attack meant for it, and all that finds it;",
        f"{len(honest)} honest ones, which must raise no alarm.",
        "Written by `tests/rewards/testing/zoo_table.py` (profile quick, seed 0).",
        "",
        "| reward | slip | meant for | found by it | also found by |",
        "|---|---|---|---|---|",
    ]
    for row in broken:
        others = ", ".join(law for law in row["found_by"] if law != row["meant"]) or "–"
        met = "yes" if row["meant"] in row["found_by"] else "NO"
        lines.append(f"| {row['reward']} | {row['story']} | {row['meant']} | {met} | {others} |")
    lines += ["", "| honest reward | what it is | alarms |", "|---|---|---|"]
    lines += [f"| {row['reward']} | {row['story']} | {', '.join(row['found_by']) or 'none'} |" for row in honest]
    return "\n".join([*lines, *section()]) + "\n"


def main():
    with ProcessPoolExecutor(2) as pool:
        broken, honest = list(pool.map(row_of, ZOO)), list(pool.map(row_of, HONEST))
    (HERE / "zoo_table.json").write_text(json.dumps({"broken": broken, "honest": honest}, indent=1) + "\n")
    PAGE.write_text(page(broken, honest))


if __name__ == "__main__":
    main()
