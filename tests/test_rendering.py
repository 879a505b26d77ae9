"""Text with math becomes safe HTML, whatever the text."""

import re
import time

import pytest
from django.utils.html import escape
from hypothesis import given, settings
from hypothesis import strategies as st

from papers.rendering import MATH_ATTRIBUTES, MATH_TAGS, render_formulas, single_line

TAG = re.compile(r"<(/?)([a-zA-Z]+)([^<>]*)>")


def check_safe(text):
    """Nothing but MathML is there, and nothing that reaches out of it."""
    rest = TAG.sub("", text)
    assert "<" not in rest
    for _, tag, attributes in TAG.findall(text):
        assert tag in MATH_TAGS
        assert set(re.findall(r'([\w-]+)="', attributes)) <= MATH_ATTRIBUTES


@pytest.mark.parametrize("formula", ["$x^2$", r"\(x^2\)", "$$x^2$$", r"\[x^2\]"])
def test_math_becomes_mathml(formula):
    html = render_formulas(f"Take {formula}, then.")
    power = "<msup><mi>x</mi><mn>2</mn></msup>"
    kind = "block" if formula.startswith(("$$", r"\[")) else "inline"
    assert html == f'Take <math display="{kind}">{power}</math>, then.'
    assert 'display="inline"' in render_formulas(formula, in_line=True)


@pytest.mark.parametrize(
    "text",
    [
        "It costs $5 and $10.",
        "From $5-$10 to US$20",
        "A lone $ sign",
        r"An escaped \$x\$ sign",
        "mathcal{O}(n^2) without dollars",
        r"\mathcal{O}(n^2) without dollars",
        "$ x $ with spaces",
        "export PATH=$HOME/bin:$PATH",
        "$(pwd)/$(whoami)",
        "cp '$A_B' '$C_D'",
        "export PATH=$HOME/.local/bin:$MY_DIR/a:$PATH:/usr",
        "${HOME}/bin:${PATH} and $(pwd)/x:$PATH",
        "$A:$B",
        "for i in $a/$b",
        "$5k to $6k, or $5 million to $10 million",
        "US$5-US$10",
        "5$ and 10$",
        "$$",
        "$$$$",
        "$\n$",
        "",
    ],
)
def test_what_is_no_formula_stays_text(text):
    assert render_formulas(text) == escape(text)


@pytest.mark.parametrize(
    ("text", "formulas"),
    [
        ("G107.7$-$5.1 and G150.3$+$4.5, each spanning nearly three", ["−", "+"]),
        ("costs $5 but $x$ is free", ["x"]),
        ("$5-$10 for each of the $n$ users", ["n"]),
        ("a $2$-form on $3$-folds", ["2", "3"]),
        ("at $10^{5}$K, $T=5$ and $4$", ["10", "T", "4"]),
        (r"$x \text{ for all of them } y$", ["x"]),
        (r"$\alpha$, with a price of $ 3", ["α"]),
        (r"the $\Lambda$CDM model, $^{13}$C, $k$NN and $3$D", ["Λ", "13", "k", "3"]),
        ("export PATH=$HOME/bin:$PATH, where $x$ is 1", ["x"]),
    ],
)
def test_dollars_are_paired_as_a_reader_pairs_them(text, formulas):
    html = render_formulas(text)
    found = re.findall(r"<math.*?</math>", html)
    assert [TAG.sub(" ", one).split()[0] for one in found] == formulas


