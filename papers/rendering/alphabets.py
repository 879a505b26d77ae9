"""Spellings of LaTeX that the converter misreads, as characters or commands that it reads right."""

import re
import unicodedata

# The first capital and the first small letter of the bold form of an alphabet.
BOLD_FORMS = {
    "cal": (0x1D4D0, 0x1D4EA),
    "scr": (0x1D4D0, 0x1D4EA),
    "frak": (0x1D56C, 0x1D586),
    "sf": (0x1D5D4, 0x1D5EE),
    "rm": (0x1D400, 0x1D41A),
}
STYLED = r"\\math(cal|scr|frak|sf|rm)(?:\s*\{\s*([a-zA-Z]+)\s*\}|\s+([a-zA-Z]))"
BOLD_LETTERS = re.compile(rf"(?<!\\)(\\(?:boldsymbol|bm|pmb)\s*(?:\{{[^{{}}]{{0,100}}?)?){STYLED}")
OPERATOR_LETTER = re.compile(
    r"(?<!\\)(\\(?:mathop|operatorname\*?)\s*)"
    r"\{\s*\\(?:mathbb|mathds|mathbbm)\s*(?:\{\s*([A-Z])\s*\}|([A-Z]))\s*\}"
)
PLACE_IN_FRACTION = re.compile(r"(?<!\\)(\\cfrac\s*)\[[lcr]\]")
NO_DELIMITER = re.compile(r"(?<!\\)\\[bB]igg?[lrm]?\s*\.")


def plain_spelling(source: str) -> str:
    r"""``source`` with bold script letters, ``\mathop{\mathbb{E}}`` and so on as read by it."""
    source = BOLD_LETTERS.sub(_bold_letters, source)
    source = OPERATOR_LETTER.sub(_operator_letter, source)
    return NO_DELIMITER.sub(" ", PLACE_IN_FRACTION.sub(r"\1", source))


def _bold_letters(match: re.Match[str]) -> str:
    capital, small = BOLD_FORMS[match[2]]
    letters = "".join(
        chr(capital + ord(each) - ord("A") if each.isupper() else small + ord(each) - ord("a"))
        for each in match[3] or match[4]
    )
    return f"{match[1]}{{{letters}}}"


def _operator_letter(match: re.Match[str]) -> str:
    name = f"DOUBLE-STRUCK CAPITAL {match[2] or match[3]}"
    try:
        letter = unicodedata.lookup(f"MATHEMATICAL {name}")
    except KeyError:  # ℂ and six others are older than the alphabet
        letter = unicodedata.lookup(name)
    return f"{match[1]}{{{letter}}}"
