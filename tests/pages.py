"""What a person sees of a page, for tests that look at pages."""

import html
import re


def text_of(response):
    """The words of a page, without its tags."""
    body = response.content.decode()
    body = re.sub(r"<(script|style|title)\b.*?</\1>", " ", body, flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", body)).split())


def html_of(response):
    """A page in one line: how its template breaks lines and sets them in is nothing to a reader."""
    body = re.sub(r"\s+", " ", response.content.decode())
    return re.sub(r" ?(<[^>]*?) ?> ?", r"\1>", body)


def titles_of(response):
    """The titles of the papers that a list shows, in its order."""
    rows = re.findall(r'<h3 class="title"><a [^>]*>(.*?)</a>', html_of(response))
    return [html.unescape(row) for row in rows]


def body_of(response):
    """The text of a file that is streamed."""
    return b"".join(response.streaming_content).decode()
