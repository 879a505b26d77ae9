"""Assignment of the figures between a date and the next title to comments and upvotes.

A date is followed by the comments of its paper (left out if there are none) and the upvotes of the
next paper (a dash if there are none). Line breaks tell them apart; if everything is on one line, a
title that begins with a number can make them ambiguous.
"""

import re
from dataclasses import dataclass

from papers.listing.lines import Gap
from papers.listing.numbers import DASHES, parse_count


@dataclass(slots=True)
class Figure:
    """A number or dash, its range in the flat text, and the gap before it."""

    words: str
    start: int
    end: int
    gap: Gap

    @property
    def is_dash(self) -> bool:
        return self.words in DASHES

    @property
    def value(self) -> int:
        return parse_count(self.words)


@dataclass(frozen=True, slots=True)
class Assignment:
    """How many of the first figures are comments and upvotes (0 or 1 each); any ambiguity."""

    comments: int
    upvotes: int
    is_ambiguous: bool = False


_UNIT = re.compile(
    r"(?:(?i:(?:nano|micro|milli)?(?:seconds|minutes|hours|days|weeks|months|years|decades|centuries"
    r"|(?:hundred|thousand|million|billion|trillion|percent|tesla|kelvin)s?))"
    r"|d[bB]|[kMGTP]?(?:eV|Hz|pc|yr|bps|W)|[nµμmck]?m|[mk]?Jy|[mµμ]?s|%|°C?|Tuc"
    r"|micromet(?:er|re)s?)(?![\w:^-])"
)
# Words that may follow a number, but also begin titles without one.
_MEASURE = re.compile(r"(?i:second|minute|hour|day|week|month|year|degree|layer|bit|shot|step)\b")
_PLURAL = re.compile(r"[A-Za-z-]*[A-Za-z]{2}(?<![suiSUI'])[sS](?![\w-])")
_NEVER_COUNTED = re.compile(
    r"(?:an?|the|on|in|of|to|for|from|with|without|towards?|beyond|how|what|why|when|where|which|who"
    r"|is|are|can|do|does|this|across|always|\w+ing)(?!\w)",
    re.IGNORECASE,
)
_LOWER_CASE = re.compile(r"[a-z]{2,}(?![\w:^-])")
# Of nine thousand papers on Hugging Face, none has this many comments,
_MANY_COMMENTS = 20
# and two have this many comments and fewer upvotes.
_MORE_THAN_UPVOTES = 4


def assign_figures(figures: list[Figure], after: Gap, words: list[str], fields: bool) -> Assignment:
    """Decide which of ``figures`` are comments and which are upvotes.

    ``after`` is the gap between the last figure and ``words``, the first few words that follow;
    ``fields`` says whether the next paper has a line per field.
    """
    if not figures:
        return Assignment(0, 0)
    if figures[0].is_dash:
        return Assignment(0, 1)
    if len(figures) == 1:
        return _assign_one(figures[0], after, words)
    if figures[1].is_dash:
        begins_line = figures[0].gap is Gap.BREAK and figures[1].gap is Gap.SPACE
        return Assignment(0, 1) if begins_line else Assignment(1, 1)
    return _assign_two(figures, after, words, fields)


def _assign_one(figure: Figure, after: Gap, words: list[str]) -> Assignment:
    ends_line = figure.gap is Gap.SPACE and after is Gap.BREAK
    return Assignment(1, 0) if ends_line or not words else Assignment(0, 1)


def _assign_two(figures: list[Figure], after: Gap, words: list[str], fields: bool) -> Assignment:
    first, second = figures[:2]
    if first.gap is Gap.BREAK and second.gap is Gap.SPACE:
        return Assignment(0, 1)
    if second.gap is not Gap.BREAK:
        return _assign_in_one_line(figures, words)
    if first.gap is Gap.BREAK and after is not Gap.BREAK and len(figures) == 2 and fields:
        return Assignment(0, 1, is_ambiguous=not _may_begin_title(second, words))
    return Assignment(1, 1)


def _assign_in_one_line(figures: list[Figure], words: list[str]) -> Assignment:
    first, second = figures[:2]
    if len(figures) > 2:
        return Assignment(1, 1)
    may_count, unlikely = _may_begin_title(second, words), _is_unlikely_comment_count(first, second)
    is_title = bool(words) and (_is_counted_word(words[0]) or (may_count and unlikely))
    return Assignment(0 if is_title else 1, 1, is_ambiguous=may_count or unlikely)


def _is_counted_word(word: str) -> bool:
    """Whether ``word`` names what the number before it counts or measures."""
    return bool(_UNIT.match(word) or _LOWER_CASE.match(word))


def _may_begin_title(figure: Figure, words: list[str]) -> bool:
    """Whether a title may begin with ``figure`` and continue with ``words``."""
    if not words or _NEVER_COUNTED.match(words[0]):
        return False
    if _is_counted_word(words[0]) or _MEASURE.match(words[0]) or words[0][0].islower():
        return True
    return figure.words != "1" and any(_PLURAL.match(word) for word in _first_phrase(words))


def _first_phrase(words: list[str]) -> list[str]:
    """The leading words that form one phrase."""
    length = next((n for n, word in enumerate(words, 1) if not word.isalpha()), len(words))
    return words[:length]


def _is_unlikely_comment_count(first: Figure, second: Figure) -> bool:
    """Whether a paper is unlikely to have as many comments as ``first`` says."""
    comments = first.value
    return comments >= _MANY_COMMENTS or (
        comments >= _MORE_THAN_UPVOTES and comments > second.value
    )
