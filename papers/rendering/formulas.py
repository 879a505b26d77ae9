"""Text with formulas in it -> safe HTML, the formulas as MathML."""

import re
from html import unescape
from xml.etree import ElementTree

import nh3
from django.utils.html import escape
from django.utils.safestring import mark_safe
from latex2mathml.converter import Converter

LONGEST_FORMULA = 2000  # characters
LONGEST_MATH = 20_000  # characters of all formulas of a text
MOST_FORMULAS = 200
DEEPEST_FORMULA = 60  # elements inside each other

# A formula neither begins nor ends with a space: "$5 and $10" is none, nor is "$5-$10".
FORMULA = re.compile(
    r"""
      (?<!\\) \$\$ (?P<display> (?: \\. | [^$\\] )+ ) \$\$
    | (?<![\\$]) \$ (?![\s$] | \d[^$]*\$\d) (?P<inline> (?: \\. | [^$\\] )+ ) (?<!\s) \$ (?!\$)
    | \\\( (?P<round> (?: (?!\\\() . )+? ) \\\)
    | \\\[ (?P<square> (?: (?!\\\[) . )+? ) \\\]
    """,
    re.VERBOSE | re.DOTALL,
)
# Between two formulas, if the dollars are paired wrongly, stands a sentence.
SENTENCE = re.compile(r"(?<![\\a-zA-Z])[a-z]{2,},?\s[a-z]{2,},?\s[a-z]{2,}")
TEXT_COMMAND = re.compile(r"\\(?:text|math|operatorname|mbox)[a-z]*\*?\s*\{[^{}]*\}")
# Macros can grow without end; the others reach out of the formula, or draw over the page.
REFUSED_COMMANDS = re.compile(
    r"\\(?:def|let|newcommand|renewcommand|providecommand|newenvironment|renewenvironment"
    r"|DeclareMathOperator|href|url|class|style"
    r"|(?:text|f)?color(?:box)?|label|ref|cite|hspace|hskip|kern|mkern|mskip|mspace|rule|raise"
    r"|lower|moveleft|moveright|genfrac|above|abovewithdelims)(?![a-zA-Z])"
)
UNKNOWN_COMMAND = re.compile(r"\\[a-zA-Z]|^&$")  # what latex2mathml leaves of what it does not know
CHARACTER = re.compile(r"&#x[0-9A-Fa-f]{1,6};")  # how it writes a symbol
# How many parts these elements have; with more or fewer a browser shows an error.
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


def render_formulas(text, *, in_line=False):
    """``text`` as HTML: formulas in dollars or ``\\(...\\)`` become MathML, all else is text.

    A formula that cannot be read stays as it was written. ``in_line`` displays none on its own.
    """
    parts = list(split_formulas(text))
    if not any(formula for _, formula, _ in parts):
        return escape(text)
    found = "".join(
        (to_mathml(formula, display and not in_line) or escape(source))
        if formula
        else escape(source)
        for source, formula, display in parts
    )
    clean = nh3.clean(found, tags=MATH_TAGS, attributes={"*": MATH_ATTRIBUTES}, link_rel=None)
    return mark_safe(clean)  # noqa: S308


def split_formulas(text):
    """``text`` cut into (source, formula, is displayed); the formula is "" for what is text."""
    end = at = number = length = 0
    while number < MOST_FORMULAS and (found := FORMULA.search(text, at)):
        if is_sentence(found):
            at = found.start() + 1
            continue
        at, size = found.end(), len(found[0])
        if size > LONGEST_FORMULA or length + size > LONGEST_MATH:
            continue
        number, length = number + 1, length + size
        yield text[end : found.start()], "", False
        yield found[0], found[found.lastgroup], is_displayed(found)
        end = found.end()
    yield text[end:], "", False


def is_sentence(found):
    """Whether this match of ``FORMULA`` is the words between two dollars that belong to others."""
    return found.lastgroup == "inline" and bool(
        SENTENCE.search(TEXT_COMMAND.sub("", found["inline"]))
    )


def is_displayed(found):
    """Whether this match of ``FORMULA`` stands on a line of its own."""
    return found.lastgroup in ("display", "square")


def to_mathml(formula, display):
    """The formula as MathML; "" where it cannot be read."""
    if REFUSED_COMMANDS.search(formula):
        return ""
    formula = re.sub(r"\\(begin|end)\{(?:aligned|split|gathered)\}", r"\\\1{align*}", formula)
    try:
        tree = Converter(display="block" if display else "inline").convert_to_element(formula)
        if not _is_sound(tree):
            return ""
        for element in tree.iter():
            if element.text and "&#" in element.text:
                element.text = CHARACTER.sub(lambda found: unescape(found[0]), element.text)
        return ElementTree.tostring(tree, encoding="unicode")
    except Exception:  # noqa: BLE001 - a reader of foreign text fails in ways nobody has listed
        return ""


def _is_sound(tree):
    """Whether all of the formula was understood, and it is not too deep to be shown."""
    level = [tree]
    for _ in range(DEEPEST_FORMULA):
        if any(UNKNOWN_COMMAND.search(element.text or "") for element in level):
            return False
        if any(len(element) != CHILD_COUNTS.get(element.tag, len(element)) for element in level):
            return False
        level = [child for element in level for child in element]
    return not level
