"""Rendering of formulas in a text as MathML."""

import re
from collections.abc import Iterator
from html import unescape
from xml.etree import ElementTree

import nh3
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from latex2mathml.converter import Converter

LONGEST_FORMULA = 2000  # characters
LONGEST_MATH = 20_000  # characters of all formulas of a text together
MOST_FORMULAS = 200
DEEPEST_FORMULA = 60  # nested elements

# A formula neither begins nor ends with a space. "$5 and $10" is no formula, nor is "$5-$10".
FORMULA = re.compile(
    r"""
      (?<!\\) \$\$ (?P<display> (?: \\. | [^$\\] )+ ) \$\$
    | (?<![\\$]) \$ (?![\s$] | \d[^$]*\$\d) (?P<inline> (?: \\. | [^$\\] )+ ) (?<!\s) \$ (?!\$)
    | \\\( (?P<round> (?: (?!\\\() . )+? ) \\\)
    | \\\[ (?P<square> (?: (?!\\\[) . )+? ) \\\]
    """,
    re.VERBOSE | re.DOTALL,
)
# If the dollars are paired wrongly, the text between two formulas is a sentence.
SENTENCE = re.compile(r"(?<![\\a-zA-Z])[a-z]{2,},?\s[a-z]{2,},?\s[a-z]{2,}")
TEXT_COMMAND = re.compile(r"\\(?:text|math|operatorname|mbox)[a-z]*\*?\s*\{[^{}]*\}")
# Macros can expand without end; the others reach outside the formula, or draw over the page.
REFUSED_COMMANDS = re.compile(
    r"\\(?:def|let|newcommand|renewcommand|providecommand|newenvironment|renewenvironment"
    r"|DeclareMathOperator|href|url|class|style"
    r"|(?:text|f)?color(?:box)?|label|ref|cite|hspace|hskip|kern|mkern|mskip|mspace|rule|raise"
    r"|lower|moveleft|moveright|genfrac|above|abovewithdelims)(?![a-zA-Z])"
)
UNKNOWN_COMMAND = re.compile(r"\\[a-zA-Z]|^&$")  # left by latex2mathml for unknown input
CHARACTER = re.compile(r"&#x[0-9A-Fa-f]{1,6};")  # how latex2mathml writes a symbol
# The number of children of these elements; with more or fewer a browser shows an error.
CHILD_COUNTS = dict.fromkeys(
    ["mfrac", "mroot", "msub", "msup", "munder", "mover"], 2
) | dict.fromkeys(["msubsup", "munderover"], 3)

# fmt: off
MATH_TAGS = {
    "math", "mfrac", "mi", "mmultiscripts", "mn", "mo", "mover", "mpadded", "mphantom",
    "mprescripts", "mroot", "mrow", "mspace", "msqrt", "mstyle", "msub", "msubsup", "msup",
    "mtable", "mtd", "mtext", "mtr", "munder", "munderover", "none", "menclose",
}
MATH_ATTRIBUTES = {
    "accent", "accentunder", "columnalign", "columnlines", "depth", "display", "displaystyle",
    "fence", "form", "height", "largeop", "linethickness", "lspace", "mathvariant", "maxsize",
    "minsize", "movablelimits", "notation", "rowlines", "rspace", "scriptlevel", "separator",
    "stretchy", "symmetric", "voffset", "width",
}
# fmt: on


def render_formulas(text: str, *, in_line: bool = False) -> SafeString:
    """``text`` as safe HTML. Formulas in dollars or ``\\(...\\)`` become MathML.

    A formula that cannot be read stays as written. ``in_line`` shows displayed formulas in line.
    """
    parts = list(split_formulas(text))
    if not any(formula for _, formula, _ in parts):
        return escape(text)
    html = "".join(
        (to_mathml(formula, display and not in_line) or escape(source))
        if formula
        else escape(source)
        for source, formula, display in parts
    )
    clean = nh3.clean(html, tags=MATH_TAGS, attributes={"*": MATH_ATTRIBUTES}, link_rel=None)
    return mark_safe(clean)  # noqa: S308


def split_formulas(text: str) -> Iterator[tuple[str, str, bool]]:
    """Split ``text`` into (source, formula, whether displayed); plain text has formula ""."""
    end = at = number = length = 0
    while number < MOST_FORMULAS and (match := FORMULA.search(text, at)):
        if is_sentence(match):
            at = match.start() + 1
            continue
        at, size = match.end(), len(match[0])
        if size > LONGEST_FORMULA or length + size > LONGEST_MATH:
            continue
        number, length = number + 1, length + size
        yield text[end : match.start()], "", False
        yield match[0], match[match.lastgroup], is_displayed(match)
        end = match.end()
    yield text[end:], "", False


def is_sentence(match: re.Match[str]) -> bool:
    """Whether this match of ``FORMULA`` is a sentence between the dollars of two formulas."""
    return match.lastgroup == "inline" and bool(
        SENTENCE.search(TEXT_COMMAND.sub("", match["inline"]))
    )


def is_displayed(match: re.Match[str]) -> bool:
    """Whether this match of ``FORMULA`` is displayed on a line of its own."""
    return match.lastgroup in ("display", "square")


def to_mathml(formula: str, display: bool) -> str:
    """``formula``, a LaTeX source, as MathML; "" if it cannot be read."""
    if REFUSED_COMMANDS.search(formula):
        return ""
    formula = re.sub(r"\\(begin|end)\{(?:aligned|split|gathered)\}", r"\\\1{align*}", formula)
    try:
        tree = Converter(display="block" if display else "inline").convert_to_element(formula)
        if not _is_sound(tree):
            return ""
        for element in tree.iter():
            if element.text and "&#" in element.text:
                element.text = CHARACTER.sub(lambda match: unescape(match[0]), element.text)
        return ElementTree.tostring(tree, encoding="unicode")
    except Exception:  # noqa: BLE001 - the converter raises undocumented exceptions
        return ""


def _is_sound(tree):
    """Whether the whole formula was understood, and is not nested too deep to be shown."""
    level = [tree]
    for _ in range(DEEPEST_FORMULA):
        if any(UNKNOWN_COMMAND.search(element.text or "") for element in level):
            return False
        if any(len(element) != CHILD_COUNTS.get(element.tag, len(element)) for element in level):
            return False
        level = [child for element in level for child in element]
    return not level
