"""The `plaudit` program: one module per command, each imported when it is called."""

from plaudit.cli.program import program


def main() -> None:
    """Run the program with the arguments of this process."""
    program.main(prog_name="plaudit")


__all__ = ["main", "program"]
