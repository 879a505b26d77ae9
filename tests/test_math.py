"""Formulas show what LaTeX shows; a formula that cannot be shown right stays as written."""

import re
from xml.etree import ElementTree

import pytest

from papers.rendering import render_formulas, render_markdown
from papers.rendering.mathml import to_mathml

SPACES = re.compile(r"\s+")


def seen(element):
    """MathML in one line, its structures in signs: ``x_{i}^{2}``, ``(a)/(b)``, ``[a, b; c, d]``."""
    parts = [seen(child) for child in element]
    match element.tag, parts:
        case "mfrac", [top, bottom]:
            return f"({top})/({bottom})"
        case (("msub" | "munder"), [base, low]):
            return f"{base}_{{{low}}}"
        case (("msup" | "mover"), [base, high]):
            return f"{base}^{{{high}}}"
        case (("msubsup" | "munderover"), [base, low, high]):
            return f"{base}_{{{low}}}^{{{high}}}"
        case "msqrt", _:
            return f"√({''.join(parts)})"
        case "mroot", [base, degree]:
            return f"{degree}√({base})"
        case "mtable", _:
            return f"[{'; '.join(parts)}]"
        case "mtr", _:
            return ", ".join(parts)
        case "mphantom", _:
            return ""
        case "mspace", _:
            return " " if element.get("width", "0em") != "0em" else ""
    return (element.text or "").replace("\u2063", "") + "".join(parts)


