"""`plaudit compare`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import rich_click as click

from plaudit.cli.choose import pairs, typed
from plaudit.cli.command import PlauditCommand
from plaudit.errors import ConfigError, UnknownNameError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from plaudit.look.comparison import Comparison
    from plaudit.look.table import Table
    from plaudit.protocol import Reward

RECORDED = "recorded"

EXAMPLES = [
    "plaudit compare unsloth math completions.jsonl",
    "plaudit compare answer-match 'answer-match near=0.1' dev.jsonl --map answer=gold",
    "plaudit compare recorded unsloth runs/demo",
    "plaudit compare scored-0.1.jsonl scored-0.2.jsonl --require 0.999",
]


@click.command(cls=PlauditCommand, examples=EXAMPLES)
@click.argument("a", metavar="A")
@click.argument("b", metavar="B")
@click.argument("files", nargs=-1, metavar="[FILE...]")
@click.option("--map", "renamed", multiple=True, metavar="NAME=COLUMN", help="Take COLUMN for NAME in every row.")
@click.option("--accept-a", type=float, metavar="VALUE", help="From this value on, A means right.")
@click.option("--accept-b", type=float, metavar="VALUE", help="From this value on, B means right.")
@click.option("--group-size", type=click.IntRange(min=2), metavar="G", help="G rows after each other form a group.")
@click.option("--require", type=click.FloatRange(0, 1), metavar="SHARE", help="Exit with 1 where fewer rows agree.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def compare(
    context: click.RichContext,
    a: str,
    b: str,
    files: tuple[str, ...],
    renamed: tuple[str, ...],
    accept_a: float | None,
    accept_b: float | None,
    group_size: int | None,
    require: float | None,
    as_json: bool,
) -> None:
    """Compare two rewards on the same completions.

    A and B are recipes, by name or file, or rewards with their options ('answer-match near=0.1'); `recorded` stands for
    the scores that FILE holds. With no FILE, A and B are two scored files of the same completions, as two versions of a
    reward wrote them: rows are matched by prompt and completion.

    Shown are agreement, correlation, right against wrong, whose advantage changes its sign within its group, and the
    twenty most telling disagreements.
    """
    found = _compared(a, b, files, pairs(renamed, "--map"), (accept_a, accept_b), group_size)
    names = {"a": a, "b": b}
    texts = _texts(found, pairs(renamed, "--map"))
    if as_json:
        from plaudit.cli.screen import print_json

        print_json(names | {"files": list(files)} | found.to_dict() | {"texts": texts})
    else:
        from plaudit.cli.comparison import print_comparison

        print_comparison(found, texts, a, b)
    if require is not None and found.agreement < require:
        context.exit(1)


def _compared(
    a: str,
    b: str,
    files: Sequence[str],
    columns: Mapping[str, str],
    accepts: tuple[float | None, float | None],
    group_size: int | None,
) -> Comparison:
    from plaudit.files import STANDARD_INPUT
    from plaudit.look.comparison import compare as look

    if STANDARD_INPUT in (a, b, *files):
        raise click.UsageError("Comparing reads its files twice, so it can't take standard input: save it to a file.")
    if files:
        judges = judge_of(a), judge_of(b)
        tables = [_read(files, judge, columns, group_size) for judge in judges]
    else:
        _check_files(a, b)
        tables = [_read([source], None, columns, group_size) for source in (a, b)]
    for table, accept in zip(tables, accepts, strict=True):
        if accept is not None:
            table.accept(accept)
    return look(*tables)


def _check_files(a: str, b: str) -> None:
    for source in (a, b):
        if not Path(source).exists():
            raise click.UsageError(
                f"There is no file {source!r}. Two rewards need completions to judge: plaudit compare A B FILE."
            )


def _read(files: Sequence[str], judge: Reward | None, columns: Mapping[str, str], group_size: int | None) -> Table:
    from plaudit.cli.progress import row_progress
    from plaudit.look.reading import expanded, read_table

    return read_table(
        files, judge, renamed=columns, group_size=group_size, watched=row_progress(expanded(files)), grouped=False
    )


def judge_of(text: str) -> Reward | None:
    """Return what a name stands for: a recipe, a reward with options, or None for the scores in the file.

    Raises:
        ConfigError: Nothing has that name; the nearest one is named.

    >>> judge_of("answer-match near=0.1").near
    0.1
    """
    from plaudit.plugins import available, hint
    from plaudit.recipe import recipe, shipped
    from plaudit.registry import find_object, option_types, reward_from

    name, *assignments = text.split()
    if name == RECORDED:
        return None
    if Path(name).suffix in (".yaml", ".yml", ".toml") or name in shipped():
        if assignments:
            raise ConfigError(f"{name!r} is a recipe and takes no options: change them in its file.")
        return recipe(name)
    if name not in available() and ":" not in name:
        known = [*shipped(), *available(), RECORDED]
        raise UnknownNameError(f"No recipe or reward is called {name!r}. {hint(name, known)}")
    found = find_object(name)
    hints = option_types(found)
    given = {key: typed(value, hints.get(key, str)) for key, value in pairs(assignments, repr(name)).items()}
    made: Reward = reward_from(found, name, given)
    return made


def _texts(found: Comparison, columns: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """The rows of the disagreements once more, for their texts, which the tables don't hold."""
    from plaudit.files import names_in, read_rows
    from plaudit.protocol import text_of

    table = found.tables[0]
    wanted: dict[int, dict[int, str]] = {}
    for each in found.telling:
        wanted.setdefault(table.files[each.left], {})[table.lines[each.left]] = table.place(each.left)
    texts = {}
    for number, lines in wanted.items():
        for row in read_rows(table.sources[number]):
            if row.line in lines:
                known = names_in(row, columns)
                cells = {name: row.data.get(known.get(name, name)) for name in ("prompt", "completion", "answer")}
                shown = {"prompt": text_of(cells["prompt"], "user"), "completion": text_of(cells["completion"])}
                texts[lines[row.line]] = shown | {"answer": cells["answer"]}
            if row.line >= max(lines):
                break
    return texts
