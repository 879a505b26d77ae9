"""Removal of invisible characters: control and zero-width characters, lone surrogates."""

import re

# Line breaks (as str.splitlines defines them) and tabs stay. So do the joiners U+200C and U+200D:
# emoji and several scripts are written with them.
_UNSEEN = re.compile(
    "[\x00-\x08\x0e-\x1b\x1f\x7f-\x84\x86-\x9f\u00ad\u180e\u200b\u200e\u200f\u202a-\u202e"
    "\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffb\ufffe\uffff]"
)
_HALF = re.compile("[\ud800-\udfff]")
_CONTROL = re.compile("[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f]")


def visible_text(text: str) -> str:
    """``text`` without invisible characters; half a surrogate pair becomes U+FFFD."""
    try:
        text.encode()
    except UnicodeEncodeError:
        text = _HALF.sub("\ufffd", text)
    return _UNSEEN.sub("", text)


def one_line(text: str) -> str:
    """``text`` as one stripped line with single spaces and without invisible characters."""
    return " ".join(visible_text(text).split())


def control_count(text: str) -> int:
    """The number of control characters in ``text`` that do not belong in a text file."""
    return len(_CONTROL.findall(text))
