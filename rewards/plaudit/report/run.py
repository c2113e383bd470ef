"""A run folder, read whole: what is there, what isn't, and what is odd."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from statistics import fmean, pstdev
from typing import TYPE_CHECKING, Any

from plaudit.errors import DataError
from plaudit.report.completion import Completion, read_completion
from plaudit.report.lines import Lines, read_lines
from plaudit.report.metrics import Metrics, read_metrics
from plaudit.report.summary import EVALUATIONS, evaluations
from plaudit.storage.tables import is_table

if TYPE_CHECKING:
    from plaudit.look.reading import Advance
    from plaudit.protocol import Reward

FILES = ("summary.json", "metrics.jsonl", "completions.jsonl", "recipe.yaml", "versions.json")
COMPRESSED = (".gz", ".zst")


@dataclass(slots=True)
class Run:
    """All that a report shows of a run.

    Attributes:
        path: The run folder, or the file of completions.
        summary: What `summary.json` holds; empty while the run goes on.
        provenance: What `versions.json` holds: seed, backend, device, command, versions.
        recipe_text: The resolved recipe as it was written.
        recipe: The same as data; empty where it can't be parsed.
        metrics: The curves.
        completions: Every completion that could be read, in the file's order.
        notices: Sentences on what is missing, damaged or odd.
        loose: These are rows with no run around them, so none of its files is missed.
    """

    path: Path
    summary: Mapping[str, Any] = field(default_factory=dict)
    provenance: Mapping[str, Any] = field(default_factory=dict)
    recipe_text: str = ""
    recipe: Mapping[str, Any] = field(default_factory=dict)
    metrics: Metrics = field(default_factory=Metrics)
    completions: list[Completion] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    loose: bool = False

    @property
    def name(self) -> str:
        """The recipe's name, or the folder's where there is none."""
        named = self.summary.get("recipe") or self.recipe.get("name")
        return str(named.get("name") if isinstance(named, Mapping) else named or self.path.stem)

    @property
    def model(self) -> str:
        """What the recipe's `train` section says of the model; empty where it says nothing."""
        train = self.recipe.get("train")
        model = self.summary.get("model") or (train.get("model") if isinstance(train, Mapping) else None)
        if isinstance(model, Mapping):
            model = model.get("name") or model.get("path") or next(iter(model.values()), "")
        return str(model or "")

    def fact(self, key: str) -> str:
        """Return a fact such as `seed` or `backend` as text; empty where it isn't known."""
        value = self.summary.get(key, self.provenance.get(key))
        return "" if value is None else str(value)

    @property
    def finished(self) -> bool:
        """Whether the last evaluation is there, or the trainer has said that it ended."""
        return isinstance(self.summary.get("after_grpo"), Mapping) or self.summary.get("finished") is True

    def part_names(self) -> list[str]:
        """Return the names of the reward's parts, as first met in the completions, else in the curves."""
        names = dict.fromkeys(part.name for completion in self.completions for part in completion.parts)
        return list(names) or [name for name in self.metrics.parts() if name != self.name]


def read_run(path: Path) -> Run:
    """Read a run folder, or one file of scored completions: JSON Lines, perhaps compressed, Parquet or Arrow.

    Raises:
        DataError: There is nothing at `path`, nothing in it belongs to a run, or the file holds no scores.
    """
    run = Run(path, loose=path.is_file())
    if run.loose and (is_table(path) or path.suffix in COMPRESSED):
        from plaudit.look.reading import judged_rows

        run.completions += [completion for _, completion in judged_rows(str(path), None, {})]
        derive(run)
        return run
    if run.loose:
        _read_completions(run, path)
        derive(run)
        return run
    if not any((path / name).exists() for name in FILES):
        what = "has none of a run's files" if path.is_dir() else "isn't there"
        raise DataError(f"{path} {what} ({', '.join(FILES)}). Give the folder that `plaudit train --out` wrote.")
    run.summary = _read_object(run, path / "summary.json")
    run.provenance = _read_object(run, path / "versions.json")
    _read_recipe(run, path / "recipe.yaml")
    _read_metrics(run, path / "metrics.jsonl")
    _read_completions(run, path / "completions.jsonl")
    for more in sorted(path.glob("completions.rank*.jsonl")):
        _read_completions(run, more)
    derive(run)
    _note_stages(run)
    warnings = run.summary.get("warnings")
    if isinstance(warnings, list):
        run.notices += [f"The trainer warned: {text}" for text in warnings]
    return run


