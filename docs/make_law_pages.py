"""Write docs/reference/laws.md and docs/reference/attacks.md from the law and attack objects themselves."""

from pathlib import Path

from plaudit.testing import ATTACKS
from plaudit.testing.running import everything

FOLDER = Path(__file__).parent / "reference"

HEADS = {
    "laws.md": (
        "# Laws\n\nWhat every reward must obey. `plaudit check NAME` runs all of them; `plaudit check --explain LAW` prints one.\n"
        "A law that a reward's own spec waives is reported as waived, and one that lacks what it needs as not applicable.\n"
    ),
    "attacks.md": (
        "# Attacks\n\nWhat no reward may pay for. Each attack draws *moves*, and plays every move on all tasks. A reward is\n"
        "fooled when a move reaches its `accept_at`, or earns more than the best honest wrong answer, on tasks with two or more\n"
        "different golds. The premium (best attack minus best honest answer) is reported as its mean over tasks with a 95 %\n"
        "percentile bootstrap interval over tasks.\n\n"
        "Of the usual list, 34 to 37 (code and tool rewards) have no counterpart here: they need a sandbox.\n"
    ),
}


def pages() -> dict[str, str]:
    """Return every page's text by file name."""
    laws, attacks = [], []
    for item in everything().values():
        lines = [f"## {item.number}. {item.slug}", "", f"**{item.sentence}**", "", " ".join(item.explain.split()), ""]
        if item.slug in ATTACKS:
            attacks += lines
            continue
        waived = (
            f" Waived by a spec with {', '.join(f'`{claim}`' for claim in item.waived_by)}." if item.waived_by else ""
        )
        laws += [*lines, f"Needs: {item.needs}.{waived}", ""]
    return {
        "laws.md": HEADS["laws.md"] + "\n" + "\n".join(laws),
        "attacks.md": HEADS["attacks.md"] + "\n" + "\n".join(attacks),
    }


if __name__ == "__main__":
    for name, text in pages().items():
        (FOLDER / name).write_text(text, encoding="utf-8")
