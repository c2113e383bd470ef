"""What every client's tests share: the completions, what the core says of them, exported files, and the record."""

import json
import os
import sys
from importlib import metadata
from pathlib import Path

import pytest

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))  # the edge rewards are named `edges:edges`, as a user's rewards are

import completions as made
import edges

from plaudit import Sample, recipe, score
from plaudit.adapters import judge as judges
from plaudit.adapters.export import exported
from plaudit.adapters.judge import Judge

RESULTS = os.environ.get("PLAUDIT_CLIENTS_RESULTS")
"""Where a run writes what came of it; nothing is written where this is not set."""


@pytest.fixture(scope="session", autouse=True)
def found_in_other_processes():
    """Let a trainer's own processes import the edge rewards."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", os.pathsep.join(filter(None, [str(HERE), os.environ.get("PYTHONPATH")])))
        yield


@pytest.fixture(scope="session")
def rows():
    found = made.rows()
    assert len(found) == 500
    return found


@pytest.fixture(scope="session")
def expected(rows):
    """The core's value of each completion; None where it abstains."""
    batch = [Sample(row.completion, row.prompt, {"answer": row.answer}) for row in rows]
    values = [found.value for found in score(recipe(made.RECIPE), batch)]
    assert sum(value is None for value in values) == 50
    assert len(set(values)) > 5
    return values


@pytest.fixture(scope="session")
def filled(expected):
    """The core's values with the fallback where it abstains, for trainers that know no missing score."""
    return [made.FALLBACK if value is None else value for value in expected]


@pytest.fixture
def file_of(tmp_path, monkeypatch):
    """Write the file that `plaudit export` writes, where a trainer can also import it."""
    monkeypatch.syspath_prepend(str(tmp_path))

    def write(trainer, judge, name="reward"):
        path = tmp_path / f"{name}.py"
        path.write_text(exported(trainer, judge), encoding="utf-8")
        sys.modules.pop(name, None)
        return path

    yield write
    for name, module in list(sys.modules.items()):
        if str(getattr(module, "__file__", "")).startswith(str(tmp_path)):
            del sys.modules[name]


@pytest.fixture(autouse=True)
def no_streak():
    """Forget the failures of other tests, which would make a run of them."""
    judges._streak.cache_clear()


@pytest.fixture
def judge():
    return Judge(made.RECIPE, fallback=made.FALLBACK)


@pytest.fixture
def edge_judge():
    """The reward that misbehaves on command, with a fallback and a deadline."""
    return Judge("edges:edges", fallback=made.FALLBACK, deadline_seconds=edges.DEADLINE_SECONDS)


@pytest.fixture
def record(request):
    """Note what was run for a trainer: `record(package, "what", **facts)`."""

    def note(package, ran, *, version=None, **facts):
        if RESULTS is None:
            return
        path = Path(RESULTS)
        everything = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
        version = version or metadata.version(package)
        entry = everything.setdefault(f"{package} {version}", {"package": package, "version": version, "ran": []})
        if ran and ran not in entry["ran"]:
            entry["ran"] = sorted([*entry["ran"], ran])
        for name, value in facts.items():
            entry[name] = {**entry.get(name, {}), **value} if isinstance(value, dict) else value
        path.write_text(json.dumps(everything, indent=1, sort_keys=True, ensure_ascii=False) + "\n", encoding="utf-8")

    return note
