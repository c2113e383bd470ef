"""Write the tables of the documentation from the code and the tests: `python docs/generate.py`.

A page marks the place of a table with `<!-- table: NAME -->` and `<!-- /table -->`. What stands between them is
written here, from the tables that the tests run, so that no page can claim what no test shows. With `--check` nothing
is written and a page that has drifted is named; `tests/docs/test_generated.py` does the same.
"""

import importlib.util
import json
import re
import sys
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from plaudit import registry
from plaudit.docstrings import documented, meanings
from plaudit.formats import PRESETS, Format
from plaudit.options import describe

DOCS = Path(__file__).resolve().parent
TESTS = DOCS.parent / "tests"
BLOCK = re.compile(r"(<!-- table: ([\w ./=-]+) -->\n).*?(<!-- /table -->)", re.DOTALL)
LONGEST = 90


def differences() -> str:
    """Where the notebook pays what it should not, and what is paid here."""
    rows = [
        (what, f"`{reward}`", code(completion), code(gold), pay(theirs), pay(ours))
        for what, (reward, completion, gold, theirs, ours) in _tests("rewards/test_builtin.py").DIFFERENCES.items()
    ]
    return table(("in the notebook", "reward", "completion", "gold", "it pays", "Plaudit pays"), rows)


def exact(name: str) -> str:
    """Completions that have the exact shape, or have not, with the reason given."""
    cases = getattr(_tests("rewards/test_formats.py"), name)
    parse = PRESETS["unsloth"].parse
    return table(
        ("completion", "text", "said of it"),
        [(what, code(text), parse(text).problem or "exact") for what, text in cases.items()],
    )


def examples(name: str) -> str:
    """Rows of a test table of one reward: solution, gold, pay; a first column where the table has four."""
    cases = getattr(_tests("rewards/test_builtin.py"), name)
    heads = {"BY": ("by",), "MATH_EQUAL": ("format",)}.get(name, ())
    rows = []
    for *case, solution, gold, paid in cases:
        rows.append((*[code(str(item)) for item in case], code(solution), code(gold), pay(paid)))
    return table((*heads, "completion" if name == "MATH_EQUAL" else "solution", "gold", "pays"), rows)


def answers(name: str) -> str:
    """Pairs of answers that count as equal, or don't, by topic."""
    topics = getattr(_tests("rewards/answers/test_equal_cases.py"), name)
    return "\n".join(
        f"### {topic[0].upper()}{topic[1:]}{': not equal' if name == 'DIFFERENT' else ''}\n\n"
        + table(("answer", "gold"), [(code(given), code(gold)) for given, gold in pairs])
        for topic, pairs in topics.items()
    )


def options(name: str) -> str:
    """The options of a reward: type, default and meaning."""
    found = registry.find_object(name)
    told, defaults = meanings(documented(found)), registry.option_defaults(found)
    rows = []
    for option, hint in registry.option_types(found).items():
        default = defaults[option]
        shown = code(default.name if isinstance(default, Format) else str(default))
        rows.append((f"`{option}`", _kind(hint), shown if len(str(default)) < LONGEST else "the default policy",
                     told.get(option, "")))  # fmt: skip
    return table(("option", "type", "default", "meaning"), rows)


def facts() -> str:
    """The facts of every reward that ships."""
    rows = []
    for name in ("format-exact", "format-approx", "answer-match", "numeric-tolerance", "math-equal"):
        spec = registry.load(name).spec
        rows.append((f"[`{name}`](#{name})", f"{spec.low:g} to {spec.high:g}",
                     "–" if spec.accept_at is None else f"{spec.accept_at:g}",
                     ", ".join(f"`{column}`" for column in spec.reads) or "–"))  # fmt: skip
    return table(("reward", "range", "right from", "reads"), rows)


def presets() -> str:
    """The formats that ship, with a perfect completion of each."""
    rows = []
    for form in PRESETS.values():
        tags = " ".join(f"`{tag}`" for tag in form.tags) or "–"
        rows.append((f"`{form.name}`", tags, f"`{form.prefill}`" if form.prefill else "–",
                     code(form.render("4", reasoning="2 + 2 = 4" if form.name != "plain" else ""))))  # fmt: skip
    return table(("name", "the model writes", "the template prefills", "a perfect completion"), rows)


