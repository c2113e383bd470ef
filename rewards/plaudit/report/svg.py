"""A matplotlib figure as inline SVG that follows the page's theme: no ids that clash, no colours of its own, no URL."""

from __future__ import annotations

import re
from io import StringIO
from typing import TYPE_CHECKING, Any

from plaudit.errors import PlauditError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

WIDTH = 400
"""The width of a chart in CSS pixels, before it is scaled to its column."""

# Colours that no one would choose stand for roles, and become CSS variables once the figure is SVG.
ROLES = {
    "#000001": "ink",
    "#000002": "muted",
    "#000003": "grid",
    "#000004": "paper",
    "#000010": "before",
    "#000011": "after_sft",
    "#000012": "grpo",
    "#000013": "after_grpo",
    **{f"#0000{32 + index:02x}": f"series-{index}" for index in range(7)},
}
COLOURS = {role: colour for colour, role in ROLES.items()}

_STYLE = {
    "svg.fonttype": "none",
    "text.parse_math": False,
    "font.size": 11.5,
    "axes.edgecolor": COLOURS["grid"],
    "axes.labelcolor": COLOURS["muted"],
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.spines.left": False,
    "axes.unicode_minus": True,
    "grid.color": COLOURS["grid"],
    "grid.linewidth": 0.8,
    "text.color": COLOURS["ink"],
    "xtick.color": COLOURS["muted"],
    "ytick.color": COLOURS["muted"],
    "xtick.major.size": 0.0,
    "ytick.major.size": 0.0,
    "lines.solid_capstyle": "round",
}


def new_figure(height: float, rows: int = 1) -> tuple[Figure, list[Any]]:
    """Return an empty figure of the page's style with `rows` axes that share both scales; `height` in CSS pixels.

    Raises:
        PlauditError: matplotlib isn't installed.
    """
    matplotlib = import_matplotlib()
    with matplotlib.rc_context(_STYLE):
        figure = matplotlib.figure.Figure(figsize=(WIDTH / 72, height / 72), facecolor="none")
        axes = figure.subplots(rows, 1, sharex=True, sharey=True, squeeze=False)
    for each in axes[:, 0]:
        each.patch.set_visible(False)
        each.grid(visible=False, axis="x")
    figure.subplots_adjust(left=0.12, right=0.985, top=0.97, bottom=44 / height, hspace=0.25)
    return figure, list(axes[:, 0])


def import_matplotlib() -> Any:
    """Return matplotlib with its figure module loaded.

    Raises:
        PlauditError: It isn't installed; the message says how to install it.
    """
    try:
        import matplotlib.figure
    except ImportError as error:
        raise missing_extra("matplotlib") from error
    return matplotlib


def missing_extra(package: str) -> PlauditError:
    """Return the error that says how to install what reports need."""
    return PlauditError(f'The report needs {package}, which isn\'t installed: pip install "plaudit[report]"')


def to_svg(figure: Figure, key: str, label: str) -> str:
    """Draw a figure as an `<svg>` element for inlining.

    Args:
        figure: What to draw.
        key: A name that no other chart on the page has; it makes the ids unique and repeatable.
        label: The sentence that stands for the chart where it can't be seen.
    """
    from html import escape

    buffer = StringIO()
    with import_matplotlib().rc_context({**_STYLE, "svg.hashsalt": key}):
        figure.savefig(buffer, format="svg", metadata={"Date": None}, transparent=True)
    source = buffer.getvalue()
    view = re.search(r'viewBox="([^"]+)"', source)
    body = _shrink(source[source.index("</metadata>") + len("</metadata>") :], key)
    box = view[1] if view else f"0 0 {WIDTH} 240"
    return f'<svg class="chart" viewBox="{box}" role="img" aria-label="{escape(label)}">{body}'


def _shrink(body: str, key: str) -> str:
    """Drop what the page doesn't need, and turn roles into CSS variables. All model text is far from here."""
    body = re.sub(r"<style[^>]*>.*?</style>", "", body, flags=re.DOTALL)
    body = body.replace("xlink:href", "href")
    used = set(re.findall(r'(?:url\(|href=")#([\w.-]+)', body))
    body = re.sub(r' id="([\w.-]+)"', lambda m: f' id="{key}-{m[1]}"' if m[1] in used else "", body)
    body = re.sub(r'(url\(|href=")#([\w.-]+)', rf"\1#{key}-\2", body)
    body = re.sub(
        r'(style="[^"]*?)font(?:-size)?: ([\d.]+px)[^;"]*(?:; font-family: [^;"]*)?', r"\1font-size: \2", body
    )
    body = re.sub(r"#0000[0-9a-f]{2}\b", lambda m: f"var(--{ROLES[m[0]]})" if m[0] in ROLES else m[0], body)
    body = re.sub(r' transform="rotate\(-0 [^"]*"', "", body)
    body = re.sub(r' (?:d|x|y|width|height|transform)="[^"]*"', lambda m: _round(m[0]), body)
    return re.sub(r">\s+<", "><", re.sub(r"<defs>\s*</defs>", "", body))


def _round(attribute: str) -> str:
    short = re.sub(r"-?\d+\.\d{2,}", lambda m: f"{float(m[0]):.1f}", attribute)
    return re.sub(r"\s+", " ", short)
