"""Texts as searches compare them: without case and accents. One rule for every search."""

import re
import unicodedata

MARKS = re.compile("[\u0300-\u036f]+")  # the combining marks of Latin, Greek and Cyrillic
# Letters that are not a letter and a mark, in lower case, and the letters that stand for them.
LETTERS = {
    "ß": "ss",
    "æ": "ae",
    "œ": "oe",
    "þ": "th",
    "ø": "o",
    "ł": "l",
    "đ": "d",
    "ð": "d",
    "ħ": "h",
    "ŧ": "t",
    "ı": "i",
    "ς": "σ",
}
_LETTERS = str.maketrans(LETTERS)


def folded_text(text: str) -> str:
    """``text`` without case and accents, in Unicode's compatible form (NFKD): "uber" for "Über".

    `library.folding` has the same rule in SQL.
    """
    if text.isascii():
        return text.lower()
    plain = MARKS.sub("", unicodedata.normalize("NFKD", text))
    return plain.casefold().translate(_LETTERS)
