"""The `plaudit` program: one module per command, each imported when it is called."""

import os
import sys

from plaudit.cli.program import program


def main() -> None:
    """Run the program with the arguments of this process."""
    # a reward named as module:object may lie in the present folder; last, so that it can't hide an installed module
    sys.path.append(os.getcwd())  # noqa: PTH109 - an import path is a text
    program.main(prog_name="plaudit")


__all__ = ["main", "program"]
