"""Put the same zoo before Plaudit and its peers, and write benchmarks/audit.md.

Needs a Python that has `rewardprobe==0.1.0 reward-doctor==0.2.0 gradecheck==0.1.0` and Plaudit's own dependencies:

    python -m venv peers && peers/bin/pip install rewardprobe==0.1.0 reward-doctor==0.2.0 gradecheck==0.1.0 plaudit
    python benchmarks/audit.py peers/bin/python

Every broken and honest reward of tests/rewards/testing is called by each peer as what it takes: a TRL function
(rewardprobe, reward-doctor) or a verifiers rubric function (gradecheck), on the same tasks, with the commands of the
peer's own README. A peer "finds" a reward when its own command would fail a build: rewardprobe --ci (and, in a column
of its own, --strict, where warnings count too), reward-doctor's default --fail-on exploit, any FOOLED of gradecheck.
Left out: rewardprobe's modes that call a hosted model; gradecheck's attacks on source trees. Plaudit's findings come
from the committed table, where only the law meant for a reward counts; its time from a fresh run of three animals.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ZOO = ROOT / "tests" / "rewards" / "testing"
PAGE = Path(__file__).with_suffix(".md")

SHIM = """
import sys
sys.path[:0] = [{zoo!r}, {rewards!r}]
from zoo_broken import ZOO
from zoo_honest import HONEST
from plaudit.composite import as_reward
from plaudit.protocol import Sample

REWARD = as_reward({{**ZOO, **HONEST}}[{name!r}].reward)

def reward(completions, answer=None, prompts=None, **kwargs):
    if answer is None:  # rewardprobe counts it as critical when a task's answer may not be left out
        answer = [None] * len(completions)
    return REWARD(prompts=prompts, completions=completions, answer=answer)

def rubric(completion, answer, prompt=None, **kwargs):
    return REWARD.score([Sample(completion, prompt or "", {{"answer": answer}})])[0].value
"""

GRADECHECK = """
import json, sys, types
sys.path.insert(0, ".")
from shim import rubric
from gradecheck.verifiers_env import VerifiersEnv
from gradecheck.completion_attacks import run_all
rows = [json.loads(line) for line in open("tasks.jsonl")]
judged = types.SimpleNamespace(funcs=[rubric], weights=[1.0], rubrics=[])
env = types.SimpleNamespace(rubric=judged, get_dataset=lambda: rows)
found = run_all(VerifiersEnv(env, sample=20))
print(json.dumps([[item.attack, item.verdict] for item in found]))
sys.exit(any(item.verdict == "FOOLED" for item in found))
"""


def commands(python):
    """Return the command of each peer, as its README gives it."""
    place = Path(python).parent
    return {
        "rewardprobe": [str(place / "rewardprobe"), "test", "shim.py::reward", "--dataset", "tasks.jsonl", "--ci"],
        "rewardprobe --strict": [
            str(place / "rewardprobe"),
            "test",
            "shim.py::reward",
            "-d",
            "tasks.jsonl",
            "--strict",
        ],
        "reward-doctor": [str(place / "reward-doctor"), "audit", "shim.py:reward"],
        "gradecheck": [python, "gradecheck_run.py"],
    }


def judge(command, folder, seconds=60):
    """Run a peer; say whether it would fail the build, or broke down, and how long it took."""
    begun = time.perf_counter()
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "NO_COLOR": "1"}
    environment.pop("PYTHONPATH", None)
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=seconds, env=environment)
        code, said = done.returncode, done.stdout + done.stderr
    except subprocess.TimeoutExpired:
        code, said = 124, "killed"
    crashed = code not in (0, 1) or "Traceback (most recent call last)" in said or said.startswith("Error: ")
    return {"found": code == 1 and not crashed, "broke": crashed, "seconds": time.perf_counter() - begun}


def zoo_rows():
    """Return the committed findings of Plaudit, broken and honest."""
    table = json.loads((ZOO / "zoo_table.json").read_text())
    return [(row, True) for row in table["broken"]] + [(row, False) for row in table["honest"]]


def write_shim(folder, name):
    """Write the reward as the functions that the peers take, and its tasks."""
    sys.path[:0] = [str(ZOO), str(ROOT / "rewards")]
    from zoo_broken import ZOO as BROKEN
    from zoo_honest import HONEST

    from plaudit.testing.tasks import NUMBERS

    slip = {**BROKEN, **HONEST}[name]
    rows = [{"prompt": task.prompt, "question": task.prompt, "answer": task.gold} for task in slip.tasks or NUMBERS]
    (folder / "shim.py").write_text(SHIM.format(zoo=str(ZOO), rewards=str(ROOT / "rewards"), name=name))
    (folder / "gradecheck_run.py").write_text(GRADECHECK)
    (folder / "tasks.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))


def ours_seconds(names):
    """Time Plaudit's whole quick battery on a few animals, each in a fresh process."""
    code = "import sys; sys.path[:0] = {0!r}; from zoo_broken import ZOO; from zoo_honest import HONEST; "
    code += "from plaudit.testing import check; s = {{**ZOO, **HONEST}}[{1!r}]; check(s.reward, tasks=s.tasks or None)"
    spent = []
    for name in names:
        begun = time.perf_counter()
        subprocess.run([sys.executable, "-c", code.format([str(ZOO), str(ROOT / "rewards")], name)], check=True)
        spent.append(time.perf_counter() - begun)
    return sum(spent) / len(spent)


