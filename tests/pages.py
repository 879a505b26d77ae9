"""What a person sees of a page, for tests that look at pages."""

import html
import re


def text_of(response):
    """The words of a page, without its tags."""
    body = response.content.decode()
    body = re.sub(r"<(script|style|title)\b.*?</\1>", " ", body, flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", body)).split())


def titles_of(response):
    """The titles of the papers that a list shows, in its order."""
    rows = re.findall(r'<h3 class="title"><a [^>]*>(.*?)</a>', response.content.decode())
    return [html.unescape(row) for row in rows]


def body_of(response):
    """The text of a file that is streamed."""
    return b"".join(response.streaming_content).decode()