# What each construct of papers must show.
# fmt: off
SHOWN = [
    (r"x", "x"),
    (r"x^2", "x^{2}"),
    (r"x_i", "x_{i}"),
    (r"x_i^2", "x_{i}^{2}"),
    (r"{x_i}^2", "x_{i}^{2}"),
    (r"x^{y^{z}}", "x^{y^{z}}"),
    (r"x_{i_j}", "x_{i_{j}}"),
    (r"x'", "x^{′}"),
    (r"f''(x)", "f^{″}(x)"),
    (r"x'^2", "x^{′2}"),
    (r"x'_i", "x_{i}^{′}"),
    (r"x^\prime", "x^{′}"),
    (r"{}_a^b X", "_{a}^{b}X"),
    (r"3.14", "3.14"),
    (r"1{,}000", "1,000"),
    (r"-1", "−1"),
    (r"a+b-c", "a+b−c"),
    (r"a = -b", "a=−b"),
    (r"O(n\log n)", "O(nlogn)"),
    (r"50\%", "50%"),
    (r"50%", "50%"),
    (r"\$5", "$5"),
    (r"\# \_ \&", "#_&"),
    (r"\{a\}", "{a}"),
    (r"a < b > c", "a<b>c"),
    (r"\alpha\beta\gamma\omega", "αβγω"),
    (r"\Gamma\Delta\Omega", "ΓΔΩ"),
    (r"\epsilon\varepsilon", "ϵε"),
    (r"\phi\varphi", "ϕφ"),
    (r"\vartheta\varrho\varsigma\varpi", "ϑϱςϖ"),
    (r"\ell\hbar\Re\Im\aleph", "ℓℏℜℑℵ"),
    (r"\partial\nabla\infty", "∂∇∞"),
    (r"\emptyset\varnothing", "∅∅"),
    (r"\forall\exists\nexists", "∀∃∄"),
    (r"\imath\jmath", "ıȷ"),
    (r"\mathbf{x}", "𝐱"),
    (r"\mathbf x", "𝐱"),
    (r"\mathrm{d}x", "dx"),
    (r"\mathrm{GeV}", "GeV"),
    (r"\mathrm{arg\,min}", "arg min"),
    (r"\mathit{ab}", "𝑎𝑏"),
    (r"\mathsf{A}", "𝖠"),
    (r"\mathtt{x}", "𝚡"),
    (r"\mathbb{R}^d", "ℝ^{d}"),
    (r"\mathbb E", "𝔼"),
    (r"\mathbb{1}", "𝟙"),
    (r"\mathds{1}", "𝟙"),
    (r"\mathbbm{1}", "𝟙"),
    (r"\mathcal{L}", "ℒ"),
    (r"\mathcal O(n)", "𝒪(n)"),
    (r"\bm{\mathcal{L}}", "𝓛"),
    (r"\boldsymbol{\mathcal L}_t", "𝓛_{t}"),
    (r"\bm\mathscr{L}", "𝓛"),
    (r"\boldsymbol{\mathfrak{g}}", "𝖌"),
    (r"\bm{\mathsf{A}}", "𝗔"),
    (r"\bm{\mathcal{L}_1}", "𝓛_{1}"),
    (r"\mathnormal{x}", "x"),
    (r"\cal L", "ℒ"),
    (r"\mathscr{L}", "ℒ"),
    (r"\mathscr{F}", "ℱ"),
    (r"\mathfrak{g}", "𝔤"),
    (r"\boldsymbol{\alpha}", "𝜶"),
    (r"\boldsymbol{1}", "𝟏"),
    (r"\bm{x}", "𝒙"),
    (r"\bm 1", "𝟏"),
    (r"\pmb{f}", "𝒇"),
    (r"{\rm d}x", "dx"),
    (r"{\bf x}", "𝐱"),
    (r"\text{if } x", "if x"),
    (r"\text{50\%}", "50%"),
    (r"\text{50\% of A \& B}", "50% of A & B"),
    (r"\text{C\# \_ \$ \{ a}", "C# _ $ { a"),
    (r"\text{a $x^2$ b}", "a x^{2} b"),
    (r"x_\text{max}", "x_{max}"),
    (r"\text{a~b}", "a b"),
    (r"\text{``a'' 1--2}", "“a” 1–2"),
    (r"\text{é 中}", "é 中"),
    (r"\mbox{in $B$}", "in B"),
    (r"\hbox{ on }", " on "),
    (r"\textbf{ab}", "ab"),
    (r"\textit{ab}", "ab"),
    (r"\texttt{a\_b}", "a_b"),
    (r"\textsf{ab}", "ab"),
    (r"\textrm{ab}", "ab"),
    (r"\emph{ab}", "ab"),
    (r"\operatorname{softmax}(x)", "softmax(x)"),
    (r"\operatorname*{arg\,max}_\theta", "arg max_{θ}"),
    (r"\operatorname*{argmin}_x f", "argmin_{x}f"),
    (r"\operatorname{top-k}(x-y)", "top-k(x−y)"),
    (r"\operatorname*{\mathbb{E}}_{x}f", "𝔼_{x}f"),
    (r"\mathop{\mathbb{E}}\limits_{x}", "𝔼_{x}"),
    (r"\mathop{\mathbb P}_x", "ℙ_{x}"),
    (r"x_1,\dotsc,x_n", "x_{1},...,x_{n}"),
    (r"x_1+\dotsb+x_n", "x_{1}+⋯+x_{n}"),
    (r"A\smallsetminus B", "A∖B"),
    (r"\nicefrac{1}{2}", "(1)/(2)"),
    (r"\cfrac[l]{1}{2}", "(1)/(2)"),
    (r"\Bigl.\frac{a}{b}\Bigr|_{x=0}", "(a)/(b)|_{x=0}"),
    (r"x\Big._{0}", "x_{0}"),
    (r"\mathop{\rm argmax}_x", "argmax_{x}"),
    (r"\mathop{\mathrm{arg\,max}}\limits_x", "arg max_{x}"),
    (r"\argmax_x", "arg max_{x}"),
    (r"\log_2 n", "log_{2}n"),
    (r"\sin^2 x", "sin^{2}x"),
    (r"\max_i x", "max_{i}x"),
    (r"\lim_{x\to 0}", "lim_{x→0}"),
    (r"\limsup_n", "lim sup_{n}"),
    (r"\Pr[X]", "Pr[X]"),
    (r"\gcd(a,b)", "gcd(a,b)"),
    (r"\sum_{i=1}^n", "∑_{i=1}^{n}"),
    (r"\sum\limits_i", "∑_{i}"),
    (r"\sum\nolimits_i", "∑_{i}"),
    (r"\prod_i", "∏_{i}"),
    (r"\int_0^1 f", "∫_{0}^{1}f"),
    (r"\iint\oint", "∬∮"),
    (r"\bigcup_i", "⋃_{i}"),
    (r"\bigoplus", "⨁"),
    (r"\sum_{\substack{i\\j}}", "∑_{[i; j]}"),
    (r"\frac{a}{b}", "(a)/(b)"),
    (r"\frac12", "(1)/(2)"),
    (r"\tfrac12", "(1)/(2)"),
    (r"\dfrac{a}{b}", "(a)/(b)"),
    (r"\cfrac{1}{x}", "(1)/(x)"),
    (r"{a \over b}", "(a)/(b)"),
    (r"\binom{n}{k}", "((n)/(k))"),
    (r"{n \choose k}", "((n)/(k))"),
    (r"\sqrt{x}", "√(x)"),
    (r"\sqrt2", "√(2)"),
    (r"\sqrt[3]{x}", "3√(x)"),
    (r"\hat{x}", "x^{ˆ}"),
    (r"\hat x", "x^{ˆ}"),
    (r"\widehat{abc}", "abc^{\u0302}"),
    (r"\tilde{x}", "x^{˜}"),
    (r"\widetilde{abc}", "abc^{~}"),
    (r"\bar{x}", "x^{¯}"),
    (r"\overline{x}", "x^{\u0332}"),
    (r"\underline{x}", "x_{\u0332}"),
    (r"\vec{v}", "v^{\u20d7}"),
    (r"\dot{x}", "x^{˙}"),
    (r"\ddot{x}", "x^{¨}"),
    (r"\check x", "x^{ˇ}"),
    (r"\breve x", "x^{˘}"),
    (r"\acute x", "x^{´}"),
    (r"\grave x", "x^{`}"),
    (r"\mathring{a}", "a^{˚}"),
    (r"\overrightarrow{AB}", "AB^{→}"),
    (r"\underbrace{a+b}_{n}", "a+b_{⏟}_{n}"),
    (r"\overbrace{a+b}^{n}", "a+b^{⏞}^{n}"),
    (r"\overset{a}{b}", "b^{a}"),
    (r"\underset{a}{b}", "b_{a}"),
    (r"\stackrel{\text{def}}{=}", "=^{def}"),
    (r"(a)", "(a)"),
    (r"\left(\frac{a}{b}\right)", "((a)/(b))"),
    (r"\left[a\right)", "[a)"),
    (r"\left. f \right|_0", "f|_{0}"),
    (r"\left< x \right>", "⟨x⟩"),
    (r"\left\{ x \middle| y \right\}", "{x|y}"),
    (r"\langle x \rangle", "⟨x⟩"),
    (r"\lfloor x \rfloor", "⌊x⌋"),
    (r"\lceil x \rceil", "⌈x⌉"),
    (r"\lvert x \rvert", "|x|"),
    (r"\lVert x \rVert", "‖x‖"),
    (r"\| x \|", "‖x‖"),
    (r"|x|", "|x|"),
    (r"\llbracket x \rrbracket", "⟦x⟧"),
    (r"\big( x \big)", "(x)"),
    (r"\bigl< x \bigr>", "⟨x⟩"),
    (r"\Bigg[ x \Bigg]", "[x]"),
    (r"\le \leq \leqslant", "≤≤⩽"),
    (r"\ge \ne \neq", "≥≠≠"),
    (r"\ll \gg", "≪≫"),
    (r"\approx \sim \simeq \cong", "≈∼≃≅"),
    (r"\thicksim \thickapprox", "∼≈"),
    (r"\equiv \propto", "≡∝"),
    (r"\lesssim \gtrsim", "≲≳"),
    (r"\in \notin \ni", "∈∉∋"),
    (r"\subset \subseteq \supseteq", "⊂⊆⊇"),
    (r"\cup \cap \setminus", "∪∩∖"),
    (r"\not= \not\in \not\subset", "≠∉⊄"),
    (r"\nleq \nsubseteq", "≰⊈"),
    (r"\times \cdot \div \pm \mp", "×⋅÷±∓"),
    (r"\otimes \oplus \odot", "⊗⊕⊙"),
    (r"\circ \bullet \star \ast", "∘∙⋆∗"),
    (r"x^* x^\star x^\dagger x^\top", "x^{∗}x^{⋆}x^{†}x^{⊤}"),
    (r"10^{\circ}", "10^{∘}"),
    (r"\to \rightarrow \gets", "→→←"),
    (r"\Rightarrow \implies \iff", "⇒ ⟹  ⟺ "),
    (r"\mapsto \hookrightarrow", "↦↪"),
    (r"\rightsquigarrow \nrightarrow", "⇝↛"),
    (r"\xrightarrow{a}", " →^{ a ^{ }} "),
    (r"\xrightarrow[a]{b}", " →_{ a _{ }}^{ b ^{ }} "),
    (r"\coloneqq \triangleq :=", "≔≜:="),
    (r"\ldots \cdots \vdots \ddots", "...⋯⋮⋱"),
    (r"\dots", "..."),
    (r"\hdots", "..."),
    (r"\colon", ":"),
    (r"\mid \parallel \perp", "∣∥⟂"),
    (r"\perp\!\!\!\perp", "⟂⟂"),
    (r"\wedge \vee \neg", "∧∨¬"),
    (r"\prec \succ \preceq", "≺≻⪯"),
    (r"a\,b\;c\:d", "a b c d"),
    (r"a\quad b", "a b"),
    (r"a\qquad b", "a b"),
    (r"a~b", "a b"),
    (r"a\ b", "a b"),
    (r"a\!b", "ab"),
    (r"\hspace{1em}x", " x"),
    (r"\kern1em x", " x"),
    (r"\phantom{x}y", "y"),
    (r"\vphantom{x}y", "y"),
    (r"\smash{x}", "x"),
    (r"\ensuremath{x}", "x"),
    (r"\boxed{x}", "x"),
    (r"\cancel{x}", "x"),
    (r"a \pmod n", "a (mod n)"),
    (r"a \bmod n", "a mod n"),
    (r"a \mod n", "a mod n"),
    (r"\textcolor{red}{x}", "x"),
    (r"\color{red}{x}", "x"),
    (r"\mathbin{o} \mathrel{R}", "o R"),
    (r"\displaystyle x", "x"),
    (r"\textstyle\sum", "∑"),
    (r"\label{eq} x", "x"),
    (r"x \tag{1}", "x (1)"),
    (r"x \nonumber", "x"),
    (r"\begin{matrix} a & b \\ c & d \end{matrix}", "[a, b; c, d]"),
    (r"\begin{pmatrix} a & b \\ c & d \end{pmatrix}", "([a, b; c, d])"),
    (r"\begin{bmatrix} a \\ b \end{bmatrix}", "[[a; b]]"),
    (r"\begin{vmatrix} a & b \end{vmatrix}", "|[a, b]|"),
    (r"\begin{pmatrix*}[r] a \end{pmatrix*}", "([a])"),
    (r"\begin{smallmatrix} a & b \end{smallmatrix}", "[a, b]"),
    (r"\begin{cases} 1 & \text{if } x \\ 0 & \text{else} \end{cases}", "{[1, if x; 0, else]"),
    (r"\begin{aligned} a &= b \\ c &= d \end{aligned}", "[a, =b; c, =d]"),
    (r"\begin{aligned} a \\[4pt] b \end{aligned}", "[a; b]"),
    (r"\begin{aligned} a \\* b \end{aligned}", "[a; b]"),
    (r"\begin{align} a &= b \label{x} \\ c &= d \nonumber \end{align}", "[a, =b; c, =d]"),
    (r"\begin{align*} a &= b \tag{1} \end{align*}", "[a, =b (1)]"),
    (r"\begin{alignat}{2} a &= b \end{alignat}", "[a, =b]"),
    (r"\begin{split} a &= b \end{split}", "[a, =b]"),
    (r"\begin{equation} a = b \end{equation}", "a=b"),
    (r"\begin{gather} a \\ b \end{gather}", "[a; b]"),
    (r"\begin{multline} a \\ b \end{multline}", "[a; b]"),
    (r"\begin{eqnarray} a &=& b \end{eqnarray}", "[a, =, b]"),
    (r"\begin{array}{l|r} a & b \\ \hline c & d \end{array}", "[a, b; c, d]"),
    (r"\begin{array}{@{}ll@{}} a & b \end{array}", "[a, b]"),
    (r"\begin{array}[t]{c} a \end{array}", "[a]"),
    (r"a \\[1ex] b", "[a; b]"),
    (r"\unicode{x2014}", "—"),
    (r"\sideset{}{'}\sum", "∑′"),
    (r"\prescript{a}{b}{X}", "Xba"),
    (r"\dddot{x}", "x^{...}"),
    (r"\S\P\dagger\ddagger", "§¶†‡"),
    (r"𝔼[X] ≤ α", "𝔼[X]≤α"),
]
# fmt: on


