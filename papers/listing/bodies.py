"""Title and abstract of one paper, separated by line breaks or by their words."""

import re
from dataclasses import dataclass

from papers.listing import noise, tails, titles
from papers.listing.lines import Page

# The longest title, in characters, and the most lines it may be wrapped over.
_MAX_TITLE_LENGTH = 600
_MAX_TITLE_LINES = 14
# Text without a full stop, up to this length, is a title without an abstract.
_MAX_BARE_TITLE_LENGTH = 250
# arXiv allows 1,920 characters; the longest of sixty thousand abstracts has 2,585.
_MAX_ABSTRACT_LENGTH = 2_600
_UNSURE_CONFIDENCE = 0.5

NO_ABSTRACT = "No abstract was found: the whole text was taken for the title."
BREAK_DISAGREES = "The line break after the title stands where the words do not suggest it."
TOO_LONG = "The abstract is unusually long: two papers may have run together."
TAIL_INSIDE = "What may be the end of a paper stands in the text: two may have run together."

_SENTENCE_END = re.compile(r"[.!?…][)\]\"”'’]?(?: |$)")
_FULL_STOP = re.compile(r"[.…][)\]\"”'’]?(?: |$)")
_TAIL_REST = re.compile(r"(?<!\S)[0-9,]{1,9} [Aa]uthors? ?[·•∙|-] ?(?:\w{3,12}\.? )?[0-9]{1,4}\b")


@dataclass(frozen=True, slots=True)
class Body:
    """Title and abstract, the confidence in the cut between them (0 to 1), and doubts."""

    title: str
    abstract: str
    confidence: float
    doubts: tuple[str, ...] = ()


def body_between(page: Page, start: int, until: int, *, alone: bool, width: int) -> Body:
    """The body from ``start`` up to ``until``, where the paper's tail begins.

    ``alone`` says whether the upvotes have a line of their own, as in a layout with a line per
    field; ``width`` is the length of the longest line nearby.
    """
    until = _end_before_organisation(page, start, until, width)
    text = page.flat[start:until].rstrip()
    breaks = _line_breaks(page, start, until, width)
    if _is_bare_title(text) and not any(is_break for _, is_break in breaks):
        return Body(text, "", _UNSURE_CONFIDENCE, (NO_ABSTRACT,))
    fields = alone or _has_own_lines(page, start, until, breaks)
    body = _cut_at_line_break(text, breaks) if fields and breaks else _cut_by_words(text, breaks)
    doubts = tuple(_abstract_doubts(body.abstract))
    return Body(body.title, body.abstract, body.confidence, body.doubts + doubts)


def _line_breaks(page: Page, start: int, until: int, width: int) -> list[tuple[int, bool]]:
    """The ends of the first lines, as offsets from ``start``, and whether each is a real break.

    A break is real if wrapping does not explain it.
    """
    first = page.line_at(start) + 1
    breaks = []
    for index in range(first, min(first + _MAX_TITLE_LINES, len(page.starts))):
        offset = page.starts[index]
        if offset >= until or offset - start > _MAX_TITLE_LENGTH:
            break
        if page.flat[offset - 1] == " ":
            breaks.append((offset - 1 - start, page.is_break(index, width)))
    return breaks


def _has_own_lines(page: Page, start: int, until: int, breaks: list[tuple[int, bool]]) -> bool:
    """Whether title and tail each begin a line, with a real break between them."""
    return (
        any(is_break for _, is_break in breaks)
        and page.begins_line(start)
        and page.begins_line(until)
    )


def _is_bare_title(text: str) -> bool:
    return len(text) <= _MAX_BARE_TITLE_LENGTH and not _FULL_STOP.search(text)


def _cut_at_line_break(text: str, breaks: list[tuple[int, bool]]) -> Body:
    """Cut ``text`` at one of its line breaks, where the title's field ended."""
    real = [offset for offset, is_break in breaks if is_break]
    if len(breaks) == 1:
        return _cut_at_offset(text, breaks[0][0], 1.0)
    cut = titles.split(text, candidates=[offset for offset, _ in breaks])
    if not real:
        return Body(cut.title, cut.abstract, cut.confidence)
    if len(cut.title) == real[0]:
        return Body(cut.title, cut.abstract, 1.0)
    return _cut_at_offset(text, real[0], _UNSURE_CONFIDENCE, (BREAK_DISAGREES,))


def _cut_by_words(text: str, breaks: list[tuple[int, bool]]) -> Body:
    """Cut ``text`` where its words suggest; a real break at the same place makes it certain."""
    cut = titles.split(text)
    certain = any(is_break and offset == len(cut.title) for offset, is_break in breaks)
    return Body(cut.title, cut.abstract, 1.0 if certain else cut.confidence)


def _cut_at_offset(text: str, offset: int, confidence: float, doubts: tuple[str, ...] = ()) -> Body:
    return Body(text[:offset].rstrip(), text[offset:].lstrip(), confidence, doubts)


def _end_before_organisation(page: Page, start: int, until: int, width: int) -> int:
    """``until``, or the start of an organisation's name on a line of its own before the tail."""
    index = page.line_at(until) - 1
    if not page.begins_line(until) or index <= page.line_at(start):
        return until
    if not noise.may_be_name(page.line_text(index)) or not _ends_sentence(
        page.line_text(index - 1)
    ):
        return until
    # If the line before is the widest, its end looks like wrapping. But a paragraph of a single
    # line is not wrapped.
    is_break = page.is_break(index, width) or page.is_break(index - 1, width)
    return page.starts[index] if is_break else until


def _ends_sentence(line: str) -> bool:
    return _SENTENCE_END.search(line[-3:]) is not None


def _abstract_doubts(abstract: str) -> list[str]:
    doubts = [] if abstract else [NO_ABSTRACT]
    if len(abstract) > _MAX_ABSTRACT_LENGTH:
        doubts.append(TOO_LONG)
    if tails.AUTHOR_STEM in abstract and _TAIL_REST.search(abstract):
        doubts.append(TAIL_INSIDE)
    return doubts
