"""Decoding of saved listings, whatever their encoding: bytes in, text out."""

import codecs

from papers.listing import refusals
from papers.listing.types import ListingError

_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SAMPLE_SIZE = 65_536


def decode(data: bytes) -> tuple[str, str]:
    """The text in ``data`` and the name of the encoding it was read with.

    Raises ListingError, with a sentence a person can act on, if ``data`` is not text.
    """
    if not data.strip():
        raise ListingError(refusals.EMPTY)
    refusals.refuse_bytes(data)
    encoding = _marked_encoding(data) or _utf16_without_mark(data) or _guessed_encoding(data)
    text = data.decode(encoding, "replace")
    refusals.refuse_text(text)
    return text, encoding


def _marked_encoding(data: bytes) -> str:
    return next((name for mark, name in _BYTE_ORDER_MARKS if data.startswith(mark)), "")


def _utf16_without_mark(data: bytes) -> str:
    """The name of the UTF-16 encoding without a byte order mark; "" if ``data`` is none.

    ASCII characters in UTF-16 have NUL as their other byte, always on the same side.
    """
    sample = data[:_SAMPLE_SIZE]
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    if odd > len(sample) // 8 and even * 20 <= odd:
        return "utf-16-le"
    if even > len(sample) // 8 and odd * 20 <= even:
        return "utf-16-be"
    return ""


def _guessed_encoding(data: bytes) -> str:
    """UTF-8, even if a few bytes are damaged; else cp1252, the usual one of older systems."""
    text = data.decode("utf-8", "replace")
    damaged = text.count("\ufffd")
    beyond_ascii = len(text) - len(text.encode("ascii", "ignore"))
    return "utf-8" if damaged * 2 <= beyond_ascii - damaged else "cp1252"
