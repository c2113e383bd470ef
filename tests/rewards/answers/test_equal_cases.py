"""What counts as equal and what does not, by example."""

import re

import pytest

from plaudit.answers import equal

EQUAL = {
    "numbers": [
        ("0.5", r"\frac12"),
        ("1/2", "0.50"),
        (r"\frac{3}{6}", "1/2"),
        ("2 1/2", "5/2"),
        (r"2\frac{1}{2}", "2.5"),
        ("-2 1/2", "-2.5"),
        ("1,234", "1234"),
        (r"1{,}234", "1234"),
        (r"1,\!234", "1234"),
        (r"1\,234", "1234"),
        ("1 234", "1234"),
        ("1.5e3", "1500"),
        (r"1.5 \times 10^3", "1500"),
        (r"1.5 \cdot 10^{3}", "1500"),
        ("042", "42"),
        ("42.", "42"),
        ("42.0", "42"),
        ("-.5", "-1/2"),
        ("+7", "7"),
        ("−7", "-7"),
        ("３／４", "0.75"),
        ("½", "0.5"),
        ("2½", "2.5"),
        ("2/(-3)", "-2/3"),
        ("$1,234.50", "1234.5"),
        (r"\$6", "6"),
        ("12", "twelve"),
        ("2^{10}", "1024"),
        ("2**10", "1024"),
        ("10!", "3628800"),
        (r"\binom{5}{2}", "10"),
        (r"\sqrt{16}", "4"),
        (r"\sqrt[3]{-8}", "-2"),
        (r"\log_{10} 100", "2"),
        (r"\lfloor 2.7 \rfloor", "2"),
        (r"0.\overline{3}", r"\frac13"),
        (r"1.2\overline{45}", r"\frac{137}{110}"),
        (r"7 \bmod 4", "3"),
        ("52_{8}", "52_8"),
        ("1011", "1011_2"),
        (r"\sum_{k=1}^{10} k", "55"),
        ("100,200", "100, 200"),
        ("1.22", "1,22"),
    ],
    "percent": [("50%", "0.5"), ("50%", "50"), (r"50\%", "50 percent"), ("33.5 pct", "0.335"), (r"\frac12\%", "0.005")],
    "units and degrees": [
        ("5 cm", "5"),
        (r"5\text{ cm}", "5 cm"),
        ("50 mm", "5 cm"),
        ("64", "64 square feet"),
        (r"15\mbox{ cm}^2", r"15 \text{ cm}^2"),
        ("2 hours", "120 minutes"),
        ("18 apples", "18"),
        ("15", "15th day"),
        ("44", r"44^{\circ}"),
        ("30°", r"\frac{\pi}{6}"),
        (r"\angle APC = 74^\circ", r"74^\circ"),
        ("5 meters per second", r"5\text{ m/s}"),
    ],
    "formulas": [
        (r"\sqrt{8}", r"2\sqrt{2}"),
        (r"\frac{1}{\sqrt2}", r"\frac{\sqrt{2}}{2}"),
        (r"5\cdot 2^{2/3}", r"5\sqrt[3]{4}"),
        (r"e^{i\pi}", "-1"),
        ("(x+1)^2", "x^2+2x+1"),
        (r"\sin^2 x + \cos^2 x", "1"),
        (r"\sec^2(y)", r"\tan^2(y)+1"),
        ("x²+1", "x^2 + 1"),
        (r"\frac{1}{\sqrt{n}}", r"\sqrt{1/n}"),
        (r"\tan^{-1} x", r"\arctan x"),
        ("2√5", r"2\sqrt 5"),
        ("|x-1|", "|1-x|"),
        (r"\left(ab\right)^{x(c+d)}", "(ab)^{xc+xd}"),
        ("2^{k - n}", "2^{k-n}"),
        (r"\frac{d!}{k(d-2)!}", r"\frac{d(d-1)}{k}"),
        ("1+2i", "2i+1"),
        ("(-1)^n", r"\cos(n\pi)"),
        (r"\ln(ab)", r"\ln a + \ln b"),
        (r"\frac{\pi}{8}+\frac12", "0.5+π/8"),
    ],
    "labels": [
        ("x=5", "5"),
        ("5", "x = 5"),
        ("f(x)=x^2", "x^2"),
        ("f(m)=2m+1", "f(n)=2n+1"),
        ("y=x+3", "f(x)=x+3"),
        (r"x \in [1,2]", "[1,2]"),
        ("T(10)=2, T(11)=4", "2,4"),
        ("a=3, b=4", "3, 4"),
        ("Minimum: 1, Maximum: 3", "1, 3"),
        ("z = 3+3 = 6", "6"),
        ("1:2", "1/2"),
        (r"\frac{\sqrt3}{3} \approx 0.577", r"\frac{\sqrt3}{3}"),
        ("b=2, a=1", "a=1, b=2"),
        ("x(t) = 2t", "2t"),
    ],
    "lists, tuples, sets": [
        ("2, 1", "1, 2"),
        ("1 and 2", "1, 2"),
        (r"5 \text{ and } 15", "5,15"),
        (r"\{2, 1\}", r"\{1, 2\}"),
        (r"\{1,2\}", "1,2"),
        (r"(3, \frac{\pi}{2})", r"\left( 3, \frac{\pi}{2} \right)"),
        (r"1 \pm \sqrt{2}", r"1+\sqrt{2}, 1-\sqrt{2}"),
        (r"\pm 3", "3,-3"),
        (r"(\pm 1, \pm 2)", "(1,2),(1,-2),(-1,2),(-1,-2)"),
        (r"\{1,2,3,4\}", r"\{1,3\} \cup \{2,4\}"),
        ("(1,2),(3,4),(1,2)", "(1,2),(3,4)"),
        (r"\begin{pmatrix}1&2\\3&4\end{pmatrix}", r"\begin{bmatrix} 1 & 2 \\ 3 & 4 \\ \end{bmatrix}"),
        (r"\langle 1,2 \rangle", "(1,2)"),
        (r"\begin{pmatrix} 0.2 \\ -3.6 \end{pmatrix}", r"\begin{pmatrix} 1/5 \\ -18/5 \end{pmatrix}"),
    ],
    "the real line": [
        ("(0, 1)", "0 < x < 1"),
        ("x<2", "2>x"),
        (r"[0, \infty)", r"a \geq 0"),
        (r"\mathbb{R}", r"(-\infty,\infty)"),
        ("all real numbers", "ℝ"),
        (r"(-\infty,-2] \cup \{1\}", r"a \le -2 \text{ or } a = 1"),
        (r"[-\frac32,-1] \cup [1,\frac32]", r"1 \le |z| \le \frac32"),
        (r"(-\infty,-6) \cup (-6,\frac32)", r"\{x | x < \frac{3}{2}\} - \{-6\}"),
        (r"-x \ge -1", r"x \le 1"),
        ("b, a, d, c", "b < a < d < c"),
        (r"x \ne 3", r"(-\infty,3) \cup (3,\infty)"),
        (r"[1,2] \cup [2,3]", "[1,3]"),
        ("≥5", r"x \ge 5"),
        (r"(k\pi, k\pi+\frac12) \cup (3,4)", r"(\pi k, 0.5+k\pi) \cup (3,4)"),
        ("(20,30)", "$20<P<30$"),
    ],
    "equations": [
        ("4x-2y+2=0", "y=2x+1"),
        (r"x^2/16 + y^2/12 = 1/4", "x^2/4+y^2/3=1"),
        ("6/x", "xy = 6"),
        ("x=2", "2=x"),
        ("y-1=2(x-3)", "y=2x-5"),
        ("-34x-45y+20z-100=0", "34x+45y-20z+100=0"),
    ],
    "constants": [(r"n\pi", r"x = k\pi"), ("2cx + 1", "2Cx + 1"), (r"\frac{\pi}{6}+n\pi", r"\frac{\pi}{6}+k\pi")],
    "choices, times, words": [
        (r"\textbf{(B)}", "B"),
        ("B. 42", "B"),
        ("option B", "(B)"),
        (r"\text{(C)}", "C"),
        ("4:30 p.m.", r"\text{4:30 p.m.}"),
        ("January 5, 2024", "2024-01-05"),
        ("Even", r"\text{even}"),
        ("the lake", "lake"),
        (r"\infty", r"\text{infinitely many}"),
        (r"$\text{Evelyn}$", "Evelyn"),
        (r"\mathrm{e}", "e"),
        (r"\text{E}", "E"),
    ],
    "boxes": [
        (r"\boxed{7}", "7"),
        ("**(7, 8)**", "(7,8)"),
        ("7", r"so \boxed{7} it is"),
        (r"\boxed{1} and \boxed{2}", "1,2"),
        (r"\fbox{7}", "7"),
        (r"\boxed{\boxed{7}}", "7"),
    ],
    "decimals": [
        ("1.4142135623730951", r"\sqrt{2}"),
        (r"17+10\sqrt6", "41.494"),
        ("0.57735", "0.577"),
        (r"\sqrt2-1", r"41.4\%"),
    ],
}

