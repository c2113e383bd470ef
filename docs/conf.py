"""How the documentation is built: `sphinx-build --fail-on-warning -b html docs docs/_build/html`."""

import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

project = "Plaudit"
author = "Plaudit maintainers"
copyright = author  # noqa: A001 - the name that Sphinx reads
release = version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
]
exclude_patterns = ["_build", "examples"]
source_suffix = {".md": "markdown"}

myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3
# Docstrings write code in single backticks, as Markdown does.
default_role = "code"
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_typehints_format = "short"
napoleon_use_ivar = True
python_use_unqualified_type_names = True
python_maximum_signature_line_length = 88

html_theme = "furo"
html_title = f"Plaudit {release}"
html_static_path = ["_static"]
html_css_files = ["plaudit.css"]
html_theme_options = {
    "source_repository": "https://github.com/plaudit/plaudit/",
    "source_branch": "main",
    "source_directory": "docs/",
    "light_css_variables": {"color-brand-primary": "#8a3b12", "color-brand-content": "#8a3b12"},
    "dark_css_variables": {"color-brand-primary": "#f0a868", "color-brand-content": "#f0a868"},
}