@pytest.mark.parametrize(("latex", "shown"), SHOWN)
@pytest.mark.parametrize("display", [False, True])
def test_a_formula_shows_what_latex_shows(latex, shown, display):
    html = to_mathml(latex, display)
    assert html, "it stayed as written"
    assert SPACES.sub(" ", seen(ElementTree.fromstring(html))) == SPACES.sub(" ", shown)


# fmt: off
@pytest.mark.parametrize("latex", [
    r"\href{https://example.org}{x}", r"\url{x}", r"\ref{a}", r"\eqref{a}", r"\cite{a}",
    r"\def\a{x}\a", r"\let\a\b", r"\newcommand{\a}{x}\a", r"\DeclareMathOperator{\a}{b}",
    r"\SI{3}{\metre}", r"\num{3}", r"\unknown x", r"\C", r"\O(n)", r"\includegraphics{x}",
    r"\rule{1em}{1em}", r"\raisebox{1em}{x}", r"\hspace{1000em}x", r"\hspace{-3em}x",
    r"\big", r"\left( x", r"\frac{1}", r"x^", r"x^a^b", r"a & b", r"{x", r"x}",
    r"\begin{matrix} a", r"\begin{unknown} a \end{unknown}", r"\tag{1} x", r"\text{a_b}",
    r"\text{a $x}", r"\unicode{x0}", r"\unicode{xd800}", r"\cancelto{0}{x}", r"\colorbox{red}{x}",
    r"\genfrac(){999pt}{}{a}{b}", r"\verb|x|", r"\class{a}{b}", r"\mathop{x}\limits_a^b^c",
])
# fmt: on
def test_a_formula_that_cannot_be_shown_right_stays_as_written(latex):
    assert to_mathml(latex, False) == ""
    assert render_formulas(f"See \\({latex}\\).") == f"See \\({latex}\\).".replace("&", "&amp;")


