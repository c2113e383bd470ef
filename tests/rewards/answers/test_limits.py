"""Costly and dishonest texts: caps hold, nothing is run, cost is linear."""

import builtins
import subprocess
import sys
import textwrap
import time

import pytest

from plaudit.answers import equal, extract, number, symbolic

COSTLY = [
    "9^{9^{9^{9}}}",
    "9**9**9**9",
    "(10^{9})!",
    "((((9!)!)!)!)!",
    r"\binom{10^{9}}{5 \cdot 10^{8}}",
    r"\Gamma(10^{9})",
    "2^{2^{2^{2^{2^{2}}}}}",
    r"\sum_{k=1}^{10^{9}} k",
    r"\prod_{k=1}^{10^{9}} k",
    r"e^{e^{e^{e^{9}}}}",
    "(x+y+z+w+1)^{5000}",
    r"\gcd(10^{10^{9}}, 6)",
    r"3^{10^{18}} \bmod 1000007",
    r"\sqrt[10^{9}]{10^{10^{9}}+1}",
    r"\int_0^1 \sin(\tan(x^x))^{x!} dx",
    "0." + "3" * 3000,
    "9" * 3900,
    "(" * 2000 + "7" + ")" * 1000,
    "-" * 3999 + "7",
    "\\frac{1}{1+" * 300 + "1" + "}" * 300,
    "\\sqrt" * 700 + "2",
    "x+" * 1900 + "x",
    "{" * 3000,
    "1," * 1900 + "1",
    "|" * 3999,
    "x^" * 1900 + "x",
    "f(" * 900,
    r"\pm1" * 900,
    r"\begin{pmatrix}" + r"1&2\\" * 700 + r"\end{pmatrix}",
    r"\text{" * 600,
    "1<" * 1900 + "1",
    r"(0,1)\cup" * 400 + "(0,1)",
    "\\{" * 1900,
    "sin" * 1300,
    "2 1/2 " * 600,
    "(1,2)," * 600,
    r"\pm x," * 500,
    "[" * 50 + "1,2" + "]" * 50,
    r"\sum_{k=1}^{2000} \sum_{j=1}^{2000} \sum_{i=1}^{2000} ijk",
    "+".join([r"\sum_{k=1}^{2000} \frac{1}{k}"] * 60),
    r"\sum_{k=1}^{2000} (" + "+".join(["k!"] * 300) + ")",
]


@pytest.mark.parametrize("text", COSTLY, ids=lambda text: text[:24])
@pytest.mark.parametrize("gold", ["7", r"\frac{\pi}{3}", "x^2+1", "1, 2", r"(-\infty, 3]"])
def test_costly_texts_are_refused_quickly(text, gold):
    start = time.process_time()
    assert equal(text, gold).equal is False
    # generous: what this closes takes seconds to years
    assert time.process_time() - start < 1


