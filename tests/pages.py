"""The visible content of responses, for tests."""

import html
import re


def text_of(response):
    """The text of a page without its tags."""
    body = response.content.decode()
    body = re.sub(r"<(script|style|title)\b.*?</\1>", " ", body, flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", body)).split())


def html_of(response):
    """The HTML of a page on one line, without the line breaks and indentation of its template."""
    body = re.sub(r"\s+", " ", response.content.decode())
    return re.sub(r" ?(<[^>]*?) ?> ?", r"\1>", body)


def titles_of(response):
    """The titles of the papers in a list, in order."""
    rows = re.findall(r'<h3 class="title"><a [^>]*>(.*?)</a>', html_of(response))
    return [html.unescape(row) for row in rows]


def body_of(response):
    """The text of a streamed file."""
    return b"".join(response.streaming_content).decode()