DIFFERENT = {
    "numbers": [
        ("43", "42"),
        ("-42", "42"),
        ("420", "42"),
        ("42.01", "42"),
        ("1/3", "3/1"),
        ("0.33", r"\frac13"),
        ("3.14", r"\pi"),
        ("0/0", "0"),
        ("nan", "0"),
        ("100000000001", "100000000000"),
        ("123456789012345678901", "123456789012345678900"),
        ("6,71", "6710"),
        ("10^{-30}", "10^{-31}"),
        ("1/2006!", "1/2004!"),
        ("10^{10^{10}}+1", "10^{10^{10}}"),
        ("2^{98}", "2^{99}"),
        ("2", "2.0000001"),
        (r"1+10^{-400}", "1"),
        ("1+e^{-1000}", "1"),
        (r"\frac{2^{2005}+1}{3\cdot 2^{2006}}", r"\frac{1}{3\cdot 2^{2006}}"),
        ("1011_3", "1011_2"),
        ("1e999999", "1e999998"),
        ("2 1/4", "1"),
        ("32, 349", "32349"),
        ("12.54", "12.5"),
        ("5", "5.001"),
        (r"\frac{2501}{200}", "12.50"),
        ("0.3", r"0.\overline{3}"),
    ],
    "signs and forms": [
        (r"-\infty", r"\infty"),
        (r"1+\frac1e", r"1-\frac1e"),
        (r"4\sqrt(2)", "4"),
        ("(x+1)^2", "x^2+2x+2"),
        ("n(n-1)/2", r"\frac{n^2+n}{2}"),
        ("x", "y"),
        ("x^2", "y^2"),
        ("x+1", "x+2n+1"),
        (r"\ln x", "x"),
        (r"\sqrt{x^2}", "x"),
        ("2i", "-2i"),
        (r"\bar{z}", "z"),
        (r"7 \square -3", r"7 \square 3"),
        (r"a \oplus B", r"a \oplus b"),
        (r"2n\pi", r"k\pi"),
        ("E*2", "E"),
    ],
    "labels": [
        ("x=5", "y=5"),
        ("11a+c", "7=11a+c"),
        ("0", "a+3z=0"),
        ("5=6", "6"),
        ("y=2x+2", "2x+1"),
        ("x=1000, y=10", "10, 1000"),
        ("n+1", "N=n"),
    ],
    "lists": [
        ("1, 2, 3", "1, 2"),
        ("1", "1, 2"),
        ("(2,1)", "(1,2)"),
        (r"\{1,2\}", "(1,2)"),
        ("1,2", "[1,2]"),
        ("1, 1, 2", "1, 2"),
        ("n=1,2,3", "n=2,3,4"),
        ("1,3,5,\\ldots,2n-1", "1,2,\\ldots,n"),
        (r"\begin{pmatrix}1&2\end{pmatrix}", r"\begin{pmatrix}1\\2\end{pmatrix}"),
        (r"\pm 2021", "2021"),
        ("2021", r"\pm 2021"),
        ("(1,2,0)", "(1,2)"),
    ],
    "the real line": [
        ("[1,2]", "[1,2)"),
        ("(1,2)", "[1,2]"),
        ("(0,2)", "(0,1)"),
        ("x<5", "x>5"),
        (r"(0,1) \cup (2,3)", "29"),
        ("29", r"(0,1) \cup (2,3)"),
        (r"(k\pi, k\pi+1) \cup (3,4)", r"(k\pi, k\pi+2) \cup (3,4)"),
        ("x<5", "y<5"),
        ("5 < x", "x > 4"),
        (r"[0,\infty)", "a > 0"),
        (r"(-\infty,\infty)", "5"),
        ("a<b<c<d", "b<a<d<c"),
        (r"(-\infty,5)\cup(5,\infty)", r"(-\infty,-5]\cup[5,\infty)"),
    ],
    "equations": [
        ("3x+4y+14=0", "3x-y+13=0"),
        ("y=2x+2", "y=2x+1"),
        (r"\frac{6}{x+1}", "xy=6"),
        (r"\sqrt{x}", "y^2=x"),
    ],
    "left undone": [
        (r"\int_0^1 x^2 dx", "1/3"),
        (r"\int x^2 dx", "x^3/3"),
        (r"\lim_{x \to 0} \frac{\sin x}{x}", "1"),
        (r"\sum_{n=1}^{\infty} \frac{1}{n^2}", r"\frac{\pi^2}{6}"),
        (r"\prod_{k=1}^{10^9} k", "7"),
        (r"x = \int_0^1 2t dt", "1"),
        (r"\left(\int_0^1 2t dt, 2\right)", "(1, 2)"),
    ],
    "units and times": [
        ("5 cm", "5 m"),
        ("15 days", r"15^\circ"),
        ("18 boys", "18 girls"),
        ("1:00", "12:00"),
        ("4:30 a.m.", "4:30 p.m."),
        ("5%", "50%"),
        ("42", "44^\\circ"),
    ],
    "choices and words": [
        ("C", "B"),
        ("B or C", "B"),
        ("B. C", "B"),
        ("odd", r"\text{oddd}"),
        ("Carla", "Evelyn"),
        (r"\text{E}", "d"),
        ("AZYUK2A", "2"),
    ],
    "hedges": [
        ("not 42", "42"),
        ("42 or 43", "42"),
        ("42 or 43", "43"),
        (r"6 \text{ (not 5)}", "5"),
        (r"42 \text{ is wrong}", "42"),
        ("maybe 42", "42"),
        (r"\boxed{7} I mean \boxed{8}", "7"),
        (r"definitely not \boxed{42}", "42"),
        (r"\boxed{1} or \boxed{2}", "1"),
        ("same as the gold", "same"),
        ("at least 5", "5"),
        (r"\ne 5", "5"),
        ("1, 2, 3, 4, 5", "3"),
        (r"\{1,2,3\}", "2"),
        ("", "7"),
        ("?", "7"),
        ("}", "7"),
        ("None", "7"),
        (r"\text{}", "7"),
    ],
}


