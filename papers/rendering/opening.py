"""The first line of a text in Markdown, without its marks, for lists and labels."""

from collections.abc import Iterator
from functools import lru_cache

from django.utils.text import Truncator
from markdown_it.token import Token

from papers.rendering.prose import LONGEST_PROSE, PARSER

LONGEST_OPENING = 160  # characters
VERBATIM = frozenset(["fence", "code_block", "formula"])  # blocks without tokens within


@lru_cache(maxsize=2000)
def opening_line(text: str) -> str:
    """The first line of ``text`` that is not quoted, shortened. Formulas stay in their dollars."""
    tokens = PARSER.parse(text[:LONGEST_PROSE], {"handles": frozenset(), "named": set()})
    line = next(_lines(tokens, quoted=False), "") or next(_lines(tokens, quoted=True), "")
    return Truncator(line or " ".join(text.split())).chars(LONGEST_OPENING)


def _lines(tokens: list[Token], *, quoted: bool) -> Iterator[str]:
    """The first line of each paragraph, heading, list item, cell, formula and piece of code."""
    depth = 0
    for token in tokens:
        depth += {"blockquote_open": 1, "blockquote_close": -1}.get(token.type, 0)
        if depth and not quoted:
            continue
        if token.type in VERBATIM:
            line = " ".join(token.markup.split()) if token.type == "formula" else token.content
        else:
            line = _first_line(token.children or [])
        if line.strip():
            yield line.strip().split("\n")[0]


def _first_line(tokens: list[Token]) -> str:
    parts = []
    for token in tokens:
        if token.type in ("softbreak", "hardbreak"):
            break
        parts.append(token.markup if token.type == "formula" else token.content)
    return "".join(parts)