def judged_run(
    path: Path,
    judge: Reward,
    renamed: Mapping[str, str],
    watched: Callable[[list[str]], AbstractContextManager[Advance]],
) -> Run:
    """Score every completion of a file or run folder anew, and return them as a run.

    Args:
        path: The file, or the run folder.
        judge: The reward.
        renamed: Which column of the file stands for `completion`, `prompt`, `answer` …
        watched: Makes a progress bar for the files.

    Raises:
        DataError: A row can't be scored.
    """
    from plaudit.look.reading import expanded, judged_rows
    from plaudit.recipe import Recipe
    from plaudit.yaml_text import to_yaml

    run = Run(path, summary={"recipe": judge.spec.name}, loose=True)
    if isinstance(judge, Recipe):
        run.recipe = judge.to_dict()
        run.recipe_text = to_yaml(judge.to_dict())
    files = expanded([str(path)])
    with watched(files) as advance:
        for source in files:
            for row, completion in judged_rows(source, judge, renamed):
                advance(rows=1, size=row.size)
                run.completions.append(completion)
    derive(run)
    return run


def derive(run: Run) -> None:
    """Where no curve was logged but completions say their step, compute the curves from these."""
    during = [row for row in run.completions if row.stage in ("grpo", "") and row.mode != "greedy"]
    if run.metrics.numbers or len({row.step for row in during}) < 2:
        return
    for step, rows in groupby(sorted(during, key=lambda row: row.step), key=lambda row: row.step):
        for key, value in _step_numbers(list(rows)).items():
            run.metrics.numbers.setdefault(("grpo", key), {})[step] = value
    run.notices.append("No curve was logged: they are computed from the completions, as far as these were kept.")


def _step_numbers(rows: list[Completion]) -> dict[str, float]:
    columns: dict[str, list[float]] = {"reward": [row.value for row in rows if row.value is not None]}
    for row in rows:
        for part in row.parts:
            if part.value is not None:
                columns.setdefault(f"rewards/{part.name}/mean", []).append(part.value)
    found = {key: fmean(values) for key, values in columns.items() if values}
    if columns["reward"]:
        found["reward_std"] = pstdev(columns["reward"])
    groups: dict[str, list[float]] = {}
    for row in rows:
        if row.value is not None:
            groups.setdefault(row.group or row.prompt, []).append(row.value)
    several = [values for values in groups.values() if len(values) > 1]
    if several:
        found["frac_reward_zero_std"] = fmean(max(values) - min(values) <= 1e-8 for values in several)
    return found


def _read_object(run: Run, path: Path) -> Mapping[str, Any]:
    try:
        data = json.loads(path.read_bytes())
    except FileNotFoundError:
        run.notices.append(f"{path.name} isn't there (yet).")
        return {}
    except (OSError, ValueError, RecursionError) as error:
        run.notices.append(f"{path.name} can't be read: {error}.")
        return {}
    if not isinstance(data, Mapping):
        run.notices.append(f"{path.name} holds {type(data).__name__}, not an object.")
        return {}
    return data


def _read_recipe(run: Run, path: Path) -> None:
    import yaml

    from plaudit.yaml_text import from_yaml

    try:
        run.recipe_text = path.read_bytes().decode("utf-8", errors="replace")
        data = from_yaml(run.recipe_text)
    except FileNotFoundError:
        run.notices.append(f"{path.name} isn't there (yet).")
        return
    except (OSError, RecursionError, ValueError, yaml.YAMLError) as error:
        run.notices.append(f"{path.name} can't be parsed: {error}")
        return
    run.recipe = data if isinstance(data, Mapping) else {}


def _read_metrics(run: Run, path: Path) -> None:
    lines = read_lines(path)
    run.metrics = read_metrics(lines)
    run.notices += [*lines.notices(), *run.metrics.odd]


def _read_completions(run: Run, path: Path) -> None:
    lines = read_lines(path)
    if lines.records and path == run.path and not any("value" in record for _, record in lines.records):
        raise DataError(f"{path} isn't scored: say what to judge with (--recipe, --reward).")
    for number, record in lines.records:
        _keep(run, lines, number, record)
    run.notices += lines.notices()


def _keep(run: Run, lines: Lines, number: int, record: Mapping[str, Any]) -> None:
    try:
        run.completions.append(read_completion(number, record))
    except ValueError as error:
        lines.broken.append((number, str(error)))


def _note_stages(run: Run) -> None:
    missing = [name for key, name in EVALUATIONS.items() if key not in evaluations(run.summary)]
    if missing and run.summary:
        run.notices.append(f"No evaluation {', '.join(missing)}: not reached yet, or left out by the recipe.")
    for stage, name in {"sft": "supervised stage (SFT)", "grpo": "GRPO stage"}.items():
        if run.metrics.numbers and run.metrics.last_step(stage) is None:
            run.notices.append(f"No step of the {name} was logged.")