def policy() -> str:
    """The fields of the policy of equality."""
    from dataclasses import fields
    from typing import get_type_hints

    from plaudit.answers import Policy

    hints = get_type_hints(Policy)
    rows = [
        (f"`{item.name}`", _kind(hints[item.name]), code(str(item.default)), _policy_meanings()[item.name])
        for item in fields(Policy)
    ]
    return table(("field", "values", "default", "meaning"), rows)


def train(section: str) -> str:
    """The settings of one section of `train`, with their bounds."""
    from plaudit_trainer import config

    rows = []
    for name, field in getattr(config, section).model_fields.items():
        default = "needed" if field.is_required() else _default(field.get_default(call_default_factory=True))
        bounds = ", ".join(
            f"{sign} {getattr(bound, key):g}"
            for bound in field.metadata
            for sign, key in (("≥", "ge"), (">", "gt"), ("≤", "le"), ("<", "lt"))
            if hasattr(bound, key)
        )
        rows.append((f"`{name}`", _kind(field.annotation) + (f", {bounds}" if bounds else ""), default,
                     field.description or ""))  # fmt: skip
    return table(("setting", "values", "default", "meaning"), rows)


def trainers() -> str:
    """What each trainer's own code was made to do with a reward of ours, as the last run of the clients wrote it."""
    rows = []
    for facts in _clients():
        contract = "; ".join(f"{what}: {why}" for what, why in facts.get("contract", {}).items())
        ran = "; ".join(facts["ran"]) or "–"
        rows.append((_trainer(facts), facts["version"], str(facts["completions"]), ran, contract or "–",
                     facts.get("cut", "–")))  # fmt: skip
    heads = (
        "trainer",
        "version",
        "completions equal",
        "run in it",
        "contract-tested only, why",
        "cut away to import it",
    )
    return table(heads, rows)


def trainer_edges(edge: str) -> str:
    """What arrives in each trainer at one edge."""
    return table(("trainer", "what arrives"), [(_trainer(facts), facts["edges"][edge]) for facts in _clients()])


def trainer_notes() -> str:
    """What trainers do themselves, whatever the reward."""
    rows = [(_trainer(facts), what, said) for facts in _clients() for what, said in facts.get("notes", {}).items()]
    return table(("trainer", "where", "what it does"), rows)


def _clients() -> list[dict[str, Any]]:
    found = json.loads((TESTS / "clients" / "results.json").read_text(encoding="utf-8"))
    return sorted(found.values(), key=lambda facts: (_trainer(facts).lower(), facts["version"]))


def _trainer(facts: dict[str, Any]) -> str:
    named = {"trl": "TRL", "openrlhf": "OpenRLHF", "openpipe-art": "ART", "nemo-rl": "NeMo-RL", "rllm": "rLLM",
             "areal": "AReaL", "axolotl": "Axolotl", "llamafactory": "LLaMA-Factory"}  # fmt: skip
    return named.get(facts["package"], facts["package"])


SHOWN = ("Plaudit", "Math-Verify", "TRL", "verl", "inspect_ai")
GRADER_COLUMNS = {
    "Accuracy": ("end to end: right", "false accepts"),
    "Real completions, each grader's own extraction": ("right %", "completions/s"),
    "Speed, processor time": ("mixed: per s",),
    "Hostile texts": ("> 1 s", "model text run as code"),
}
GRADER_HEADS = {
    "en": "grader|right, %|wrong accepted, %|model outputs right, %|a second|all rows, a second|over 1 s|run as code",
    "zh": "判定器|判对 %|误收 %|真实输出判对 %|每秒|全部，每秒|超过 1 秒|当代码执行",
}


