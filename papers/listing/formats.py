"""Registry of listing formats, one line each: the first that recognises a text reads it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from papers.listing import hf_json, layouts
from papers.listing.types import Listing

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Format:
    """A format: ``recognises`` looks at the start of a text, ``read`` reads all of it."""

    name: str
    recognises: Callable[[str], bool]
    read: Callable[[str, date, Progress | None], Listing]


FORMATS = (
    Format("hf_json", hf_json.looks_like_json, hf_json.read),
    Format("text", lambda text: True, layouts.read),
)


def format_of(text: str) -> Format:
    """The first format that recognises ``text``; the last accepts any."""
    return next(known for known in FORMATS if known.recognises(text))
