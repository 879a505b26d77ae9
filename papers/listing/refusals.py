"""Checks for input that is not a listing, with advice on what to do instead."""

import re

from papers.listing.cleaning import control_count
from papers.listing.types import ListingError

EMPTY = "The listing is empty: copy the text of a papers page, or save it, and try again."
NOT_TEXT = (
    "This is not text: open the page in a browser, select all, and paste or save what was copied."
)
PDF = (
    "This is a PDF, which is not read: open the papers page in a browser, select all, "
    "and copy the text."
)
ARCHIVE = "This is a zip archive or an office document: save the listing as plain text (.txt)."
IMAGE = "This is a picture: open the papers page in a browser, select all, and copy the text."
RICH_TEXT = "This is rich text (RTF): save the listing as plain text (.txt)."
HTML = (
    "This is a web page's source (HTML), not its text: open the page in a browser, select all, "
    "and copy the text."
)

_SIGNATURES = (
    (b"%PDF", PDF),
    (b"PK\x03\x04", ARCHIVE),
    (b"\xd0\xcf\x11\xe0", ARCHIVE),
    (b"\x1f\x8b", ARCHIVE),
    (b"7z\xbc\xaf\x27\x1c", ARCHIVE),
    (b"\x89PNG", IMAGE),
    (b"\xff\xd8\xff", IMAGE),
    (b"GIF8", IMAGE),
    (b"RIFF", IMAGE),
    (b"{\\rtf", RICH_TEXT),
    (b"SQLite format 3\x00", NOT_TEXT),
    (b"\x7fELF", NOT_TEXT),
)
_HTML = re.compile(
    r"(?:<\?xml[^>]{0,200}>\s{0,9})?"
    r"<(?:!doctype html|!--|(?:html|head|body|script|div|table)[\s>])",
    re.IGNORECASE,
)
_SAMPLE_SIZE = 65_536
# Text sometimes has stray control characters; more than one in ten means binary data.
_CONTROL_SHARE = 10


def refuse_bytes(data: bytes) -> None:
    """Raise ListingError if ``data`` is a file of a known type that is not text."""
    start = data[:64].lstrip(b"\xef\xbb\xbf \t\r\n")
    for signature, reason in _SIGNATURES:
        if data.startswith(signature) or start.startswith(signature):
            raise ListingError(reason)


def refuse_text(text: str) -> None:
    """Raise ListingError if ``text`` is empty, a file pasted as text, or a page's source."""
    if not text.strip().strip("\ufeff"):
        raise ListingError(EMPTY)
    start = text[:1024].lstrip(" \t\r\n\ufeff")
    refuse_bytes(start[:64].encode("latin-1", "replace"))
    if _HTML.match(start):
        raise ListingError(HTML)
    sample = text[:_SAMPLE_SIZE]
    if control_count(sample) * _CONTROL_SHARE > len(sample):
        raise ListingError(NOT_TEXT)
