"""Put well-known published rewards through `plaudit audit`, and write docs/explanation/gallery.md.

    python -m benchmarks.gallery            write the page
    python -m benchmarks.gallery --check    run every command that the page prints, and name those that show nothing

`make gallery` does both in an environment of its own (scripts/env_gallery.sh). Profile quick, seed 0.
"""

import re
import shlex
import sys
from pathlib import Path

from click.testing import CliRunner

from plaudit.cli import program
from plaudit.cli.audit import tasks_of, wrapped
from plaudit.testing import check

PAGE = Path(__file__).resolve().parents[1] / "docs" / "explanation" / "gallery.md"

LINES = (
    '{"preset": "r1", "reasoning_open": "<think>\\n", "reasoning_close": "\\n</think>\\n", '
    '"solution_open": "<answer>\\n", "solution_close": "\\n</answer>"}'
)
"""open-r1's shape: every tag on a line of its own."""

# trainer, function, format, more options
GALLERY = [
    ("trl", "trl.rewards:accuracy_reward", "boxed", {}),
    ("trl", "trl.rewards:think_format_reward", "think", {}),
    ("trl", "benchmarks.gallery_rewards:open_r1_format", LINES, {}),
    ("trl", "benchmarks.gallery_rewards:open_r1_tag_count", LINES, {}),
    ("trl", "benchmarks.gallery_rewards:open_r1_reasoning_steps", "r1", {"shaping": True}),
    ("trl", "benchmarks.gallery_rewards:math_verify_reward", "boxed", {}),
    ("verl", "verl.utils.reward_score.gsm8k:compute_score", "gsm8k", {}),
    ("verl", "verl.utils.reward_score.math_reward:compute_score", "boxed", {}),
    ("verl", "verl.utils.reward_score.math_dapo:compute_score", "boxed", {"low": -1.0}),
]

HEAD = """# Gallery

Published rewards under our laws and attacks, written by `benchmarks/gallery.py` (profile quick, seed 0). TRL 1.16.0 and
verl 0.9.1 as released; open-r1's rewards written anew from their documentation, and Math-Verify 0.9.0 as its README
calls it, both in `benchmarks/gallery_rewards.py`. Golds are plain numbers, completions are written in the format named.

A finding is a fact about a function, not a verdict on its authors: some are deliberate (a format reward that allows
empty reasoning), and others can't happen in their own trainer. Each is the smallest case that the search found, and its
command, run where the packages named are installed and from the root of this repository, shows it again: `make gallery`
makes that environment, writes this page, and runs every command on it.
"""


def audited(kind, function, form, more):
    """Audit one function; return its report."""
    options = {"low": 0.0, "high": 1.0, "accept_at": None, "shaping": False} | more
    reward, target = wrapped(kind, function, options)
    return check(reward, tasks=tasks_of(reward, form, None), target=target)


def section(kind, name, form, more):
    """Write one reward's part of the page."""
    flags = "".join(f" --{key}" if value is True else f" --{key} {value}" for key, value in more.items())
    command = f"plaudit audit --{kind} {name} --format {shlex.quote(form)}{flags}"
    report = audited(kind, name, form, more)
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
            result.counterexample.code,
            "```",
            "",
            f"`{command} --law {result.law}`",
            "",
        ]
    return lines


def shows(command):
    """Run one printed command; tell whether it shows the finding that it was printed for."""
    words = shlex.split(command)
    answer = CliRunner().invoke(program, words[1:])
    found = answer.exit_code == 1 and f", {words[-1]}: " in answer.output
    sys.stderr.write(f"{'shown' if found else 'NOT SHOWN'}: {command}\n")
    return found


def check_page():
    """Run every command of the page that is about one finding; end with 1 when one shows nothing."""
    commands = re.findall(r"^`(plaudit audit .* --law [\w-]+)`$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    silent = [command for command in commands if not shows(command)]
    sys.stderr.write(f"{len(commands) - len(silent)} of {len(commands)} commands show their finding\n")
    sys.exit(bool(silent) or not commands)


def main():
    """Write the page."""
    lines = [HEAD]
    for entry in GALLERY:
        found = section(*entry)
        sys.stderr.write(f"{entry[1]}: {found[4]}\n")
        lines += found
    PAGE.parent.mkdir(parents=True, exist_ok=True)
    text = "\n".join(lines).encode("utf-8", "backslashreplace").decode()
    PAGE.write_text("\n".join(line.rstrip() for line in text.splitlines()) + "\n", encoding="utf-8")


if __name__ == "__main__":
    check_page() if sys.argv[1:] == ["--check"] else main()
