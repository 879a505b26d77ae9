"""Reader of the JSON of Hugging Face's ``/api/daily_papers``: a list of papers, or one paper."""

import json
import re
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

from papers.listing.cleaning import one_line
from papers.listing.dates import DateError, require_not_after
from papers.listing.identity import find_arxiv_id
from papers.listing.types import Entry, Listing, ListingError, Problem

NO_PAPER = (
    "This JSON holds no paper: save https://huggingface.co/api/daily_papers, a list of objects "
    "with a title and a summary each."
)
NO_ABSTRACT = "There is no abstract."
CUT_OFF = "The JSON is damaged or cut off from here on: %s."
TOO_DEEP = "The JSON is nested too deeply to be a paper."

_START = re.compile(r'\s*(?:\[\s*[\[{\]"]|\{\s*["}]|[\[{]\s*$)')
_SEPARATORS = re.compile(r"[\s,]*")
_LINE_BREAK = re.compile("\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")
_EXCERPT_LENGTH = 120
_MAX_COUNT = 999_999_999
_DECODER = json.JSONDecoder(strict=False)


class _ItemError(ValueError):
    """The item is not a paper; the message says why."""


@dataclass(frozen=True, slots=True)
class _Item:
    """A value with its range in the text, or the reason (``error``) why there is none."""

    start: int
    end: int
    value: object = None
    error: str = ""


def looks_like_json(text: str) -> bool:
    """Whether ``text`` begins like a JSON list or object."""
    return _START.match(text[:4096].lstrip("\ufeff")) is not None


def read(
    text: str, captured_on: date, progress: Callable[[int, int], None] | None = None
) -> Listing:
    """Read the JSON as a Listing. Raises ListingError if nothing in it resembles a paper."""
    text = text.replace("\ufeff", " ")
    items = list(_json_items(text))
    if not any(_is_like_paper(item.value) for item in items):
        raise ListingError(NO_PAPER)
    spans = _line_spans(text, items)
    entries: list[Entry] = []
    problems: list[Problem] = []
    for done, (item, span) in enumerate(zip(items, spans, strict=True), 1):
        try:
            entries.append(_entry_from_item(item, span, captured_on))
        except ValueError as error:
            excerpt = one_line(text[item.start : min(item.end, item.start + _EXCERPT_LENGTH)])
            problems.append(Problem(*span, str(error), excerpt))
        if progress and done % 500 == 0:
            progress(done, len(items))
    return Listing("hf_json", tuple(entries), tuple(problems))


def _json_items(text: str) -> Iterator[_Item]:
    """The items of the list in ``text``, or its only object; the first damage ends them."""
    position = _after_space(text, 0)
    is_list = text[position] == "["
    if is_list:
        position = _after_separators(text, position + 1)
    while position < len(text) and text[position] != "]":
        try:
            value, end = _DECODER.raw_decode(text, position)
        except RecursionError:
            yield _Item(position, len(text), error=TOO_DEEP)
            return
        except ValueError as error:
            reason = getattr(error, "msg", "a number is too long")
            yield _Item(position, len(text), error=CUT_OFF % reason)
            return
        yield _Item(position, end, value)
        position = _after_separators(text, end)
        if not is_list:
            break
    yield from _trailing_items(text, position + is_list)


def _after_space(text: str, position: int) -> int:
    return len(text) - len(text[position:].lstrip())


def _after_separators(text: str, position: int) -> int:
    match = _SEPARATORS.match(text, position)
    return match.end() if match else position


def _trailing_items(text: str, position: int) -> Iterator[_Item]:
    """An error for text after the end of the list, or for a list without an end."""
    if position < len(text) and not text[position:].isspace():
        yield _Item(position, len(text), error=CUT_OFF % "more text follows the list")
    elif position > len(text):
        yield _Item(len(text) - 1, len(text), error=CUT_OFF % "the list has no end")


def _line_spans(text: str, items: list[_Item]) -> Iterator[tuple[int, int]]:
    """The first and last line of each item; the outermost ones include the list's brackets."""
    breaks = [match.end() for match in _LINE_BREAK.finditer(text)]
    begin = _after_space(text, 0)
    for number, item in enumerate(items, 1):
        end = len(text.rstrip()) if number == len(items) else item.end
        yield bisect_right(breaks, begin) + 1, bisect_right(breaks, end - 1) + 1
        begin = _after_separators(text, item.end)


def _is_like_paper(value: object) -> bool:
    return isinstance(value, dict) and ("paper" in value or "title" in value)


def _entry_from_item(item: _Item, span: tuple[int, int], captured_on: date) -> Entry:
    if item.error:
        raise _ItemError(item.error)
    if not isinstance(item.value, dict):
        raise _ItemError("This is no paper: an object with a title and a summary is.")
    outer = item.value
    paper = outer.get("paper")
    inner = paper if isinstance(paper, dict) else {}
    both = {**outer, **{name: value for name, value in inner.items() if value is not None}}
    title, abstract = _text_field(both, "title"), _text_field(both, "summary")
    if not title:
        raise _ItemError("This paper has no title.")
    return Entry(
        *span,
        title=title,
        abstract=abstract,
        upvotes=_count_field(both, "upvotes"),
        author_count=len(both["authors"]) if isinstance(both.get("authors"), list) else None,
        published_on=_published_on(both, captured_on),
        comment_count=_count_field(both, "numComments"),
        arxiv_id=find_arxiv_id(_text_field(both, "id")),
        doubts=() if abstract else (NO_ABSTRACT,),
    )


def _text_field(values: dict[str, object], name: str) -> str:
    value = values.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise _ItemError(f"“{name}” is no text.")
    return one_line(value)


def _count_field(values: dict[str, object], name: str) -> int:
    value = values.get(name)
    if value is None:
        return 0
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= _MAX_COUNT:
        raise _ItemError(f"“{name}” is no whole number from 0 on.")
    return value


def _published_on(values: dict[str, object], captured_on: date) -> date | None:
    words = _text_field(values, "publishedAt")
    if not words:
        return None
    try:
        published_on = date.fromisoformat(words[:10])
    except ValueError:
        raise DateError(f"“publishedAt” is no date: {words[:30]}") from None
    return require_not_after(published_on, captured_on)
