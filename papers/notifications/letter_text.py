"""Pieces of text that all mails are made of.

Text that members typed becomes a part of one line, or is quoted behind "> ". So the only paragraphs
that consist of a link are ours, which the reader is meant to open (see `messages`).
"""

import re
from collections.abc import Callable
from functools import partial

from django.conf import settings

from papers.models import User
from papers.rendering import CONTROL_CHARACTERS, single_line

MAX_LINE_LENGTH = 300  # characters
MAX_NAME_LENGTH = 100
MAX_LINK_LENGTH = 600
LINE_BREAKS = re.compile(r"\r\n|[\r\n\x0b\x0c\x85\u2028\u2029]")

# Takes a user, returns subject and text. The text lacks the `letters.mail_footer`.
Letter = Callable[[User], tuple[str, str]]

text_line = partial(single_line, longest=MAX_LINE_LENGTH)
name_line = partial(single_line, longest=MAX_NAME_LENGTH)


def absolute_url(path: str) -> str:
    return f"{settings.BASE_URL}{path}"


def quote_lines(text: str) -> str:
    """``text`` with "> " before each line, so that no line of it passes for one of ours."""
    lines = [CONTROL_CHARACTERS.sub(" ", one).rstrip() for one in LINE_BREAKS.split(text.strip())]
    return "\n".join(f"> {one}".rstrip() for one in lines)
