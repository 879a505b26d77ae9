"""The reader of listings: text copied or saved from a papers page in, values out.

Pure Python on the standard library: no Django, no clock, no network.
"""

from collections.abc import Callable
from datetime import date

from papers.listing.decoding import decode
from papers.listing.formats import format_of
from papers.listing.refusals import refuse_text
from papers.listing.types import Entry, Listing, ListingError, Problem

__all__ = ["Entry", "Listing", "ListingError", "Problem", "decode", "read"]


def read(
    text: str, *, captured_on: date, progress: Callable[[int, int], None] | None = None
) -> Listing:
    """Read a listing, whatever its format and layout.

    ``captured_on`` is the day it was copied: a date without a year means the latest such day on
    or before it. ``progress`` is called from time to time with the number of papers read and the
    total. Every non-blank line ends up in an entry or in a problem. Raises ListingError, and
    nothing else, if ``text`` is not a listing at all.
    """
    refuse_text(text)
    return format_of(text).read(text, captured_on, progress)
