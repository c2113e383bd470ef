"""Write docs/reference/cli.md from the help pages of the program.

    python docs/make_cli_reference.py            # write it
    python docs/make_cli_reference.py --check    # exit with 1 if it has drifted

Plugins take no part, colours and terminal width are fixed, so that everybody gets the same page.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from click.testing import CliRunner

PAGE = Path(__file__).parent / "reference" / "cli.md"

HEAD = """\
# The `plaudit` program

<!-- Written by docs/make_cli_reference.py from the help pages; change those. -->

Results go to standard output, notes, warnings and progress to standard error. Progress is shown on a terminal only.
`--json`, where a command has it, prints one JSON document and nothing else to standard output. Set `NO_COLOR` to
switch colours off. Every command ends with one of these exit codes:

| Code | Meaning |
|---:|---|
{codes}
"""

SECTION = """
## `{name}`

```text
{page}
```
"""


def written() -> str:
    """Return the whole page."""
    os.environ |= {"PLAUDIT_PLUGINS": "", "NO_COLOR": "1", "COLUMNS": "100", "TERMINAL_WIDTH": "100"}
    from plaudit.cli import program
    from plaudit.cli.command import EXIT_CODES
    from plaudit.cli.program import COMMANDS

    codes = "\n".join(f"| {code} | {meaning} |" for code, meaning in EXIT_CODES.items())
    calls = [[], *([name] for name in COMMANDS)]
    sections = [SECTION.format(name=" ".join(["plaudit", *call]), page=_help(program, call)) for call in calls]
    return HEAD.format(codes=codes) + "".join(sections)


def _help(program: object, call: list[str]) -> str:
    result = CliRunner().invoke(program, [*call, "--help"], prog_name="plaudit", catch_exceptions=False)
    return "\n".join(line.rstrip() for line in result.stdout.strip("\n").splitlines()).strip("\n")


def main() -> None:
    """Write the page, or check that it is as it would be written."""
    text = written()
    if "--check" in sys.argv[1:]:
        drifted = not PAGE.exists() or PAGE.read_text(encoding="utf-8") != text
        sys.exit(f"{PAGE} has drifted: write it again." if drifted else 0)
    PAGE.parent.mkdir(parents=True, exist_ok=True)
    PAGE.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
