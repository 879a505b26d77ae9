"""Reader of the text of a papers page, whatever its layout.

A line per paper, a line per field, no lines at all, or lines wrapped anywhere: the text is read
as one string in which every paper ends with its tail, ``25 authors · Jun 12, 2023``. Between one
tail and the next are the comments of the first paper and the figures, title and abstract of the
second. Line breaks between them are evidence, but never required.
"""

import re
from collections.abc import Callable, Iterator
from datetime import date

from papers.listing import bodies, heads, lines, tails
from papers.listing.dates import DateError, resolve_date
from papers.listing.heads import Head
from papers.listing.lines import FIGURE, Page
from papers.listing.numbers import COUNT
from papers.listing.tails import Tail
from papers.listing.types import Entry, Listing, ListingError, Problem

NO_PAPER = (
    "No paper was found: each ends like “25 authors · Jun 12, 2023”. Copy the whole papers page, "
    "with its authors and dates, and try again."
)
NO_TITLE = "No title stands before the authors."
NO_END = "This paper has no end like “25 authors · Jun 12, 2023”, or its date is unreadable."
NO_UPVOTES = "No upvotes stand before the title: taken as 0."
COMMENTS_OR_UPVOTES = (
    "The numbers after the date can be read in two ways: as this paper's comments, or as the "
    "upvotes of the next one."
)
UPVOTES_OR_TITLE = (
    "The numbers before the title can be read in two ways: the title may begin with a number."
)

Progress = Callable[[int, int], None]

_PROGRESS_STEP = 500
_EXCERPT_LENGTH = 120
_REST_OF_LINE = re.compile(rf"(?: {COUNT})?")
_MAX_REST_LENGTH = 12
# A line this many times shorter than its neighbour is not wrapped text.
_MUCH_SHORTER = 3


def read(text: str, captured_on: date, progress: Progress | None = None) -> Listing:
    """Read the text of a papers page as a Listing.

    Raises ListingError if not a single paper ends in it.
    """
    page = lines.page_from_text(text)
    all_tails = list(tails.find_tails(page))
    if not all_tails:
        raise ListingError(NO_PAPER)
    page.known_starts = _known_starts(page, all_tails)
    entries: list[Entry] = []
    problems: list[Problem] = []
    for part in _page_parts(page, all_tails, captured_on, progress):
        if isinstance(part, Entry):
            entries.append(part)
        else:
            problems.append(part)
    return Listing("text", tuple(entries), tuple(problems))


def _known_starts(page: Page, all_tails: list[Tail]) -> set[int]:
    """The lines that begin with a figure or follow a tail, if most papers have a line each."""
    lined = sum(_has_own_line(page, before, tail) for before, tail in _with_previous(all_tails))
    if lined * 2 < len(all_tails):
        return set()
    firm = {index for index, start in enumerate(page.starts) if FIGURE.match(page.flat, start)}
    return firm | {page.line_at(tail.start) + 1 for tail in all_tails if _ends_line(page, tail)}


def _ends_line(page: Page, tail: Tail) -> bool:
    """Whether nothing but comments follows ``tail`` on its line."""
    end = page.line_end(page.line_at(tail.start))
    is_near = tail.end <= end <= tail.end + _MAX_REST_LENGTH
    return is_near and _REST_OF_LINE.fullmatch(page.flat, tail.end, end) is not None


def _with_previous(all_tails: list[Tail]) -> Iterator[tuple[Tail | None, Tail]]:
    return zip([None, *all_tails[:-1]], all_tails, strict=True)


def _has_own_line(page: Page, before: Tail | None, tail: Tail) -> bool:
    """Whether the paper that ends with ``tail`` is one line, from upvotes to comments."""
    index = page.line_at(tail.start)
    if not _ends_line(page, tail) or page.starts[index] == tail.start:
        return False
    if not FIGURE.match(page.flat, page.starts[index]):
        return False
    follows = index == 0 or (before is not None and page.line_at(before.end - 1) == index - 1)
    return follows or page.lengths[index - 1] * _MUCH_SHORTER < page.lengths[index]


def _paper_heads(page: Page, all_tails: list[Tail]) -> Iterator[Head]:
    """The head before each tail, and the one after the last."""
    after, first_line = 0, 0
    for tail in all_tails:
        last_line = page.line_at(tail.end - 1)
        yield heads.head_between(page, after, tail.start, page.max_width(first_line, last_line))
        first_line = page.line_at(after)
        after = tail.end
    width = page.max_width(first_line, len(page.starts) - 1)
    yield heads.head_between(page, after, len(page.flat), width)


def _page_parts(
    page: Page, all_tails: list[Tail], captured_on: date, progress: Progress | None
) -> Iterator[Entry | Problem]:
    """Every paper and every stray part of ``page``, in order."""
    every_head = _paper_heads(page, all_tails)
    above = next(every_head)
    for done, (tail, head) in enumerate(zip(all_tails, every_head, strict=True), 1):
        yield from (_problem_at(page, start, end, NO_END) for start, end in above.strays)
        yield _entry_or_problem(page, above, tail, head, captured_on)
        above = head
        if progress and done % _PROGRESS_STEP == 0:
            progress(done, len(all_tails))
    for start, end in [*above.strays, (above.start, len(page.flat))]:
        if start < end:
            yield _problem_at(page, start, end, NO_END)


def _entry_or_problem(
    page: Page, above: Head, tail: Tail, below: Head, captured_on: date
) -> Entry | Problem:
    """The paper between two heads; a Problem if it has no title or an impossible date."""
    span = above.start, below.before_end
    if above.title_start >= tail.start:
        return _problem_at(page, *span, NO_TITLE)
    try:
        published_on, year_inferred = resolve_date(tail.date_words, captured_on)
    except DateError as error:
        return _problem_at(page, *span, str(error))
    body = bodies.body_between(
        page, above.title_start, tail.start, alone=above.upvotes_alone, width=above.width
    )
    line, last_line = _line_span(page, *span)
    return Entry(
        line=line,
        last_line=last_line,
        title=body.title,
        abstract=body.abstract,
        upvotes=above.upvotes.value if above.upvotes else 0,
        author_count=tail.author_count,
        published_on=published_on,
        year_inferred=year_inferred,
        comment_count=below.comments.value if below.comments else 0,
        confidence=body.confidence,
        doubts=(*_figure_doubts(above, below), *body.doubts),
    )


def _figure_doubts(above: Head, below: Head) -> Iterator[str]:
    if not above.upvotes:
        yield NO_UPVOTES
    if above.is_ambiguous:
        yield UPVOTES_OR_TITLE
    if below.is_ambiguous:
        yield COMMENTS_OR_UPVOTES


def _problem_at(page: Page, start: int, end: int, reason: str) -> Problem:
    line, last_line = _line_span(page, start, end)
    return Problem(
        line, last_line, reason, page.flat[start : min(end, start + _EXCERPT_LENGTH)].strip()
    )


def _line_span(page: Page, start: int, end: int) -> tuple[int, int]:
    """The first and last line of a range, with the noise before it (and after the last line)."""
    first, last = page.line_at(start), page.line_at(end - 1)
    line = page.noise_from[first] if page.starts[first] == start else page.line_numbers[first]
    is_last = last == len(page.starts) - 1
    return line, page.last_number if is_last else page.line_numbers[last]
