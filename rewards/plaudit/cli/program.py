"""The program itself: its table of commands, and what every one of them shares."""

from __future__ import annotations

import rich_click as click

from plaudit.cli.command import debug_option
from plaudit.cli.lazy import LazyGroup

COMMANDS = {
    "list": ("plaudit.cli.list:list_rewards", "List the installed rewards."),
    "show": ("plaudit.cli.show:show", "Show a reward's options and facts, or a recipe's parts."),
    "plugins": ("plaudit.cli.plugins:plugins", "Show every installed reward and plugin, and what is broken."),
    "score": ("plaudit.cli.score:score", "Score the completions in files."),
    "explain": ("plaudit.cli.explain:explain", "Explain the score of one completion."),
    "compare": ("plaudit.cli.compare:compare", "Compare two rewards on the same completions."),
    "diagnose": ("plaudit.cli.diagnose:diagnose", "Say what GRPO would feel of scored completions, the worst first."),
    "check": ("plaudit.cli.check:check", "Check rewards against every law and every attack."),
    "audit": ("plaudit.cli.audit:audit", "Audit a reward function written for another trainer."),
    "export": ("plaudit.cli.export:export", "Write the small file that points TRAINER at a recipe."),
    "new": (
        "plaudit.cli.new:new",
        "Write an installable plugin package for the reward NAME: code, tasks, law test, entry points, README.",
    ),
    "train": (
        "plaudit.cli.train:train",
        "Train a model on RECIPE: a recipe that ships, by name, or a .yaml or .toml file.",
    ),
    "evaluate": (
        "plaudit.cli.evaluate:evaluate",
        "Measure MODEL on problems: accuracy, pass@k, majority@k, format, each part, with 95 % intervals.",
    ),
    "serve": ("plaudit.cli.serve:serve", "Serve a reward over HTTP, to every trainer that asks a server."),
    "report": (
        "plaudit.cli.report:report",
        "Write the HTML page of a run: curves, distributions, every completion with its score and why.",
    ),
    "watch": (
        "plaudit.cli.watch:watch",
        "Follow a running training in the terminal: its curves, its pace, its latest completion.",
    ),
}
"""Name -> where the command is, and its line in `plaudit --help`; so the help page imports none of them."""


EXAMPLES = [
    "plaudit list",
    "plaudit show answer-match",
    "plaudit score runs/demo/completions.jsonl --recipe unsloth",
    "plaudit explain runs/demo/completions.jsonl:7 --recipe unsloth",
]


@click.version_option(package_name="plaudit", prog_name="plaudit", message="%(prog)s %(version)s")
@debug_option
def _program() -> None:
    """Pluggable, audited reward functions for RL fine-tuning of language models.

    `NO_COLOR` switches colours off; `PLAUDIT_PLUGINS` names the distributions whose plugins may take part.
    """


program: LazyGroup = click.group(
    "plaudit",
    LazyGroup,
    lazy=COMMANDS,
    examples=EXAMPLES,
    context_settings={
        "help_option_names": ["-h", "--help"],
        "rich_help_config": {"text_paragraph_linebreaks": "\n\n"},
    },
)(_program)
