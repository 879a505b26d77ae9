"""Log formats: lines for people, JSON for machines.

One call makes one entry: no value can be mistaken for a second entry.
"""

import json
import logging
import textwrap
from contextvars import ContextVar
from datetime import UTC, datetime

from django.http import HttpRequest

request_id = ContextVar("request_id", default="")


class RequestFilter(logging.Filter):
    """Adds the request id, and replaces the path in Django's messages: it may contain a token.

    Fields that are logged with ``extra={"fields": ...}`` stay unchanged.
    """

    def filter(self, record):
        record.request_id = request_id.get()
        request = getattr(record, "request", None)
        path = getattr(request, "path", None)
        if path and isinstance(record.args, tuple):
            paths = (path, path.encode("unicode_escape").decode("ascii"))
            record.args = tuple(
                route_pattern(request) if arg in paths else arg for arg in record.args
            )
        return True


def route_pattern(request: HttpRequest) -> str:
    """The URL pattern that matched the request; "" if none did."""
    match = request.resolver_match
    return f"/{match.route}" if match else ""


class LineFormatter(logging.Formatter):
    """A readable line; a traceback follows, indented."""

    def __init__(self):
        super().__init__("{asctime} {levelname} {name}: {message}", style="{")

    def formatMessage(self, record):
        fields = getattr(record, "fields", {})
        words = [super().formatMessage(record), *(f"{name}={fields[name]}" for name in fields)]
        if name := getattr(record, "request_id", ""):
            words.append(f"[{name}]")
        return _escape_unprintable(" ".join(words))

    def formatException(self, exc_info):
        lines = super().formatException(exc_info).split("\n")
        return textwrap.indent("\n".join(map(_escape_unprintable, lines)), "    ")


class JsonFormatter(logging.Formatter):
    """One JSON object per line, in ASCII."""

    def format(self, record):
        entry = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            "request": getattr(record, "request_id", ""),
        }
        entry |= getattr(record, "fields", {})
        if record.exc_info:
            entry["exception"] = self.formatException(record.exc_info)
        return json.dumps(entry, default=str)


def _escape_unprintable(text):
    """``text`` on one line, with unprintable characters as their escapes."""
    return "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode()
        for character in text
    )
