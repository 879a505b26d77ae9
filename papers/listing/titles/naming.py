"""Names in a text: the name before a title's colon, where it is repeated, and acronyms.

"Speech Large Language Models (SLLMs)": no title ends within the words that an acronym stands for.
"""

import re

from papers.listing.titles.window import Window, Word
from papers.listing.titles.words import STOP_WORDS

_NAME_REACH = 48
_WORD_PARTS = re.compile(r"[^\W_]+")


def name_repetitions(view: Window) -> tuple[int, list[int]]:
    """The number of words in the name before the title's colon, and where it is repeated."""
    words = view.words
    for lead in range(1, min(4, view.length) + 1):
        name = _joined_letters(words[:lead])
        if name and words[lead - 1].text[-1:] == ":":
            return lead, [
                k
                for k in range(lead, min(view.length, _NAME_REACH))
                if words[k].bare[:1] == name[:1] and _begins_with_name(words[k : k + 4], name)
            ]
    return 0, []


def _begins_with_name(words: list[Word], name: str) -> bool:
    """Whether the words begin with a name, however it is spaced or hyphenated."""
    text = ""
    for word in words:
        text += _joined_letters([word])
        if len(text) >= len(name):
            break
    return text.removesuffix("s") == name.removesuffix("s")


def _joined_letters(words: list[Word]) -> str:
    return "".join([x for word in words for x in word.bare if x.isalnum()])


def acronym_spans(view: Window) -> list[tuple[int, int]]:
    """For each acronym in brackets, the first word that it stands for, and its own index."""
    words, spans = view.words, []
    for k in range(1, view.length):
        text = words[k].text
        if text[:1] != "(":
            continue
        letters = [x for x in text.strip("().,:;").removesuffix("s") if x.isupper()]
        if len(letters) > 1:
            start = _acronym_start(words, k, "".join(letters).lower())
            if start is not None:
                spans.append((start, k))
        elif words[k - 1].shape[:1] == "C" and text[1:2].lower() == words[k - 1].bare[:1]:
            spans.append((k - 1, k))  # RAG (Retrieval-Augmented Generation)
    return spans


def _acronym_start(words: list[Word], k: int, letters: str) -> int | None:
    """The index at which the words before ``k`` begin to spell the letters; None if they do not.

    Words and letters are read backwards.
    """
    left, spare = len(letters), 1
    for n in range(k - 1, max(k - 12, -1), -1):
        text = words[n].text
        fits = words[n].bare in STOP_WORDS
        for part in reversed(_WORD_PARTS.findall(text) if not text.isupper() else [text]):
            used = _spelt_count(part.lower(), letters[:left], part.isupper())
            left -= used
            fits = fits or used > 0
            if not left:
                return n
        spare -= not fits
        if spare < 0:
            return None
    return None


def _spelt_count(part: str, letters: str, whole: bool) -> int:
    """How many of the last letters a part of a word stands for: its first, and some within."""
    if whole and len(part) > 1 and letters.endswith(part):
        return len(part)
    for n in (1, *range(min(4, len(letters)), 1, -1)):
        tail = letters[-n:]
        if part[0] == tail[0] and _is_subsequence(tail, part):
            return n
    return 0


def _is_subsequence(letters: str, part: str) -> bool:
    rest = iter(part)
    return all(letter in rest for letter in letters)
