"""Papers as entries of BibTeX, in ASCII, for pdfLaTeX with BibTeX and for biblatex with Biber."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from django.utils.encoding import punycode

from papers.library.tex_formulas import PROVIDED_MACROS, used_macros
from papers.library.tex_text import text_tex

if TYPE_CHECKING:
    from papers.models import Paper

# Characters of an address or a DOI that stay; everything else is percent-encoded. A brace could end
# the field, and a backslash could begin a command.
KEPT_IN_ADDRESS = "!#$%&'()*+,-./:;<=>?@[]_~|^`\""


def bibtex_entries(papers: Iterable[tuple[Paper, str]]) -> Iterator[str]:
    """The entries of pairs of a paper and our note on it, each after the macros that it needs."""
    provided: set[str] = set()
    for paper, note in papers:
        entry = bibtex_entry(paper, note)
        macros = [name for name in used_macros(entry) if name not in provided]
        provided |= set(macros)
        yield _preamble(macros) + entry


def bibtex_file(paper: Paper) -> str:
    """The entry of ``paper`` after the macros that it needs."""
    return "".join(bibtex_entries([(paper, "")]))


def _preamble(macros: list[str]) -> str:
    """Definitions of ``macros`` for documents that do not load their packages; "" for none."""
    return "".join(f'@preamble{{"{PROVIDED_MACROS[name]}"}}\n\n' for name in macros)


def bibtex_entry(paper: Paper, note: str = "") -> str:
    """The BibTeX entry of ``paper``, with our ``note``.

    It has no authors: only their number is known.
    """
    day = paper.published_on
    fields = {
        "title": _unchanged_case(text_tex(paper.title)),
        "year": f"{day.year:04}" if day else "",
        "month": f"{day:%b}".lower() if day else "",
        "eprint": _encode_verbatim(paper.arxiv_id),
        "archivePrefix": "arXiv" if paper.arxiv_id else "",
        "doi": _encode_verbatim(paper.doi),
        "url": _encode_url(paper.best_link),
        "note": text_tex(note),
        "abstract": text_tex(paper.abstract),
    }
    lines = [
        f"  {name} = {value if name == 'month' else '{' + value + '}'},\n"
        for name, value in fields.items()
        if value
    ]
    return f"@misc{{{paper.citation_key},\n{''.join(lines)}}}\n"


def _unchanged_case(tex: str) -> str:
    """``tex`` in a pair of braces, so that no style changes its capitals.

    After a brace with a backslash BibTeX would change them all the same.
    """
    return f"{{{{}}{tex}}}" if tex.startswith("\\") else f"{{{tex}}}"


def _encode_verbatim(text: str) -> str:
    """``text`` for a field that is not typeset: characters that could end it, percent-encoded."""
    return quote(text, safe=KEPT_IN_ADDRESS)


def _encode_url(url: str) -> str:
    host = urlsplit(url).hostname or ""
    if not host.isascii():
        url = re.sub(re.escape(host), punycode(host), url, count=1, flags=re.IGNORECASE)
    return _encode_verbatim(url)
