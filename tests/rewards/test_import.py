"""What `import plaudit` and the program's start must not drag in."""

import subprocess
import sys

import pytest

HEAVY = {
    "torch",
    "transformers",
    "trl",
    "peft",
    "sympy",
    "numpy",
    "pydantic",
    "matplotlib",
    "jinja2",
    "hypothesis",
    "flint",
    "yaml",
}

STARTS = {
    "the library": "import plaudit",
    "the list of rewards": "import plaudit; plaudit.available()",
    "the program's help": "from plaudit.cli import program; program.main(['--help'], standalone_mode=False)",
    "the trainer package": "import plaudit_trainer",
}


@pytest.mark.parametrize("code", STARTS.values(), ids=STARTS)
def test_start_up_drags_in_nothing_heavy(code):
    probe = f"{code}\nimport sys; print('\\n' + ' '.join({{name.split('.')[0] for name in sys.modules}}))"
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
    assert HEAVY & set(done.stdout.splitlines()[-1].split()) == set()


def test_scoring_by_mathematics_never_imports_sympy_here():
    rows = r"completions=['\\boxed{x+1}', '\\boxed{\\sin^2 x+\\cos^2 x}'], answer=['1+x', '1']"
    code = f"import plaudit, sys; print(plaudit.load('math-equal')({rows}), 'sympy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[1.0, 1.0] False"
