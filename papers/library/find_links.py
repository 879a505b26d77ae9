"""Searches for a paper by its title on other sites, for papers that came without a link."""

from __future__ import annotations

import unicodedata
from urllib.parse import urlencode

from papers.listing.identity import without_tex
from papers.rendering import split_formulas

LONGEST_QUERY = 300  # characters
# The name of each site, the address of its search, and its parameters before the title.
SITES = [
    ("arXiv", "https://arxiv.org/search/", {"searchtype": "title"}, "query"),
    ("Hugging Face", "https://huggingface.co/papers", {}, "q"),
    ("Google Scholar", "https://scholar.google.com/scholar", {}, "q"),
    ("Semantic Scholar", "https://www.semanticscholar.org/search", {}, "q"),
]


def search_links(title: str) -> list[tuple[str, str]]:
    """(name of a site, address of its search for ``title``), for each of `SITES`."""
    words = searchable_title(title)
    return [
        (name, f"{address}?{urlencode({**parameters, last: words})}")
        for name, address, parameters, last in SITES
    ]


def searchable_title(title: str) -> str:
    """The words of ``title`` without formulas, or if it has no others, without their dollars."""
    words = "".join(" " if formula else source for source, formula, _ in split_formulas(title))
    if not any(map(str.isalnum, words)):
        words = title
    plain = unicodedata.normalize("NFC", without_tex(words))
    return " ".join(plain.split())[:LONGEST_QUERY]
