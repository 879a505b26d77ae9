"""The result of reading a listing: entries and problems."""

from dataclasses import dataclass
from datetime import date


class ListingError(ValueError):
    """The text is not a listing at all; the message is a sentence a person can act on."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One paper as the listing has it.

    ``line`` and ``last_line`` count from 1 and are inclusive. ``author_count`` and
    ``published_on`` are None if the format has none (a daily card). ``confidence`` is the
    probability, 0 to 1, that the title ends where it was cut; 1.0 if the format keeps title and
    abstract apart. ``doubts`` are sentences that say why a person should check this entry.
    """

    line: int
    last_line: int
    title: str
    abstract: str
    upvotes: int = 0
    author_count: int | None = None
    published_on: date | None = None
    year_inferred: bool = False
    comment_count: int = 0
    confidence: float = 1.0
    arxiv_id: str = ""
    doi: str = ""
    doubts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Problem:
    """A part of the text that did not become an entry: its lines, the reason, its beginning."""

    line: int
    last_line: int
    reason: str
    excerpt: str


@dataclass(frozen=True, slots=True)
class Listing:
    """The result: ``format`` is a name in the registry; both tuples are in text order."""

    format: str
    entries: tuple[Entry, ...]
    problems: tuple[Problem, ...]