@pytest.mark.parametrize(
    ("latex", "attribute"),
    [
        (r"\textbf{ab}", 'mathvariant="bold"'),
        (r"\emph{ab}", 'mathvariant="italic"'),
        (r"\textbf{\textit{ab}}", 'mathvariant="bold-italic"'),
        (r"\texttt{ab}", 'mathvariant="monospace"'),
        (r"\textsf{ab}", 'mathvariant="sans-serif"'),
        (r"\mathrm{d}x", 'mathvariant="normal"'),
        (r"\begin{aligned} a &= b \end{aligned}", 'columnalign="right"'),
        (r"\begin{array}{l|r} a & b \end{array}", 'columnlines="right"'),
        (r"\begin{array}{c} a \\ \hline b \end{array}", 'rowlines="top"'),
        (r"\begin{cases} a & b \end{cases}", 'columnspacing="0 1em"'),
        (r"\cancel{x}", 'notation="updiagonalstrike"'),
        (r"\boxed{x}", 'notation="box"'),
        (r"x\!y", 'lspace="-0.1'),
    ],
)
def test_the_look_of_a_formula_is_in_attributes_that_the_pages_allow(latex, attribute):
    for html in (render_formulas(f"${latex}$"), render_markdown(f"${latex}$")):
        assert attribute in html
        assert " style=" not in html
        assert "class=" not in html.replace('class="scroll"', "")


def test_a_comment_of_latex_ends_with_its_line():
    assert seen(ElementTree.fromstring(to_mathml("a % for all\n+ b", True))) == "a+b"


NESTING = ["{", r"\bm ", r"\rm ", r"\sqrt{", r"\left(", "x^{", r"\text{", "[", "("]


@pytest.mark.parametrize("unit", NESTING)
def test_no_nesting_breaks_the_converter(unit):
    closing = {"{": "}", "(": r"\right)"}.get(unit[-1], "") if len(unit) > 1 else "}"
    number = 1900 // (len(unit) + len(closing))
    to_mathml(unit * number + "x" + closing * number, False)
    to_mathml(unit * number, False)
