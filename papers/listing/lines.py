"""The lines of a text, joined into one string that keeps the position of each."""

import re
from bisect import bisect_right
from dataclasses import dataclass, field
from enum import IntEnum

from papers.listing import noise
from papers.listing.cleaning import one_line
from papers.listing.numbers import COUNT, DASH

FIGURE = re.compile(rf"({COUNT}|{DASH})(?: |$)")

_MAX_NAME_LENGTH = 40
_HYPHENATED = re.compile(r"[^\W\d_]-$")
_DASHED = re.compile(r"\w--+$")
_AFTER_HYPHEN = re.compile(r"(?!(?:and|or|to|from|vs|versus|as)(?![\w-]))[^\W_]*[^\W\d_]")
_AFTER_DASHES = re.compile(r"--+\w")


class Gap(IntEnum):
    """The gap before a word: a space, a line break that wrapping explains, or a real break."""

    SPACE = 0
    WRAP = 1
    BREAK = 2


@dataclass(slots=True)
class Page:
    """A text as ``flat``, one string with single spaces, without the page's own noise.

    The lists have one item per kept line: its offset in ``flat``, its length, its length as
    evidence of the width of wrapped text (0 for a single word, which cannot be wrapped), its
    number in the text (from 1), and the number of the first noise line right before it (or its
    own). ``known_starts`` holds the lines known to begin a paper, whatever their width.
    """

    flat: str = ""
    starts: list[int] = field(default_factory=list)
    lengths: list[int] = field(default_factory=list)
    widths: list[int] = field(default_factory=list)
    line_numbers: list[int] = field(default_factory=list)
    noise_from: list[int] = field(default_factory=list)
    last_number: int = 0
    known_starts: set[int] = field(default_factory=set)

    def line_at(self, offset: int) -> int:
        """The index of the kept line that contains ``offset``."""
        return bisect_right(self.starts, offset) - 1

    def line_end(self, index: int) -> int:
        """The offset at which line ``index`` ends."""
        return self.starts[index] + self.lengths[index]

    def line_text(self, index: int) -> str:
        """The text of line ``index``."""
        return self.flat[self.starts[index] : self.line_end(index)]

    def max_width(self, first: int, last: int) -> int:
        """The width of the widest of the lines ``first`` to ``last``."""
        return max(self.widths[first : last + 1])

    def begins_line(self, offset: int) -> bool:
        """Whether a line begins at ``offset``."""
        return self.starts[self.line_at(offset)] == offset

    def stands_alone(self, index: int) -> bool:
        """Whether line ``index`` is a figure and nothing else."""
        match = FIGURE.match(self.flat, self.starts[index])
        return match is not None and match.end(1) == self.line_end(index)

    def gap_before(self, offset: int, width: int) -> Gap:
        """The gap before the word at ``offset`` in text wrapped at ``width``."""
        index = self.line_at(offset) if offset < len(self.flat) else len(self.starts)
        if index == len(self.starts):
            return Gap.BREAK
        if index == 0 or self.starts[index] != offset:
            return Gap.SPACE
        return Gap.BREAK if self.is_break(index, width) else Gap.WRAP

    def is_break(self, index: int, width: int) -> bool:
        """Whether wrapping at ``width`` does not explain the break before line ``index``.

        Wrapping breaks a line only if the next word no longer fits.
        """
        if index in self.known_starts:
            return True
        start = self.starts[index]
        if self.flat[start - 1] != " ":
            return False
        word_end = self.flat.find(" ", start, start + width)
        word = (word_end if word_end >= 0 else self.line_end(index)) - start
        return self.lengths[index - 1] + 1 + word <= width


def page_from_text(text: str) -> Page:
    """The Page of ``text``; lines are counted like those of ``str.splitlines``."""
    page = Page()
    pieces: list[str] = []
    offset, noise_from, name_expected, before = 0, 0, False, ""
    for number, raw in enumerate(text.splitlines(), 1):
        # Most lines are clean, and checking that is many times cheaper than cleaning them.
        line = raw.strip(" ") if raw.isprintable() and "  " not in raw else one_line(raw)
        if not line:
            continue
        page.last_number = number
        if (name_expected or line[0] in noise.FIRST_CHARACTERS) and _is_noise(line, name_expected):
            noise_from = noise_from or number
            name_expected = noise.announces_name(line)
            continue
        name_expected = False
        if line[0] in noise.FIRST_CHARACTERS or " +" in line:
            line = noise.without_label(line)
        if before and not _continues_word(before, line):
            pieces.append(" ")
            offset += 1
        page.starts.append(offset)
        page.lengths.append(len(line))
        page.widths.append(len(line) if " " in line else 0)
        page.line_numbers.append(number)
        page.noise_from.append(noise_from or number)
        noise_from = 0
        pieces.append(line)
        offset += len(line)
        before = line
    page.flat = "".join(pieces)
    return page


def _is_noise(line: str, name_expected: bool) -> bool:
    if name_expected and len(line) <= _MAX_NAME_LENGTH and noise.may_be_name(line):
        return True
    return noise.announces_name(line) or noise.is_noise(line)


def _continues_word(before: str, line: str) -> bool:
    """Whether the line break splits a hyphenated word, or words joined by dashes."""
    if before[-1] != "-" and line[0] != "-":
        return False
    if before[-1] == "-":
        hyphenated = _HYPHENATED.search(before[-2:]) and _AFTER_HYPHEN.match(line)
        return bool(hyphenated or _DASHED.search(before[-4:]) and line[0].isalnum())
    return before[-1].isalnum() and bool(_AFTER_DASHES.match(line))
