"""Keys that match a listing entry with a paper."""

from __future__ import annotations

import re
import unicodedata
from hashlib import blake2b
from typing import TYPE_CHECKING

from papers.listing.identity import identity_key
from papers.listing.links import link_key
from papers.models.papers import Paper

if TYPE_CHECKING:
    from datetime import date

    from papers.models import ListingEntry


def set_keys(row: ListingEntry | Paper) -> None:
    """Set the keys of ``row`` from its title, abstract, ids and link. Nothing is saved.

    A new paper also gets the stem of its citation key, which stays when its title changes.
    """
    row.identity = identity_key(row.title, arxiv_id=row.arxiv_id, doi=row.doi)
    row.title_key = identity_key(row.title).removeprefix("title:")  # of bounded length
    row.body_key = body_key(row.title, row.abstract)
    if isinstance(row, Paper):
        row.link_key = link_key(row.link)
    if not (isinstance(row, Paper) and row.citation_stem):
        row.citation_stem = citation_stem(row.title, row.published_on)


def citation_stem(title: str, published_on: date | None) -> str:
    """The recognisable part of a citation key: a word of the title, and the year."""
    title = unicodedata.normalize("NFKD", re.sub(r"\\[a-zA-Z]+", " ", title))
    plain = title.encode("ascii", "ignore").decode().lower()
    word = next((word for word in re.findall(r"[a-z]+", plain) if len(word) > 3), "paper")
    return f"{word[:20]}{str(published_on or '')[:4]}"


def body_key(title: str, abstract: str) -> str:
    """A key of title and abstract together, independent of where the text is split into the two.

    So a paper whose title was corrected by hand is recognised in the next listing.
    """
    text = "".join(f"{title}{abstract}".split()).casefold()
    return blake2b(text.encode(), digest_size=16).hexdigest()
