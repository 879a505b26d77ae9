"""Keys that match a listing entry with a paper."""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING

from papers.listing.identity import identity_key

if TYPE_CHECKING:
    from papers.models import ListingEntry, Paper


def set_keys(row: ListingEntry | Paper) -> None:
    """Set the keys of ``row`` from its title, abstract and ids. Nothing is saved."""
    row.identity = identity_key(row.title, arxiv_id=row.arxiv_id, doi=row.doi)
    row.title_key = identity_key(row.title).removeprefix("title:")  # of bounded length
    row.body_key = body_key(row.title, row.abstract)


def body_key(title: str, abstract: str) -> str:
    """A key of title and abstract together, independent of where the text is split into the two.

    So a paper whose title was corrected by hand is recognised in the next listing.
    """
    text = "".join(f"{title}{abstract}".split()).casefold()
    return blake2b(text.encode(), digest_size=16).hexdigest()