@pytest.mark.parametrize(
    "formula",
    [
        r"$\unknowncommand{x}$",
        r"$\frac{1}$",
        r"$x^$",
        r"$\left( x$",
        r"$x^a^b$",
        r"$a & b$",
        r"$\begin{matrix} a$",
        r"$\newcommand{\a}{x}\a$",
        r"$\def\a{x}\a$",
        "$" + "{" * 300 + "x" + "}" * 300 + "$",
        "$" + r"\sqrt" * 300 + "x$",
        "$" + "x" * 2001 + "$",
    ],
)
def test_a_formula_that_cannot_be_read_stays_as_it_was_written(formula):
    assert render_formulas(f"See {formula}.") == f"See {formula}.".replace("&", "&amp;")


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "$x$ <img src=x onerror=alert(1)>",
        r"$\text{<script>alert(1)</script>}$",
        r"$\text{</mtext></math><img src=x onerror=alert(1)>}$",
        r"$\text{&lt;script&gt;}$",
        r"$\text{&#x3C;script&#x3E;}$",
        r"$\href{javascript:alert(1)}{x}$",
        r"$\style{position:fixed}{x}$",
        r"$\class{button}{x}$",
        r"$\color{red}{x}$",
        r"$\verb|<style>*{display:none}</style>|$",
        r"$\text{&#xD800;}$",
        r"$\rule{1000em}{1000em}$",
        r"$\operatorname{<b>}$",
        r"$<annotation-xml encoding='text/html'><b>x</b></annotation-xml>$",
    ],
)
def test_nothing_gets_out_of_the_text(text):
    html = render_formulas(text)
    check_safe(html)


def test_what_a_person_wrote_is_what_is_shown():
    assert render_formulas(r"$\text{<b>}$ & <b>").count("&lt;b&gt;") == 2


def test_arrays_and_alignments():
    html = render_formulas(r"$$\begin{aligned} a &= b \\ c &= d \end{aligned}$$")
    assert html.count("<mtr>") == 2
    assert html.count("<mtd") == 4


def test_only_so_many_formulas_are_read():
    assert render_formulas(f"${'x' * 1000}$ " * 30).count("<math") == 19
    html = render_formulas("$x$ " * 300)
    assert html.count("<math") == 200
    assert html.count("$x$") == 100


@pytest.mark.parametrize(
    "text",
    [
        "$" * 20_000,
        "$x" * 20_000,
        r"\(" * 20_000,
        r"\(x" * 20_000 + r"\)",
        "$a" + "\\" * 20_001 + "$",
        ("$" + "'" * 1990 + "$ ") * 100,
        ("$" + r"\left(" * 300 + "$ ") * 100,
        ("$" + "{" * 900 + "}" * 900 + "$ ") * 100,
    ],
)
def test_no_text_takes_long(text):
    start = time.process_time()
    render_formulas(text)
    assert time.process_time() - start < 3


PIECES = st.sampled_from(
    ["$", "$$", r"\(", r"\)", r"\frac", r"\text", r"\left", r"\right", r"\begin{matrix}", "{", "}"]
    + [r"\end{matrix}", "&", r"\\", "<b>", "</math>", "^", "_", "x", "1", "'", r"\sqrt", "[", "]"]
    + [r"\mathbb", r"\color", r"\not", r"\over", "&lt;", "&#x3C;", "%", " ", "\n", "\0", "é", "🙂"]
)


@settings(max_examples=400, deadline=None)
@given(st.lists(PIECES, max_size=25).map("".join))
def test_any_text_is_safe(text):
    check_safe(render_formulas(text))


@settings(max_examples=200, deadline=None)
@given(st.lists(PIECES, max_size=25).map("".join))
def test_any_formula_is_safe(text):
    check_safe(render_formulas(f"${text}$"))


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("  On\ttides\r\nand   the moon\n", "On tides and the moon"),
        ("a\x00b\x1bc\x7fd\x85e\x9ff\u2028g\u2029h\ud800i\uffffj", "a b c d e f g h i j"),
        ("caf\u0065\u0301 \u200d 数学", "caf\u0065\u0301 \u200d 数学"),
    ],
)
def test_a_single_line_holds_no_control_character_and_all_else(text, line):
    assert single_line(text) == line


def test_a_single_line_is_cut_where_it_is_too_long():
    assert single_line("x" * 20, 10) == "x" * 9 + "…"
    assert single_line("x\n" * 5, 10) == "x x x x x"