def _pairs(table):
    return [
        pytest.param(*pair, id=f"{topic}: {pair[0]} | {pair[1]}") for topic, pairs in table.items() for pair in pairs
    ]


@pytest.mark.parametrize(("prediction", "gold"), _pairs(EQUAL))
def test_equal(prediction, gold):
    verdict = equal(prediction, gold)
    assert verdict.equal is True, verdict.how


@pytest.mark.parametrize(("prediction", "gold"), _pairs(DIFFERENT))
def test_different_is_refused_outright(prediction, gold):
    verdict = equal(prediction, gold)
    assert verdict.equal is False, verdict.how


@pytest.mark.parametrize("gold", ["", "   ", r"\boxed{}", "$$", "{}", "\x00", r"\boxed{12", "-" * 30_000])
def test_unreadable_gold_is_told_apart_from_a_wrong_prediction(gold):
    verdict = equal("42", gold)
    assert (verdict.equal, verdict.gold_readable) == (None, False)


_WHAT_IS_LEFT = ("integral", "integral", "limit", "sum", "product", "integral", "integral")


@pytest.mark.parametrize(("what", "pair"), list(zip(_WHAT_IS_LEFT, DIFFERENT["left undone"], strict=True)))
def test_what_is_left_undone_is_named(what, pair):
    assert re.match(f"unfinished: the prediction leaves an? (long )?{what} to be worked out", equal(*pair).how)


def test_verdict_says_which_rule_settled_it():
    assert equal("42", "42").how == "text: identical"
    assert equal("42", "43").how.startswith("number:")
    assert equal("not 42", "42").how.startswith("hedge:")
    assert equal("42", "42").seconds >= 0