def graders(language: str) -> str:
    """The answer graders side by side, out of the committed benchmark: all of them, also those that are faster."""
    page = (DOCS.parent / "benchmarks" / "answers.md").read_text(encoding="utf-8")
    found: dict[str, list[str]] = {}
    for section, wanted in GRADER_COLUMNS.items():
        lines = [line for line in page.split(f"\n## {section}\n")[1].split("\n## ")[0].splitlines() if line[:1] == "|"]
        heads, _, *rows = ([cell.strip() for cell in line.strip("|").split("|")] for line in lines)
        last = {head: index for index, head in enumerate(heads)}
        for cells in rows:
            if cells[0].strip("*").startswith(SHOWN) and "cleared" not in cells[0]:
                found.setdefault(cells[0], []).extend(cells[last[head]] for head in wanted)
    return table(GRADER_HEADS[language].split("|"), ((name, *cells) for name, cells in found.items()))


TABLES: dict[str, Callable[..., str]] = {
    "graders": graders,
    "trainers": trainers,
    "trainer-edges": lambda *words: trainer_edges(" ".join(words)),
    "trainer-notes": trainer_notes,
    "train": train,
    "differences": differences,
    "presets": presets,
    "policy": policy,
    "facts": facts,
    "exact": exact,
    "examples": examples,
    "answers": answers,
    "options": options,
}


def generated(name: str) -> str:
    """Return the table of a marker: its kind, and what it is of."""
    kind, *of = name.split()
    return TABLES[kind](*of)


def rewritten(text: str) -> str:
    """Return a page with all its tables written anew."""
    return BLOCK.sub(lambda found: f"{found[1]}\n{generated(found[2])}\n{found[3]}", text)


def pages() -> list[Path]:
    """Every page that holds a generated table."""
    found = [*DOCS.rglob("*.md"), *DOCS.parent.glob("*.md")]
    return sorted(page for page in found if "_build" not in page.parts and BLOCK.search(page.read_text("utf-8")))


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Write a table in Markdown."""
    lines = [heads, ["---"] * len(heads), *rows]
    return "".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |\n" for line in lines)


def code(text: Any) -> str:
    """Write a text as code; long ones are cut, and say so; a text of nothing says that."""
    if not isinstance(text, str):
        return f"`{text}`"
    shown = text.replace("\n", "⏎").replace("\t", "⇥")
    if len(shown) > LONGEST:
        return f"`{shown[:12]}` … ({len(text)} characters)"
    if not shown.strip(" "):
        return "a space" if shown else "nothing"
    fence = "``" if "`" in shown else "`"
    pad = " " if shown[0] in " `" or shown[-1] in " `" else ""
    return f"{fence}{pad}{shown}{pad}{fence}"


def pay(value: float | None) -> str:
    """Write what a reward pays."""
    return "abstains" if value is None else f"{value:g}"


def _kind(hint: Any) -> str:
    said = describe(hint).replace("'", "`").replace("dict", "a mapping").replace("tuple", "a list")
    return re.sub(r"\b(Model|Data|Sft|Grpo|Evaluate|Lora|Tiny|Source|Columns)\b", "a section", said)


def _default(value: Any) -> str:
    """Write a default; a section stands for its own table."""
    if value is None or value in ((), {}):
        return "–"
    if hasattr(type(value), "model_fields"):
        return "its defaults"
    return ", ".join(map(code, value)) if isinstance(value, tuple) else code(str(value))


def _policy_meanings() -> dict[str, str]:
    from plaudit.answers import Policy

    entry = re.compile(r"^\s*- `(\w+)`: (.*?)(?=^\s*- `|^\s*$)", re.MULTILINE | re.DOTALL)
    return {name: " ".join(said.split()) for name, said in entry.findall(Policy.__doc__ or "")}


@cache
def _tests(path: str) -> Any:
    """Import a file of tests for the tables in it."""
    spec = importlib.util.spec_from_file_location(f"tables_of_{Path(path).stem}", TESTS / path)
    if spec is None or spec.loader is None:
        raise FileNotFoundError(TESTS / path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def main() -> int:
    """Write, or with `--check` only compare."""
    check = "--check" in sys.argv[1:]
    drifted = []
    for page in pages():
        before = page.read_text(encoding="utf-8")
        after = rewritten(before)
        if after != before:
            drifted.append(page)
            if not check:
                page.write_text(after, encoding="utf-8")
    for page in drifted:
        print(f"{'drifted' if check else 'written'}: {page.relative_to(DOCS.parent)}")
    return int(check and bool(drifted))


if __name__ == "__main__":
    sys.exit(main())
