"""The values that reading a listing gives."""

from dataclasses import dataclass
from datetime import date


class ListingError(ValueError):
    """The text is no listing at all; the message is a sentence a person can act on."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One paper as the listing names it.

    ``line`` and ``last_line`` count from 1 and include both ends. ``author_count`` and
    ``published_on`` are None where the form has none (a daily card). ``confidence`` is the
    probability, 0 to 1, that the title ends where it was cut; 1.0 where the form keeps title and
    abstract apart. ``doubts`` are sentences that say why a person should look at this entry.
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
    """A part of the text that became no entry: where it is, why, and how it begins."""

    line: int
    last_line: int
    reason: str
    excerpt: str


@dataclass(frozen=True, slots=True)
class Listing:
    """What was understood: ``format`` is a name in the registry; both tuples are in text order."""

    format: str
    entries: tuple[Entry, ...]
    problems: tuple[Problem, ...]
