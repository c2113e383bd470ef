"""Put well-known published rewards through `plaudit audit`, and write docs/explanation/gallery.md.

    python benchmarks/gallery.py

Needs trl==1.16.0, math-verify==0.9.0 and, of verl==0.9.1, the files of its folder utils/reward_score on the Python path
as `verl_reward_score` (verl itself needs a GPU stack). What isn't there is listed as left out. Profile quick, seed 0.
"""

import shlex
import sys
from importlib.util import find_spec
from pathlib import Path

from plaudit.cli.audit import tasks_of, wrapped
from plaudit.testing import check

PAGE = Path(__file__).resolve().parents[1] / "docs" / "explanation" / "gallery.md"

LINES = (
    '{"preset": "r1", "reasoning_open": "<think>\\n", "reasoning_close": "\\n</think>\\n", '
    '"solution_open": "<answer>\\n", "solution_close": "\\n</answer>"}'
)
"""open-r1's shape: every tag on a line of its own."""

# trainer, function, how a user names it, format, more options
VERL = "verl.utils.reward_score"

GALLERY = [
    ("trl", "trl.rewards:accuracy_reward", "", "boxed", {}),
    ("trl", "trl.rewards:think_format_reward", "", "think", {}),
    ("trl", "benchmarks.gallery_rewards:open_r1_format", "", LINES, {}),
    ("trl", "benchmarks.gallery_rewards:open_r1_tag_count", "", LINES, {}),
    ("trl", "benchmarks.gallery_rewards:open_r1_reasoning_steps", "", "r1", {"shaping": True}),
    ("trl", "benchmarks.gallery_rewards:math_verify_reward", "", "boxed", {}),
    ("verl", "verl_reward_score.gsm8k:compute_score", f"{VERL}.gsm8k:compute_score", "gsm8k", {}),
    ("verl", "verl_reward_score.math_reward:compute_score", f"{VERL}.math_reward:compute_score", "boxed", {}),
    ("verl", "verl_reward_score.math_dapo:compute_score", f"{VERL}.math_dapo:compute_score", "boxed", {"low": -1.0}),
]

HEAD = """# Gallery

Published rewards under our laws and attacks, written by `benchmarks/gallery.py` (profile quick, seed 0). TRL 1.16.0 and
verl 0.9.1 as released; open-r1's rewards written anew from their documentation, and Math-Verify 0.9.0 as its README
calls it, both in `benchmarks/gallery_rewards.py`. Golds are plain numbers, completions are written in the format named.

A finding is a fact about a function, not a verdict on its authors: some are deliberate (a format reward that allows
empty reasoning), and others can't happen in their own trainer. Each is the smallest case that the search found, and its
command shows it again.
"""


def audited(kind, function, form, more):
    """Audit one function; return its report."""
    options = {"low": 0.0, "high": 1.0, "accept_at": None, "shaping": False} | more
    reward, target = wrapped(kind, function, options)
    return check(reward, tasks=tasks_of(reward, form, None), target=target)


def section(kind, function, shown, form, more):
    """Write one reward's part of the page."""
    name = shown or function
    flags = "".join(f" --{key}" if value is True else f" --{key} {value}" for key, value in more.items())
    command = f"plaudit audit --{kind} {name} --format {shlex.quote(form)}{flags}"
    if find_spec(function.split(".")[0]) is None:
        return [f"## {name}", "", f"Left out: `{function.split('.')[0]}` is not installed here.", ""]
    report = audited(kind, function, form, more)
    lines = [f"## {name}", "", f"`{command}`", ""]
    lines += [
        f"{report.count('passed')} passed, {report.count('failed')} failed, {report.count('not-applicable')} not "
        f"applicable.",
        "",
    ]
    for result in report.failed:
        label = "law" if result.kind == "law" else "attack"
        lines += [
            f"### {label} {result.number}, {result.law}",
            "",
            f"{result.sentence} It {result.counterexample.problem}.",
            "",
        ]
        lines += [
            "```python",
            result.counterexample.code.replace(function, name),
            "```",
            "",
            f"`{command} --law {result.law}`",
            "",
        ]
    return lines


def main():
    """Write the page."""
    lines = [HEAD]
    for entry in GALLERY:
        found = section(*entry)
        sys.stderr.write(f"{entry[1]}: {found[4] if len(found) > 4 else found[2]}\n")
        lines += found
    PAGE.parent.mkdir(parents=True, exist_ok=True)
    text = "\n".join(lines).encode("utf-8", "backslashreplace").decode()
    PAGE.write_text("\n".join(line.rstrip() for line in text.splitlines()) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
