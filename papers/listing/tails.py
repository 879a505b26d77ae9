"""The ends of papers, ``25 authors · Jun 12, 2023``: the one sure anchor in a listing."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from papers.listing.dates import DATE
from papers.listing.lines import FIGURE, Gap, Page
from papers.listing.numbers import COUNT, parse_count

SEPARATORS = "·•|∙⋅‧・⸱\u2010-\u2015\u2212-"

# A word in every tail, without its first letter: searching for it is by far the fastest way.
AUTHOR_STEM = "uthor"

_TAIL = re.compile(rf"({COUNT}) [Aa]uthors? ?[{SEPARATORS}] ?({DATE})(?!\S)")
# If a date is part of a sentence, the sentence goes on; no title begins with these words.
_SENTENCE = re.compile(
    rf" (?:{COUNT} )?(?:of|in|and|on|the|to|for|from|with|we|by|was|were|are|is|that|which|who|as"
    r"|at|or|but|have|had|has|it|they)(?!\S)"
)
_MAX_COUNT_LENGTH = 20
_LOWER_CASE = re.compile(r" [a-z]")


@dataclass(slots=True)
class Tail:
    """The end of one paper: its range in the flat text, its author count and its date."""

    start: int
    end: int
    author_count: int
    date_words: str


def find_tails(page: Page) -> Iterator[Tail]:
    """The tails of all papers in ``page``, in order."""
    flat = page.flat
    word = flat.find(AUTHOR_STEM)
    while word >= 0:
        # The number stands before "authors" and a space.
        start = flat.rfind(" ", max(0, word - _MAX_COUNT_LENGTH), max(0, word - 2)) + 1
        match = _TAIL.match(flat, start)
        if match and match.end() > word and not _is_in_sentence(page, match.end()):
            yield Tail(start, match.end(), parse_count(match[1]), match[2])
        word = flat.find(AUTHOR_STEM, word + 1)


def _is_in_sentence(page: Page, end: int) -> bool:
    """Whether the words after a tail show that it is part of an abstract's sentence."""
    flat = page.flat
    if not (_SENTENCE.match(flat, end) or _LOWER_CASE.match(flat, end)):
        return False
    figure = FIGURE.match(flat, end + 1)
    after = figure.end() if figure else end + 1
    return page.gap_before(end + 1, 0) == page.gap_before(after, 0) == Gap.SPACE
