"""What every command shares: `--debug`, examples, and exit codes on its help page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import rich_click as click

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich_click import RichContext, RichHelpFormatter

EXIT_CODES = {
    0: "done",
    1: "another error",
    2: "wrong usage or configuration",
    3: "data that can't be scored",
    4: "a broken plugin",
    5: "a broken reward",
    130: "interrupted",
}

DEBUG = "plaudit.debug"

F = TypeVar("F", bound="Callable[..., Any] | click.Command")


def _remember(context: click.Context, _: click.Parameter, wanted: bool) -> None:
    context.meta[DEBUG] = wanted or context.meta.get(DEBUG, False)


def debug_option(command: F) -> F:
    """Add `--debug`: errors come with their traceback."""
    option = click.option(
        "--debug", is_flag=True, expose_value=False, is_eager=True, callback=_remember, help="Show tracebacks."
    )
    return option(command)


def write_epilog(formatter: RichHelpFormatter, examples: Sequence[str]) -> None:
    """Write examples and exit codes at the end of a help page."""
    from rich.padding import Padding
    from rich.text import Text

    text = Text()
    if examples:
        text.append("Examples\n", "bold")
        for example in examples:
            text.append("  $ ", "dim").append(f"{example}\n", "cyan")
        text.append("\n")
    text.append("Exit codes\n", "bold")
    text.append("  " + " · ".join(f"{code} {meaning}" for code, meaning in EXIT_CODES.items()), "dim")
    formatter.write(Padding(text, (0, 1, 1, 1)))


class PlauditCommand(click.RichCommand):
    """A command whose help page ends with examples and exit codes, and that takes `--debug`."""

    def __init__(self, *args: Any, examples: Sequence[str] = (), **settings: Any) -> None:
        super().__init__(*args, **settings)
        self.examples = tuple(examples)
        debug_option(self)

    def format_epilog(self, ctx: RichContext, formatter: RichHelpFormatter) -> None:  # type: ignore[override]  # noqa: ARG002
        """Write examples and exit codes."""
        write_epilog(formatter, self.examples)