@pytest.mark.parametrize(
    "unit",
    [
        "\\boxed{",
        "\\(",
        "$",
        "#### ",
        "<think>",
        "answer is ",
        "1,234,",
        "(1, ",
        " ",
        "\n",
        "{",
        "</answer>",
        "\\boxed{1}, ",
    ],
)
def test_a_megabyte_of_anything_costs_no_more_than_a_scan(unit):
    text = unit * (1_000_000 // len(unit))
    start = time.process_time()
    extract(text)
    extract(text + "\\boxed{7}")
    assert equal(text, "7").equal is False
    assert time.process_time() - start < 2
    assert equal("7", "7").equal is True


HIGH = [
    "5" + "!" * 999,
    "2^" * 500,
    "2^-" * 330 + "1",
    "1/" * 600 + "1",
    r"\frac" * 300,
    r"\sin" + "x" * 900,
    "f" + "'" * 999,
]


@pytest.mark.parametrize("text", HIGH, ids=lambda text: text[:6])
@pytest.mark.parametrize("judge", [number, lambda text: equal(text, "7"), lambda text: equal("7", text)])
def test_a_formula_that_is_high_without_brackets_raises_nothing(text, judge):
    found = judge(text)
    assert not getattr(found, "equal", found)


def test_sums_within_the_budget_have_a_value():
    assert equal(r"\sum_{k=1}^{2000} \frac{1}{k(k+1)}", r"\frac{2000}{2001}").equal is True
    assert equal(r"\sum_{i=1}^{40} \sum_{j=1}^{40} ij", "672400").equal is True


PAYLOADS = [
    "__import__('os').system('touch {canary}')",
    "open('{canary}','w').write('x')",
    r"\pi + 0*__import__('os').system('touch {canary}')",
    "[[1,2],[3,__import__('os').system('touch {canary}')]]",
    "exec(\"open('{canary}','w')\")",
    "(lambda: open('{canary}','w'))()",
    "x.__class__.__mro__[-1].__subclasses__()",
    r"\sum_{k=1}^{n} __import__('os').system('touch {canary}')",
    "eval('1+1')",
    "1 if open('{canary}','w') else 2",
]


@pytest.mark.parametrize("payload", PAYLOADS, ids=lambda text: text[:24])
def test_no_model_text_reaches_the_interpreter(payload, tmp_path, monkeypatch):
    canary = tmp_path / "canary"

    def refuse(*arguments, **options):
        raise AssertionError(f"code was about to run: {arguments[:1]!r}")

    text = payload.replace("{canary}", str(canary))
    equal("1", "1")
    with monkeypatch.context() as patch:
        for name in ("eval", "exec", "compile"):
            patch.setattr(builtins, name, refuse)
        for gold in ("7", "2", r"\begin{pmatrix}1&2\\3&4\end{pmatrix}", r"\sum_{k=1}^{n} k", r"\int_0^1 x dx"):
            verdict = equal(text, gold)
            extract(f"so \\boxed{{{text}}}")
    assert verdict.equal is not True
    assert not canary.exists()


def test_in_the_engines_child_model_text_reaches_no_parser_and_no_interpreter():
    """The real child, with eval, exec, compile, sympify and parse_expr made to fail on a name that a model chose."""
    script = textwrap.dedent(
        """
        import builtins, importlib.util, io, json, sys
        spec = importlib.util.spec_from_file_location("worker", sys.argv[1])
        worker = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(worker)
        import sympy, sympy.parsing.sympy_parser
        MARK = "model_wrote_this"

        def poisoned(name, function):
            def refuse(first, *arguments, **options):
                if isinstance(first, str | bytes) and MARK in str(first):
                    raise AssertionError(f"{name} got {first!r}")
                return function(first, *arguments, **options)
            return refuse

        for name in ("eval", "exec", "compile"):
            setattr(builtins, name, poisoned(name, getattr(builtins, name)))
        for name in ("sympify", "_sympify", "parse_expr"):
            home = "sympy.parsing.sympy_parser" if name == "parse_expr" else "sympy.core.sympify"
            function = getattr(sys.modules[home], name)
            for module in [module for key, module in sys.modules.items() if key.startswith("sympy")]:
                for alias, value in list(vars(module).items()):
                    if value is function:
                        setattr(module, alias, poisoned(name, function))
        try:
            sympy.sympify(MARK + "+1")
        except AssertionError:
            pass
        else:
            raise SystemExit("the poison does not work")

        payload = f"__import__('os').abort() or {MARK}"
        name, two = ["sym", payload, []], ["num", ["2", "1"], []]
        applied = ["apply", payload, [name]]
        total = ["add", None, [["pow", None, [name, two]], applied, ["big", ["int", payload], [name, two, name]]]]
        nothing_known = [[["call", payload, [two]], two], [[payload, payload, [two]], two]]
        cases = [[name, two], [applied, two], [total, two], [total, total], *nothing_known]
        sys.stdin = io.StringIO("".join(json.dumps(case) + "\\n" for case in cases))
        sys.stdout = said = io.StringIO()
        worker.main()
        answers = said.getvalue().split()
        assert len(answers) == 1 + len(cases), answers
        assert answers[:2] == ["ready", "different"], answers
        assert answers[4:] == ["equal", "unknown", "unknown"], answers
        """
    )
    subprocess.run(
        [sys.executable, "-I", "-c", script, symbolic.__file__.replace("symbolic.py", "symbolic_worker.py")],
        check=True,
        timeout=60,
    )


def test_the_engines_child_builds_from_trees_and_parses_no_text():
    """In the child, sympy's parser sees none of our names, whatever they look like."""
    script = textwrap.dedent(
        """
        import importlib.util, sys
        spec = importlib.util.spec_from_file_location("worker", sys.argv[1])
        worker = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(worker)
        import sympy, sympy.parsing.sympy_parser as parser
        parsed, parse = [], parser.parse_expr
        def watch(text, *arguments, **options):
            parsed.append(text)  # sympy parses names of its own while it loads
            return parse(text, *arguments, **options)
        parser.parse_expr = sympy.parse_expr = watch
        number, x = ["num", ["1", "3"], []], ["sym", "x", []]
        square = ["pow", None, [x, ["num", ["2", "1"], []]]]
        integral = ["big", ["int", "x"], [square, ["num", ["0", "1"], []], ["num", ["1", "1"], []]]]
        assert worker.judge(number, integral) == "equal"
        assert worker.judge(x, integral) == "different"
        assert worker.judge(["sym", "__import__('os').abort()", []], integral) == "different"
        assert not [text for text in parsed if not text.isidentifier()], parsed
        """
    )
    subprocess.run(
        [sys.executable, "-I", "-c", script, symbolic.__file__.replace("symbolic.py", "symbolic_worker.py")],
        check=True,
        timeout=60,
    )


def test_importing_and_grading_never_imports_sympy():
    script = (
        "import sys; from plaudit.answers import equal; equal('x^2+1', '(x+1)^2'); sys.exit('sympy' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", script], check=True, timeout=60)


def test_a_product_over_the_cap_of_parts_under_it_is_compared_and_raises_nothing():
    product = r"10^{9000} \cdot 10^{9000} \cdot (10^{9000}+1)"
    assert equal(product, r"10^{9000} \cdot 10^{9000} \cdot 10^{9000}").equal is False
    assert equal(product, rf"{product} \cdot 1").equal is True
