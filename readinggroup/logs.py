"""What is told to stderr, and in which form: lines for people, JSON for machines.

Whatever is told, one call is one entry: nothing in a value can look like a second one.
"""

import json
import logging
import textwrap
from contextvars import ContextVar
from datetime import UTC, datetime

request_id = ContextVar("request_id", default="")


class RequestFilter(logging.Filter):
    """Adds the id of the request, and takes its path out of what Django tells: it may hold a token.

    What is told of an event with ``extra={"fields": ...}`` stays as it is.
    """

    def filter(self, record):
        record.request_id = request_id.get()
        request = getattr(record, "request", None)
        path = getattr(request, "path", None)
        if path and isinstance(record.args, tuple):
            told = (path, path.encode("unicode_escape").decode("ascii"))
            record.args = tuple(
                route_pattern(request) if arg in told else arg for arg in record.args
            )
        return True


def route_pattern(request):
    """The page that was asked for as the URLconf writes it; "" where there is none."""
    match = request.resolver_match
    return f"/{match.route}" if match else ""


class LineFormatter(logging.Formatter):
    """A line for people to read; a traceback stands indented below it."""

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
    """One JSON object a line, in ASCII."""

    def format(self, record):
        told = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            "request": getattr(record, "request_id", ""),
        }
        told |= getattr(record, "fields", {})
        if record.exc_info:
            told["exception"] = self.formatException(record.exc_info)
        return json.dumps(told, default=str)


def _escape_unprintable(text):
    """``text`` in one line: what is no letter, sign or space is written as its escape."""
    return "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode()
        for character in text
    )
