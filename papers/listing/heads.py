"""The beginnings of papers: everything between the tail of one and the title of the next."""

import re
from dataclasses import dataclass, field
from itertools import pairwise

from papers.listing import noise
from papers.listing.figures import Assignment, Figure, assign_figures
from papers.listing.lines import FIGURE, Gap, Page
from papers.listing.numbers import COUNT, DASH, DASHES

_MAX_FIGURES = 3
_WORDS_AHEAD = 3
_MAX_WORDS_LENGTH = 200
# Text up to this length after the last paper is the page's footer, not half a paper.
_MAX_FOOTER_LENGTH = 200
_FIGURE_SIGNS = "0123456789" + DASHES
_START = re.compile(rf"(?:{COUNT}|{DASH})(?= (?![Aa]uthors?\b)|$)")
_ENDS_PAPER = re.compile(r"(?:[.!?…)\]\"”/|·•∙-]|authors?|[0-9])$")


@dataclass(slots=True)
class Head:
    """The text before a title, as offsets in the flat text.

    ``comments`` belong to the paper before, whose part ends at ``before_end``. ``strays`` are
    ranges that belong to no paper. The next paper's part begins at ``start`` and its title at
    ``title_start``; ``upvotes`` is None if there are none. ``upvotes_alone`` says whether they
    have a line of their own, ``is_ambiguous`` whether the figures can be read in two ways.
    ``width`` is the length of the longest line nearby.
    """

    before_end: int
    start: int
    title_start: int
    width: int
    comments: Figure | None
    upvotes: Figure | None
    upvotes_alone: bool
    is_ambiguous: bool
    strays: list[tuple[int, int]] = field(default_factory=list)


def head_between(page: Page, after: int, until: int, width: int) -> Head:
    """The head between ``after``, where a date ends, and ``until``, where the next tail begins.

    ``after`` is 0 before the first paper; ``until`` is the length of the text after the last.
    """
    fields = until < len(page.flat) and page.begins_line(until)
    figures, position, gap = _leading_figures(page, after, until, width, fields)
    if after == 0:
        reading = Assignment(0, min(len(figures), 1))
    else:
        words = page.flat[position : min(until, position + _MAX_WORDS_LENGTH)].split()[
            :_WORDS_AHEAD
        ]
        is_footer = until == len(page.flat) and until - position < _MAX_FOOTER_LENGTH
        reading = _assign_with_footer(figures, gap, words, fields, is_footer)
    used = reading.comments + reading.upvotes
    comments = figures[0] if reading.comments else None
    upvotes = figures[reading.comments] if reading.upvotes else None
    before_end = comments.end if comments else after
    head = Head(
        before_end=before_end,
        start=_next_word_offset(page, before_end),
        title_start=figures[used].start if used < len(figures) else position,
        width=width,
        comments=comments,
        upvotes=upvotes,
        upvotes_alone=upvotes is not None and _is_alone(page, upvotes),
        is_ambiguous=reading.is_ambiguous,
    )
    _move_to_last_start(page, head, until)
    return head


def _assign_with_footer(
    figures: list[Figure], gap: Gap, words: list[str], fields: bool, is_footer: bool
) -> Assignment:
    """Like assign_figures(), but a single figure before a footer can only be comments."""
    if is_footer and len(figures) == 1:
        doubtful = bool(words) and figures[0].gap is Gap.BREAK
        return Assignment(0 if figures[0].is_dash else 1, 0, doubtful)
    return assign_figures(figures, gap, words, fields)


def _leading_figures(
    page: Page, after: int, until: int, width: int, fields: bool
) -> tuple[list[Figure], int, Gap]:
    """The first figures from ``after`` on, the offset of the words that follow, and its gap."""
    figures: list[Figure] = []
    position = _next_word_offset(page, after)
    while True:
        gap = page.gap_before(position, width)
        match = FIGURE.match(page.flat, position)
        if not match:
            alone = fields and bool(figures) and _is_alone(page, figures[-1])
            beyond = _offset_after_noise(page, position, until, width, alone)
            if beyond != position:
                position, gap = beyond, Gap.BREAK
                match = FIGURE.match(page.flat, position)
        if not match or position >= until or len(figures) == _MAX_FIGURES:
            return figures, min(position, until), gap
        figures.append(Figure(match[1], position, match.end(1), gap))
        position = match.end()


def _next_word_offset(page: Page, offset: int) -> int:
    return offset + 1 if page.flat[offset : offset + 1] == " " else offset


def _is_alone(page: Page, figure: Figure) -> bool:
    index = page.line_at(figure.start)
    return page.starts[index] == figure.start and page.line_end(index) == figure.end


def _offset_after_noise(page: Page, position: int, until: int, width: int, alone: bool) -> int:
    """The offset after noise within a line, or after an organisation's line before a figure.

    After a figure on a line of its own (``alone``), that line may be a title, and a figure at the
    start of the next line may belong to the abstract. Only another figure on a line of its own
    shows that it is an organisation.
    """
    beyond = noise.skip_inline(page.flat, position)
    if beyond != position:
        return beyond if beyond < until else position
    index = page.line_at(position)
    following = index + 1
    if page.starts[index] != position or following == len(page.starts):
        return position
    if page.starts[following] >= until or not noise.may_be_name(page.line_text(index)):
        return position
    is_start = _START.match(page.flat, page.starts[following]) and page.is_break(following, width)
    if not is_start or (alone and not page.stands_alone(following)):
        return position
    return page.starts[following]


def _move_to_last_start(page: Page, head: Head, until: int) -> None:
    """Move ``head`` to the last line that begins a paper; the text before becomes strays."""
    lines = _later_starts(page, head, until)
    if not lines:
        return
    starts = [page.starts[line] for line in lines]
    bounds = [head.start, *starts]
    if head.upvotes is None and noise.may_be_name(page.flat[bounds[0] : bounds[1]].rstrip()):
        # An organisation's name belongs to the paper that follows.
        del bounds[1]
    head.strays = list(pairwise(bounds))
    head.start = bounds[-1]
    figures, position, _ = _leading_figures(page, starts[-1], until, head.width, head.upvotes_alone)
    head.upvotes = figures[0]
    head.title_start = figures[1].start if len(figures) > 1 else position
    head.upvotes_alone = _is_alone(page, figures[0])


def _later_starts(page: Page, head: Head, until: int) -> list[int]:
    """The lines after a title's first that begin a paper because the tail before is missing."""
    later: list[int] = []
    alone = head.upvotes_alone if head.upvotes else None
    first, last = page.line_at(head.title_start) + 1, page.line_at(until - 1)
    for index in range(first, last + 1):
        start = page.starts[index]
        if page.flat[start] not in _FIGURE_SIGNS or start >= until:
            continue
        if not _begins_paper(page, index, alone, head.width):
            continue
        if later and later[-1] == index - 1 and page.stands_alone(index - 1):
            later.pop()
        later.append(index)
        alone = page.stands_alone(index)
    return later


def _begins_paper(page: Page, index: int, alone: bool | None, width: int) -> bool:
    """Whether line ``index`` begins a paper in the same way as the one before (``alone``)."""
    if not _START.match(page.flat, page.starts[index]) or not page.is_break(index, width):
        return False
    if alone is None or (index in page.known_starts and not alone):
        return True
    ends_paper = _ENDS_PAPER.search(page.line_text(index - 1)) is not None
    return ends_paper and alone == page.stands_alone(index)
