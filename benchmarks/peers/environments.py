"""The peers' own environments: virtual environments in a cache folder, and wheels opened beside them."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from pathlib import Path

# sympy's LaTeX parser, which prime_math calls, refuses every antlr runtime but 4.11; inspect_ai wants 4.13.2
_MATH_VERIFY = "math-verify[antlr4-13-2]==0.9.0"
ENVIRONMENTS = {
    "antlr-4.13": [_MATH_VERIFY, "antlr4-python3-runtime==4.13.2", "inspect-ai==0.3.285", "packaging"],
    "antlr-4.11": [_MATH_VERIFY, "antlr4-python3-runtime==4.11.0", "pylatexenc==2.11", "numpy"],
}
# opened without their dependencies (torch and more): the graders need none of them
WHEELS = ("trl==1.16.0", "verl==0.9.1")


def prepare(cache: Path) -> dict[str, str]:
    """Make what is missing; returns what failed: environment or wheel to the reason."""
    failed: dict[str, str] = {}
    for name, requirements in ENVIRONMENTS.items():
        _attempt(failed, name, lambda name=name, needs=requirements: _environment(cache / name, needs))
    for wheel in WHEELS:
        _attempt(failed, wheel.partition("==")[0], lambda wheel=wheel: _open_wheel(cache, wheel))
    return failed


def _attempt(failed: dict[str, str], name: str, make: object) -> None:
    try:
        make()  # type: ignore[operator]
    except (subprocess.CalledProcessError, OSError) as reason:
        output = getattr(reason, "stderr", "") or str(reason)
        failed[name] = output.strip().splitlines()[-1] if output.strip() else str(reason)
        print(f"could not install {name}: {failed[name]}", file=sys.stderr)


def _run(*command: str | Path) -> None:
    subprocess.run([str(part) for part in command], check=True, capture_output=True, text=True)


def _environment(folder: Path, requirements: list[str]) -> None:
    marker = folder / "installed.json"
    if marker.exists() and json.loads(marker.read_text()) == requirements:
        return
    print(f"installing {folder.name}: {', '.join(requirements)}", file=sys.stderr)
    _run(sys.executable, "-m", "venv", "--clear", folder)
    # math-verify's extra names an extra that latex2sympy2_extended spells otherwise, so antlr is named as well
    _run(python_of(folder), "-m", "pip", "install", "--quiet", *requirements)
    marker.write_text(json.dumps(requirements))


def _open_wheel(cache: Path, requirement: str) -> None:
    target = cache / "sources" / requirement.replace("==", "-")
    if target.exists():
        return
    print(f"opening the wheel of {requirement}", file=sys.stderr)
    download = cache / "wheels"
    _run(sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", download, requirement)
    (wheel,) = download.glob(requirement.replace("==", "-") + "-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(target)


def python_of(folder: Path) -> Path:
    """The interpreter of a virtual environment."""
    return folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")


def source_of(cache: Path, package: str) -> Path:
    """Where the wheel of a package lies open."""
    (requirement,) = (wheel for wheel in WHEELS if wheel.startswith(package + "=="))
    return cache / "sources" / requirement.replace("==", "-")


def versions(python: Path, packages: list[str]) -> dict[str, str]:
    """Installed versions of packages in an environment."""
    code = "import importlib.metadata as m, json, sys; print(json.dumps({p: m.version(p) for p in sys.argv[1:]}))"
    done = subprocess.run([str(python), "-c", code, *packages], check=True, capture_output=True, text=True)
    return dict(json.loads(done.stdout))
