"""A group whose commands are imported when they are called, and to which plugins may add."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any

import click
from rich_click import RichCommand, RichGroup

from plaudit.cli.command import DEBUG, write_epilog
from plaudit.errors import PlauditError, PluginWarning, nearest

if TYPE_CHECKING:
    from rich_click import RichContext, RichHelpFormatter

INTERRUPTED = 130


class LazyGroup(RichGroup):
    """A group of commands that are known by name and summary until they are called."""

    def __init__(
        self, *args: Any, lazy: Mapping[str, tuple[str, str]], examples: Sequence[str] = (), **settings: Any
    ) -> None:
        super().__init__(*args, **settings)
        self.lazy = dict(lazy)
        self.examples = tuple(examples)
        self.invited = False
        for name, (_, summary) in lazy.items():
            self.add_command(RichCommand(name=name, short_help=summary))

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Name our commands in their own order, then those of plugins."""
        self._invite_plugins()
        return [*self.lazy, *(name for name in super().list_commands(ctx) if name not in self.lazy)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Find a command; plugins are asked only for names that aren't ours."""
        if cmd_name not in self.lazy:
            self._invite_plugins()
        return super().get_command(ctx, cmd_name)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command to run, importing it; a name that nothing answers to is refused with the nearest one."""
        unknown = self.get_command(ctx, args[0]) is None and not args[0].startswith("-")
        if unknown and not ctx.resilient_parsing:
            ctx.fail(f"No command is called {args[0]!r}. {nearest(args[0], self.commands)}")
        name, command, rest = super().resolve_command(ctx, args)
        return name, self.load(name) if name in self.lazy else command, rest

    def load(self, name: str) -> click.Command:
        """Import one of our own commands."""
        module, _, attribute = self.lazy[name][0].partition(":")
        command: click.Command = getattr(import_module(module), attribute)
        return command

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; an error of ours becomes one screen of text and its exit code."""
        with warnings.catch_warnings():
            warnings.showwarning = _shown(warnings.showwarning)
            try:
                return super().invoke(ctx)
            except PlauditError as error:
                _show_error(error, debug=bool(ctx.meta.get(DEBUG)))
                ctx.exit(error.exit_code)
            except KeyboardInterrupt:
                click.echo("Interrupted.", err=True)
                ctx.exit(INTERRUPTED)

    def format_epilog(self, ctx: RichContext, formatter: RichHelpFormatter) -> None:  # type: ignore[override]  # noqa: ARG002
        """Write examples and exit codes."""
        write_epilog(formatter, self.examples)

    def _invite_plugins(self) -> None:
        """Let every plugin add commands, once; a name of ours stays ours."""
        if self.invited:
            return
        self.invited = True
        from plaudit.plugins import call_hook

        ours = {name: self.commands[name] for name in self.lazy}
        call_hook("plaudit_commands", group=self)
        for name, command in ours.items():
            if self.commands.get(name) is not command:
                self.commands[name] = command
                message = f"A plugin tried to replace `plaudit {name}`, and was not let."
                warnings.warn(message, PluginWarning, stacklevel=2)


def _shown(standard: Any) -> Any:
    """Show warnings about plugins as one line, all others as Python does."""

    def show(message: Warning | str, category: type[Warning], *rest: Any) -> None:
        if not issubclass(category, PluginWarning):
            standard(message, category, *rest)
            return
        from plaudit.cli.screen import notes, plain

        notes().print(plain(f"warning: {message}", "yellow"))

    return show


def _show_error(error: PlauditError, *, debug: bool) -> None:
    from plaudit.cli.screen import notes, plain

    if debug:
        import traceback

        click.echo("".join(traceback.format_exception(error)), err=True)
    notes().print(plain("error: ", "bold red").append_text(plain(str(error), "default not bold")))
