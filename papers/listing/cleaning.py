"""Text without what nobody sees: control and zero-width characters, halves of characters."""

import re

# Line breaks (as str.splitlines has them) and tabs stay. The joiners U+200C and U+200D stay too:
# emoji and several scripts are spelt with them.
_UNSEEN = re.compile(
    "[\x00-\x08\x0e-\x1b\x1f\x7f-\x84\x86-\x9f\u00ad\u180e\u200b\u200e\u200f\u202a-\u202e"
    "\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffb\ufffe\uffff]"
)
_HALF = re.compile("[\ud800-\udfff]")
_CONTROL = re.compile("[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f]")


def visible_text(text: str) -> str:
    """``text`` without unseen characters; a half of a surrogate pair becomes U+FFFD."""
    try:
        text.encode()
    except UnicodeEncodeError:
        text = _HALF.sub("\ufffd", text)
    return _UNSEEN.sub("", text)


def one_line(text: str) -> str:
    """``text`` as one stripped line with single spaces, free of unseen characters."""
    return " ".join(visible_text(text).split())


def control_count(text: str) -> int:
    """How many characters of ``text`` belong in no text file."""
    return len(_CONTROL.findall(text))
