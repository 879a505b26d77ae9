"""Text that people wrote -> one line of plain text, for mails, calendars, feeds and files."""

import re

from django.utils.text import Truncator

# Control characters, line and paragraph separators, halves of characters, and noncharacters.
CONTROL_CHARACTERS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]")


def single_line(text: str, longest: int | None = None) -> str:
    """``text`` in one line with single spaces, without control characters.

    It is cut to ``longest`` characters, the last of them "…", unless that is None.
    """
    line = " ".join(CONTROL_CHARACTERS.sub(" ", text).split())
    return line if longest is None else Truncator(line).chars(longest)
