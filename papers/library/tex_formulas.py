"""Formulas that compile in LaTeX without a package, read by a small grammar of their own.

Everything that TeX could fail at is refused: unknown commands, missing arguments, braces and
``\\left`` without partners, a second superscript, ``&`` outside of a table. So is everything that
does more than typeset. Some commands of amsmath and amssymb are other names of plain ones, which
replace them; `PROVIDED_MACROS` defines the rest where the package is missing.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

from papers.library.tex_signs import (
    MATH_ACCENTS,
    MATH_SIGNS,
    TEXT_SIGNS,
    math_alphabet,
    name_pairs,
    name_set,
)

TOKEN = re.compile(r"\\[a-zA-Z]+\*?|\\.|\s+|.", re.DOTALL)
MAX_DEPTH = 40

SYMBOLS = name_set(
    """
    arccos arcsin arctan arg cos cosh cot coth csc deg det dim exp gcd hom inf ker lg lim liminf
    limsup ln log max min Pr sec sin sinh sup tan tanh bmod quad qquad dots ldots cdots vdots
    ddots colon vert Vert backslash imath jmath to gets le ge ne land lor lnot owns iff cdotp
    ldotp dagger ddagger bigtriangleup triangleleft triangleright lbrace rbrace lbrack rbrack
    bigsqcup biguplus bigodot smallint longmapsto leftharpoonup leftharpoondown rightharpoondown
    not displaystyle textstyle scriptstyle scriptscriptstyle limits nolimits
    """
) | {sign for sign in MATH_SIGNS.values() if len(sign) > 1}
DELIMITERS = frozenset("()[]/|.<>") | {
    f"\\{name}"
    for name in name_set(
        """
        langle rangle lfloor rfloor lceil rceil vert Vert lbrace rbrace uparrow downarrow
        updownarrow Uparrow Downarrow backslash | { }
        """
    )
}
# BibTeX counts braces also after a backslash, and Biber writes \langle as a character.
DELIMITER_FORMS = {r"\{": r"\lbrace ", r"\}": r"\rbrace ", r"\|": r"\Vert "}
DELIMITER_FORMS |= {r"\langle": "<", r"\rangle": ">"}
SIZES = frozenset(
    f"{size}{side}" for size in ("big", "Big", "bigg", "Bigg") for side in ("", "l", "r", "m")
)
# Commands with so many arguments.
ARGUMENTS = dict.fromkeys(
    name_set(
        """
        hat bar tilde vec dot ddot acute grave check breve mathring widehat widetilde overline
        underline overbrace underbrace overrightarrow overleftarrow mathrm mathbf mathit mathsf
        mathtt mathcal mathnormal mathbb mathfrak mathscr boldsymbol mathop mathrel mathbin
        mathord pmod phantom
        """
    ),
    1,
) | {"frac": 2, "binom": 2, "stackrel": 2}
TEXT_COMMANDS = name_set("mbox textrm textbf textit texttt textsf textsc textnormal")
ALIASES = name_pairs(
    """
    dfrac frac tfrac frac cfrac frac dbinom binom tbinom binom text mbox textup mbox hbox mbox
    emph textit bm boldsymbol pmb boldsymbol mathbfit boldsymbol lvert vert rvert vert lVert
    Vert rVert Vert overset stackrel leqslant leq geqslant geq varnothing emptyset dotsc ldots
    dotso ldots dotsb cdots dotsm cdots dotsi cdots implies Longrightarrow impliedby
    Longleftarrow lt < gt > mathbbm mathbb mathds mathbb Bbb mathbb EuScript mathcal
    smallsetminus setminus thicksim sim thickapprox approx Box square leadsto rightsquigarrow
    """
)
# The old commands change the font of the rest of their group.
FONT_SWITCHES = {"rm": "mathrm", "bf": "mathbf", "it": "mathit", "cal": "mathcal", "tt": "mathtt"}
FONT_SWITCHES |= {"sf": "mathsf", "sl": "mathit", "em": "mathit"}
# Macros of packages, and the definition that a bibliography brings for where they are missing.
PROVIDED_MACROS = {
    "mathbb": r"\providecommand{\mathbb}[1]{\mathbf{#1}}",
    "mathfrak": r"\providecommand{\mathfrak}[1]{\mathbf{#1}}",
    "mathscr": r"\providecommand{\mathscr}[1]{\mathcal{#1}}",
    "boldsymbol": r"\providecommand{\boldsymbol}[1]{\mathbf{#1}}",
    "binom": r"\providecommand{\binom}[2]{{#1\choose#2}}",
    "lesssim": r"\providecommand{\lesssim}{\preceq}",
    "gtrsim": r"\providecommand{\gtrsim}{\succeq}",
    "square": r"\providecommand{\square}{\diamond}",
    "rightsquigarrow": r"\providecommand{\rightsquigarrow}{\rightarrow}",
    "nexists": r"\providecommand{\nexists}{\not\exists}",
    "subsetneq": r"\providecommand{\subsetneq}{\subset}",
    "supsetneq": r"\providecommand{\supsetneq}{\supset}",
    "triangleq": r"\providecommand{\triangleq}{\stackrel{\triangle}{=}}",
    "hslash": r"\providecommand{\hslash}{\hbar}",
    "twoheadrightarrow": r"\providecommand{\twoheadrightarrow}{\rightarrow}",
}
PROVIDED_SYMBOLS = PROVIDED_MACROS.keys() - ARGUMENTS.keys()
SPACES = frozenset([r"\,", r"\:", r"\;", r"\!", r"\ ", r"\/"])


class UnsafeFormula(ValueError):
    """The formula would not compile everywhere, or would do more than stand there."""


def formula_tex(formula: str, escaped_text: Callable[[str], str]) -> str:
    """``formula``, without its dollars, as LaTeX that compiles between two of them.

    It stays as written if it can. ``escaped_text`` writes the text of ``\\text{...}``. Raises
    UnsafeFormula.
    """
    reader = _Reader(formula, escaped_text)
    written = reader.read_all().strip()
    if not written:
        raise UnsafeFormula
    stays = not reader.needs_braces and _without_grouping(written) == _without_grouping(formula)
    written = formula.strip() if stays else re.sub(r" {2,}", " ", written)
    return written.replace(r"\,}", r"\, }")  # Biber takes the comma before a brace away


def _without_grouping(tex: str) -> str:
    return re.sub(r"[\s{}]", "", tex)


def used_macros(tex: str) -> list[str]:
    """The names of those of `PROVIDED_MACROS` that ``tex`` uses, in order."""
    names = dict.fromkeys(re.findall(r"\\([a-zA-Z]+)", tex))
    return [name for name in names if name in PROVIDED_MACROS]


class _Reader:
    """Reads the tokens of a formula, one after the other, and writes them again."""

    def __init__(self, formula: str, escaped_text: Callable[[str], str]) -> None:
        self.tokens = TOKEN.findall(unicodedata.normalize("NFC", formula))
        self.at = self.depth = 0
        self.needs_braces = False  # an argument with arguments of its own has none
        self.escaped_text = escaped_text

    def read_all(self) -> str:
        written = self.read_list(())
        if self.at < len(self.tokens):
            raise UnsafeFormula
        return written

    def peek(self) -> str:
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def next_solid(self) -> str:
        """The next token that is not a space, taken. Raises UnsafeFormula at the end."""
        while self.peek().isspace():
            self.at += 1
        if not (token := self.peek()):
            raise UnsafeFormula
        self.at += 1
        return token

    def read_list(self, ends: tuple[str, ...]) -> str:
        """Everything up to one of the tokens ``ends``, which stays, or to the end."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise UnsafeFormula
        written, scripts = "", ""
        while (token := self.peek()) and token not in ends:
            self.at += 1
            if token in ("^", "_", "'"):
                piece, new = self.read_script(token)
                if set(new) & set(scripts):
                    raise UnsafeFormula
                scripts += new
            else:
                piece = self.read_atom(token)
                scripts = scripts if token.isspace() else ""
            written += piece
        self.depth -= 1
        return written

    def read_script(self, token: str) -> tuple[str, str]:
        """A script or primes, and which of "^" and "_" it takes."""
        if token != "'":
            return f"{token}{{{self.read_argument()}}}", token
        primes = token
        while self.peek() == "'":
            self.at, primes = self.at + 1, primes + "'"
        if self.peek() == "^":
            self.at += 1
            primes += f"^{{{self.read_argument()}}}"
        return primes, "^"

    def read_argument(self) -> str:
        """An argument without its braces: a group, or a single atom."""
        token = self.next_solid()
        if token == "{":
            return self.read_group()
        if token in ("}", "^", "_", "'", "]"):
            raise UnsafeFormula
        written = self.read_atom(token)
        self.needs_braces |= "{" in written
        return written

    def read_group(self) -> str:
        written = self.read_list(("}",))
        if self.next_solid() != "}":
            raise UnsafeFormula
        return written

    def read_atom(self, token: str) -> str:
        """``token``, which has been taken, with its arguments."""
        if token.startswith("\\") and len(token) > 1:
            return self.read_command(token)
        if token == "{":
            return f"{{{self.read_group()}}}"
        if token in "}&%#$\\^_":
            raise UnsafeFormula
        if token.isspace() or token.isascii():
            return " " if token.isspace() else token
        return self.read_letter(token)

    def read_letter(self, token: str) -> str:
        """A letter or sign outside of ASCII as a macro, with the accents that follow it."""
        if unicodedata.combining(token):
            raise UnsafeFormula
        if token in MATH_SIGNS:
            sign = MATH_SIGNS[token]
            return sign if len(sign) == 1 else self.read_command(f"\\{sign}")
        alphabet, letter = math_alphabet(token)
        if alphabet:
            return f"\\{alphabet}{{{letter}}}"
        base, *marks = list(unicodedata.normalize("NFD", token))
        if marks and marks[0] in MATH_ACCENTS and (base in MATH_SIGNS or base.isascii()):
            return f"\\{MATH_ACCENTS[marks[0]]}{{{self.read_atom(base)}}}"
        if len(TEXT_SIGNS.get(token, "")) == 1:
            return TEXT_SIGNS[token]
        return f"\\mbox{{{self.escaped_text(token)}}}"

    def read_command(self, token: str) -> str:
        if token in (r"\langle", r"\rangle"):
            return rf"\csname {token[1:]}\endcsname "
        if token in DELIMITER_FORMS:
            return DELIMITER_FORMS[token]
        if token in SPACES or token[1] in "%&$#_":
            return token
        name = ALIASES.get(token[1:].removesuffix("*"), token[1:].removesuffix("*"))
        if name in ("<", ">"):
            return name
        if name == "operatorname":
            limits = "" if token.endswith("*") else r"\nolimits "
            return rf"\mathop{{\mathrm{{{self.read_argument()}}}}}{limits}"
        if name in FONT_SWITCHES:
            return f"\\{FONT_SWITCHES[name]}{{{self.read_list(('}',))}}}"
        if name in TEXT_COMMANDS:
            return f"\\{name}{{{self.read_text()}}}"
        if name == "left":
            return self.read_fence()
        if name in SIZES:
            return f"\\{name}{self.read_delimiter()}"
        if name == "sqrt":
            return self.read_root()
        if number := ARGUMENTS.get(name, 0):
            return f"\\{name}" + "".join(f"{{{self.read_argument()}}}" for _ in range(number))
        if name not in SYMBOLS and name not in PROVIDED_SYMBOLS:
            raise UnsafeFormula
        return "" if name in ("limits", "nolimits") else f"\\{name} "

    def read_root(self) -> str:
        index = ""
        if self.peek() == "[":
            self.at += 1
            index = f"[{self.read_list((']', '}'))}]"
            if self.next_solid() != "]":
                raise UnsafeFormula
        return f"\\sqrt{index}{{{self.read_argument()}}}"

    def read_fence(self) -> str:
        r"""A pair of \left and \right, with everything between."""
        opening = self.read_delimiter()
        inside = self.read_list((r"\right", "}"))
        if self.next_solid() != r"\right":
            raise UnsafeFormula
        return rf"\left{opening}{inside}\right{self.read_delimiter()}"

    def read_delimiter(self) -> str:
        token = self.next_solid()
        name = ALIASES.get(token[1:], token[1:])
        token = f"\\{name}" if token.startswith("\\") else token
        if token not in DELIMITERS:
            raise UnsafeFormula
        return DELIMITER_FORMS.get(token, f"{token} " if token.startswith("\\") else token)

    def read_text(self) -> str:
        """The text of a group, in which a formula would be one too many."""
        if self.next_solid() != "{":
            raise UnsafeFormula
        end = self.at
        while end < len(self.tokens) and self.tokens[end] not in ("{", "}"):
            end += 1
        text = "".join(self.tokens[self.at : end])
        if end == len(self.tokens) or self.tokens[end] == "{" or re.search(r"\\[a-zA-Z]|\$", text):
            raise UnsafeFormula
        self.at = end + 1
        lead, trail = text[:1].isspace(), text[-1:].isspace()
        return " " * lead + self.escaped_text(text.strip()) + " " * trail
