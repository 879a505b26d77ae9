"""Text that people wrote as LaTeX in ASCII, which compiles with pdfLaTeX and no package.

Letters with accents, Greek letters and signs become macros. Whatever has no macro, such as Chinese
or an emoji, is transliterated. BibTeX counts each brace, also one after a backslash, so every macro
is in a pair of braces, and every brace of the text is a macro.
"""

from __future__ import annotations

import re
import unicodedata

from anyascii import anyascii

from papers.library.tex_formulas import UnsafeFormula, formula_tex
from papers.library.tex_signs import (
    KNOWN_LETTERS,
    MARKS,
    MATH_ACCENTS,
    MATH_SIGNS,
    TEXT_ACCENTS,
    TEXT_SIGNS,
    math_alphabet,
)
from papers.rendering import split_formulas

CONTROL_RUN = re.compile(r"[\x00-\x20\x7f-\x9f\u2028\u2029]+")  # replaced by one space
ESCAPES = {
    "\\": r"\textbackslash{}",
    "{": r"\textbraceleft{}",
    "}": r"\textbraceright{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    # In the encoding OT1 these are other signs.
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
} | {character: f"\\{character}" for character in "&%$#_"}
ASCII_ESCAPES = str.maketrans(ESCAPES)
# TeX that titles have outside of formulas: accents, letters, escaped characters, and fonts.
WRITTEN_TEX = re.compile(
    r"""
      (?P<open>\{)? \\ (?:
        (?: (?P<accent> [`'^"~=.] ) \s? | (?P<named> [uvHcdbr] ) (?=[{\s]) \s? )
        (?: \{ \\?(?P<braced>[a-zA-Z]) \} | \\(?P<dotless>[ij]) \s? | (?P<bare>[a-zA-Z]) )
      | (?P<letter> ss|ae|AE|oe|OE|aa|AA|o|O|l|L|i|j ) (?: \{\} | (?![a-zA-Z]) \s? )
      ) (?(open)\})
    | \\ (?P<sign> [&%$\#_,] )
    | \\ (?P<space> \s )
    | \\ (?P<font> emph|text(?:it|bf|rm|tt|sc|sf|up) ) \{ (?P<marked> [^{}$\\]* ) \}
    """,
    re.VERBOSE,
)
STRAIGHT_OPENING = re.compile(r'(?<![^\s(\[{/-])"(?=\S)')


def text_tex(text: str) -> str:
    """``text`` in one line as LaTeX: formulas that compile stay formulas, all else is text."""
    parts = split_formulas(CONTROL_RUN.sub(" ", text))
    return "".join(_formula_or_text(*part) for part in parts).strip()


def _formula_or_text(source: str, formula: str, _is_displayed: bool) -> str:
    if not formula:
        return escaped_text(source)
    try:
        return f"${formula_tex(formula, escaped_text)}$"
    except UnsafeFormula:
        return escaped_text(source)


def escaped_text(text: str) -> str:
    """``text`` without formulas as LaTeX; accents that were written in TeX stay accents."""
    written, end = "", 0
    for match in WRITTEN_TEX.finditer(text):
        written += _plain_text(text[end : match.start()]) + _written_tex(match)
        end = match.end()
    return written + _plain_text(text[end:])


def _written_tex(match: re.Match[str]) -> str:
    if accent := match["accent"] or match["named"]:
        return _accented(match["braced"] or match["dotless"] or match["bare"], MARKS[accent])
    if match["font"]:
        return f"\\{match['font']}{{{_plain_text(match['marked'])}}}"
    if match["space"]:
        return " "
    return f"{{\\{match['letter']}}}" if match["letter"] else f"\\{match['sign']}"


def _plain_text(text: str) -> str:
    """``text``, in which a backslash is a backslash, as LaTeX."""
    # A straight quotation mark is a closing one in most fonts, and a shorthand in German texts.
    text = STRAIGHT_OPENING.sub("``", text).replace('"', "''")
    if text.isascii():
        return text.translate(ASCII_ESCAPES)
    text = unicodedata.normalize("NFC", text)
    clusters: list[str] = []
    for character in text:
        if not unicodedata.combining(character):
            clusters.append(character)
        elif clusters:
            clusters[-1] += character
    return "".join(map(_cluster_tex, clusters))


def _cluster_tex(cluster: str) -> str:
    """A character with its combining marks as LaTeX."""
    if cluster.isascii():
        return ESCAPES.get(cluster, cluster)
    if cluster in TEXT_SIGNS:
        return TEXT_SIGNS[cluster]
    if cluster in MATH_SIGNS:
        return f"{{\\ensuremath{{{formula_tex(cluster, escaped_text).strip()}}}}}"
    alphabet, letter = math_alphabet(cluster[0])
    if alphabet:
        return _ensured_math(f"{alphabet}{{{letter}}}")
    base, *marks = list(unicodedata.normalize("NFD", cluster))
    if base in MATH_SIGNS:
        accent = next((MATH_ACCENTS[mark] for mark in marks if mark in MATH_ACCENTS), "")
        letter = f"\\{MATH_SIGNS[base]}"
        return _ensured_math(f"{accent}{{{letter}}}" if accent else MATH_SIGNS[base])
    if base.isascii() and base.isalpha():
        return _accented(base, next((mark for mark in marks if mark in TEXT_ACCENTS), ""))
    return TEXT_SIGNS.get(base) or _transliterated(cluster[0])


def _ensured_math(macro: str) -> str:
    return rf"{{\ensuremath{{{macro if len(macro) == 1 else chr(92) + macro}}}}}"


def _accented(letter: str, mark: str) -> str:
    """``letter`` with the combining ``mark`` if LaTeX knows both as one letter.

    Biber writes them as that letter again, and pdfLaTeX stops at one that it does not know.
    """
    composed = unicodedata.normalize("NFC", letter + mark)
    if not mark or len(composed) > 1 or composed not in KNOWN_LETTERS:
        return letter
    return f"{{\\{TEXT_ACCENTS[mark]}{{{letter}}}}}"


def _transliterated(character: str) -> str:
    """``character`` in ASCII: "ti" for a Chinese one, say; its number if nobody knows any."""
    kind = unicodedata.decomposition(character).partition(" ")[0]
    compatible = unicodedata.normalize("NFKC", character)
    if kind in ("<super>", "<sub>") and compatible != character:
        return f"{{\\text{kind[1:-1]}script{{{_plain_text(compatible)}}}}}"
    if unicodedata.category(character) in ("Cf", "Cs", "Mn", "Me"):  # invisible, or half of one
        return ""
    if unicodedata.category(character).startswith("Z"):
        return " "
    plain = anyascii(character) or f"[U+{ord(character):04X}]"
    return "".join(ESCAPES.get(each, each) for each in plain)
