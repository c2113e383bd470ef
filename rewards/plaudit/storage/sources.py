"""Which files a name on the command line means, and under what names the trainers' logs keep their columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from plaudit.errors import DataError
from plaudit.storage.hub import PREFIX
from plaudit.storage.lines import STANDARD_INPUT

VERL: Mapping[str, str] = MappingProxyType({"completion": "output", "prompt": "input", "answer": "gts"})
"""verl's rollout and validation dumps (`_dump_generations` of verl 0.9.1) write these for each completion."""


def expand(sources: Sequence[str]) -> list[str]:
    """Replace each folder by the files of completions in it: a run of ours, of TRL's or a dump of verl's.

    Raises:
        DataError: A folder holds none.

    >>> expand(["run.jsonl", "-"])
    ['run.jsonl', '-']
    """
    return [file for source in sources for file in _expanded(source)]


def _expanded(source: str) -> list[str]:
    path = Path(source)
    if source == STANDARD_INPUT or source.startswith(PREFIX) or not path.is_dir():
        return [source]
    if (path / "completions.jsonl").is_file():
        return [source]
    tables = sorted(path.glob("completions/completions_*.parquet")) or sorted(path.glob("completions_*.parquet"))
    steps = sorted((file for file in path.glob("*.jsonl") if file.stem.isdigit()), key=lambda file: int(file.stem))
    if not (tables or steps):
        raise DataError(
            f"{source} holds no completions: neither completions.jsonl (Plaudit), nor completions/*.parquet (TRL), "
            "nor STEP.jsonl (verl)."
        )
    return list(map(str, tables or steps))


def usual_names(columns: Mapping[str, object]) -> Mapping[str, str]:
    """Say which columns stand for `completion`, `prompt` and `answer` in the log of another trainer.

    >>> dict(usual_names({"input": "2 + 2?", "output": "4", "gts": "4", "score": 1.0, "step": 3}))
    {'completion': 'output', 'prompt': 'input', 'answer': 'gts'}
    >>> dict(usual_names({"completion": "4", "output": "x", "input": "y", "gts": "z"}))
    {}
    """
    is_verl = "completion" not in columns and all(name in columns for name in VERL.values())
    return VERL if is_verl else {}
