"""Writes papers the way a papers page is copied, in every layout."""

import random
import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

CAPTURED_ON = date(2025, 11, 26)


@dataclass(frozen=True)
class Paper:
    title: str
    abstract: str
    upvotes: int = 0
    author_count: int = 1
    published_on: date = date(2025, 11, 4)
    comment_count: int = 0


def render(
    papers: Sequence[Paper],
    layout: str = "lines",
    *,
    captured_on: date = CAPTURED_ON,
    separator: str = "·",
    width: int = 72,
    break_on_hyphens: bool = True,
    before: Callable[[int], list[str]] = lambda position: [],
) -> str:
    """The text of ``papers`` in one of LAYOUTS.

    ``before`` gives the lines that stand before the paper at a position.
    """
    wrapper = textwrap.TextWrapper(width, break_long_words=False, break_on_hyphens=break_on_hyphens)
    parts = []
    for position, paper in enumerate(papers):
        parts += before(position)
        fields = _fields(paper, captured_on, separator)
        parts += _LAYOUTS[layout](fields, wrapper)
    if layout == "one_line":
        return " ".join(parts)
    if layout == "wrapped_through":
        return wrapper.fill(" ".join(parts)) + "\n"
    return "\n".join(parts) + "\n"


def mess_up(text: str, rng: random.Random, newline: str = "\r\n") -> str:
    """``text`` with other spaces, blank lines, zero-width characters and line ends."""
    lines = []
    for line in text.splitlines():
        words = line.split(" ")
        line = words[0] + "".join(rng.choice(_SPACES) + word for word in words[1:])
        lines += [rng.choice(["", " ", "\t"]) + line, *[""] * rng.choice([0, 0, 1, 2])]
    return "\ufeff" + newline.join(lines)


_SPACES = (" ", " ", " ", "\u00a0", "\t", "  ", " \u200b", "\u2009")


def _fields(paper: Paper, captured_on: date, separator: str) -> list[str]:
    fields = [str(paper.upvotes) if paper.upvotes else "-", paper.title]
    fields += [paper.abstract] if paper.abstract else []
    fields += [f"{paper.author_count} author{'' if paper.author_count == 1 else 's'}"]
    fields += [separator, day(paper.published_on, captured_on)]
    return fields + ([str(paper.comment_count)] if paper.comment_count else [])


def day(published_on: date, captured_on: date) -> str:
    """``Nov 4``, with the year where leaving it out would mean another day."""
    words = f"{_MONTHS[published_on.month - 1]} {published_on.day}"
    is_recent = (published_on.year, published_on) <= (captured_on.year, captured_on)
    return (
        words
        if is_recent and published_on.year == captured_on.year
        else (f"{words}, {published_on.year}")
    )


_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def _line(fields: list[str], wrapper: textwrap.TextWrapper) -> list[str]:
    return [" ".join(fields)]


def _field_lines(fields: list[str], wrapper: textwrap.TextWrapper) -> list[str]:
    return fields


def _wrapped_fields(fields: list[str], wrapper: textwrap.TextWrapper) -> list[str]:
    return [line for field in fields for line in wrapper.wrap(field)]


def _wrapped(fields: list[str], wrapper: textwrap.TextWrapper) -> list[str]:
    return wrapper.wrap(" ".join(fields))


_LAYOUTS = {
    "lines": _line,
    "fields": _field_lines,
    "wrapped_fields": _wrapped_fields,
    "one_line": _line,
    "wrapped": _wrapped,
    "wrapped_through": _line,
}
LAYOUTS = tuple(_LAYOUTS)
