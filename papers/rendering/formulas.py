"""Rendering of formulas in a text as MathML."""

import re
from collections.abc import Iterator

import nh3
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from papers.rendering.mathml import MATH_ATTRIBUTES, MATH_TAGS, to_mathml

LONGEST_FORMULA = 2000  # characters
LONGEST_MATH = 20_000  # characters of all formulas of a text together
MOST_FORMULAS = 200

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
# "$HOME/bin:$PATH" has no formula, but "$\Lambda$CDM", "$^{13}$C", "$k$NN" and "1$-$5" have: before
# a letter, a digit or a brace, a dollar closes only what is clearly a formula.
GOES_ON = re.compile(r"[^\W_]|\{")
# "$(pwd)/$(whoami)" and "'$A' '$B'" have none either.
SHELL_WORDS = re.compile(r"\$(?:\([a-z]{2}[^\\^_{$]*\$\(|[A-Za-z]\w*[\"'][^\\{}$]*[\"']\$\w)")
MARKED_OR_SHORT = re.compile(
    r"""
      (?! [({]? [a-zA-Z]{2} | \{[a-zA-Z]\w*\} (?![_^]) )  # as the name of a variable begins
      .* [\\^_{] .*
    | [^\W\d_]  # a single letter
    | [\W\d_]*  # no letter at all
    """,
    re.VERBOSE | re.DOTALL,
)
# If the dollars are paired wrongly, the text between two formulas is a sentence.
SENTENCE = re.compile(r"(?<![\\a-zA-Z])[a-z]{2,},?\s[a-z]{2,},?\s[a-z]{2,}")
TEXT_COMMAND = re.compile(r"\\(?:text|math|operatorname|mbox)[a-z]*\*?\s*\{[^{}]*\}")


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
        if is_text(match):
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


def is_text(match: re.Match[str]) -> bool:
    """Whether this match of ``FORMULA`` is no formula, but text between two dollars."""
    if match.lastgroup != "inline":
        return False
    inside = match["inline"]
    if SHELL_WORDS.match(match.string, match.start()):
        return True
    if GOES_ON.match(match.string, match.end()) and not MARKED_OR_SHORT.fullmatch(inside):
        return True
    return bool(SENTENCE.search(TEXT_COMMAND.sub("", inside)))


def is_displayed(match: re.Match[str]) -> bool:
    """Whether this match of ``FORMULA`` is displayed on a line of its own."""
    return match.lastgroup in ("display", "square")