def main():
    """Run everything and write the page."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("python", help="a Python that has the peers")
    arguments = parser.parse_args()
    peers = commands(str(Path(arguments.python).absolute()))
    rows = []
    with tempfile.TemporaryDirectory() as place:
        for number, (row, broken) in enumerate(zoo_rows(), 1):
            folder = Path(place) / row["reward"]
            folder.mkdir()
            write_shim(folder, row["reward"])
            found = {name: judge(command, folder) for name, command in peers.items()}
            rows.append((row, broken, found))
            sys.stderr.write(f"{number} {row['reward']} {[name for name in peers if found[name]['found']]}\n")
    PAGE.write_text(page(rows, list(peers), ours_seconds(["substring-match", "stripped-match", "polite"])))


INTRODUCTION = """# Plaudit and its peers before the same zoo

{broken} broken and {honest} honest rewards of `tests/rewards/testing`. Written by `benchmarks/audit.py`; read there how
each peer was called, and what counts as finding. rewardprobe 0.1.0, reward-doctor 0.2.0, gradecheck 0.1.0.

The zoo is ours, made to cover our laws, so the first column flatters us: most slips are of kinds (batches, threads,
pickles, composition) that the peers don't claim to test. The table by kind says where they compete. We lose on time.

Eight of the honest rewards judge no answers (lengths, words, moods). The peers take every reward for an answer
checker, so their alarms there are a matter of scope; on the four honest checkers of answers and shapes
(stripped-match, near-number, whole-shape, weighted) rewardprobe --ci, reward-doctor and gradecheck raise none.

Our laws were tuned on this zoo until they found all of it, the peers were not: our full score says nothing about
slips that nobody has thought of.
"""


def page(rows, peers, ours):
    """Write the page."""
    broken, honest = [row for row in rows if row[1]], [row for row in rows if not row[1]]
    broke = [sum(row[2][name]["broke"] for row in rows) for name in peers]
    seconds = [f"{sum(row[2][name]['seconds'] for row in rows) / len(rows):.1f}" for name in peers]
    lines = [INTRODUCTION.format(broken=len(broken), honest=len(honest))]
    lines += _header("", "Plaudit", *peers)
    lines.append(_row("broken rewards found", *_found(broken, peers)))
    lines.append(_row("honest rewards flagged (false alarms)", *_found(honest, peers)))
    lines.append(_row("broke down, or took more than 60 s", 0, *broke))
    lines.append(_row("seconds per reward, mean", f"{ours:.1f}", *seconds))
    lines += ["", "## Found, by the kind of slip", "", *_header("kind", "Plaudit", *peers)]
    kinds = {}
    for row in broken:
        kinds.setdefault(kind_of(row[0]["meant"]), []).append(row)
    lines += [_row(kind, *_found(members, peers)) for kind, members in kinds.items()]
    lines += ["", "## Every reward", "", *_header("reward", "meant for", "Plaudit", *peers)]
    for row, _, found in rows:
        marks = ["broke" if found[name]["broke"] else "found" if found[name]["found"] else "–" for name in peers]
        lines.append(_row(row["reward"], row["meant"] or "(honest)", "found" if _ours(row) else "–", *marks))
    return "\n".join(lines) + "\n"


def _found(rows, peers):
    counts = [sum(_ours(row[0]) for row in rows)]
    counts += [sum(row[2][name]["found"] for row in rows) for name in peers]
    return [f"{count} of {len(rows)}" for count in counts]


def _ours(row):
    """Count a broken reward only when the law meant for it finds it; an honest one when anything does."""
    return row["meant"] in row["found_by"] if row["meant"] else bool(row["found_by"])


def _header(*cells):
    return [_row(*cells), "|---" * len(cells) + "|"]


def _row(*cells):
    return "| " + " | ".join(map(str, cells)) + " |"


def kind_of(law):
    """Return the group to which a law or an attack belongs."""
    from plaudit.testing import ATTACKS
    from plaudit.testing.running import everything

    if law in ATTACKS:
        return "attacks"
    number = everything()[law].number
    if number <= 7:
        return "values and inputs"
    if number <= 24:
        return "batches, processes, identity"
    return "meaning" if number <= 36 or number in (45, 46) else "composition and trainer"


if __name__ == "__main__":
    main()
