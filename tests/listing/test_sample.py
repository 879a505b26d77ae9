"""The real listing gives what is expected of it in every layout."""

import json
import random
from datetime import date
from pathlib import Path

import pytest

from papers.listing import read
from papers.listing.layouts import NO_PAPER
from papers.listing.types import Listing
from tests.listing.rendering import LAYOUTS, Paper, mess_up, render

SAMPLES = Path(__file__).resolve().parents[3] / "shared" / "listings"
TEXT = SAMPLES / "listing-12.txt"

pytestmark = pytest.mark.skipif(not TEXT.exists(), reason="the real listing is not beside the tree")


@pytest.fixture(scope="module")
def expected() -> dict:
    return json.loads((SAMPLES / "listing-12.expected.json").read_text("utf-8"))


@pytest.fixture(scope="module")
def captured_on(expected) -> date:
    return date.fromisoformat(expected["captured_on"])


@pytest.fixture(scope="module")
def papers(expected) -> list[Paper]:
    return [
        Paper(
            title=entry["title"],
            abstract=entry["abstract"],
            upvotes=entry["upvotes"],
            author_count=entry["author_count"],
            published_on=date.fromisoformat(entry["published_on"]),
            comment_count=entry["comment_count"],
        )
        for entry in expected["entries"]
    ]


def _without_line(listing: Listing, names: list[str]) -> list[dict]:
    found = [{name: getattr(entry, name) for name in names} for entry in listing.entries]
    for entry in found:
        entry["published_on"] = entry["published_on"].isoformat()
    return found


def _expected_without_line(expected: dict) -> list[dict]:
    return [
        {name: value for name, value in entry.items() if name != "line"}
        for entry in expected["entries"]
    ]


def test_the_text_gives_what_is_expected(expected, captured_on):
    listing = read(TEXT.read_text("utf-8"), captured_on=captured_on)
    wanted = _expected_without_line(expected)
    assert _without_line(listing, list(wanted[0])) == wanted
    assert [entry.line for entry in listing.entries] == list(range(1, 13))
    assert [entry.last_line for entry in listing.entries] == list(range(1, 13))
    assert listing.problems == ()


@pytest.mark.parametrize("width", [40, 72])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_layout_gives_the_same(expected, captured_on, papers, layout, width):
    text = render(papers, layout, captured_on=captured_on, width=width)
    listing = read(text, captured_on=captured_on)
    wanted = _expected_without_line(expected)
    assert _without_line(listing, list(wanted[0])) == wanted
    assert listing.problems == ()
    assert not any(entry.doubts for entry in listing.entries)


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r", "\u2028"])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_spaces_and_line_ends_change_nothing(expected, captured_on, papers, layout, newline):
    text = render(papers, layout, captured_on=captured_on)
    listing = read(mess_up(text, random.Random(7), newline), captured_on=captured_on)
    wanted = _expected_without_line(expected)
    assert _without_line(listing, list(wanted[0])) == wanted


@pytest.mark.parametrize("separator", "•|-–∙⋅")
def test_any_separator_gives_the_same(expected, captured_on, papers, separator):
    text = render(papers, "one_line", captured_on=captured_on, separator=separator)
    wanted = _expected_without_line(expected)
    assert _without_line(read(text, captured_on=captured_on), list(wanted[0])) == wanted


def test_a_later_capture_moves_the_years(captured_on):
    text = TEXT.read_text("utf-8")
    later = read(text, captured_on=date(2026, 1, 10)).entries
    assert [entry.published_on for entry in later] == [
        entry.published_on for entry in read(text, captured_on=captured_on).entries
    ]


def test_without_its_dates_it_is_no_listing(captured_on):
    with pytest.raises(ValueError, match=NO_PAPER[:20]):
        read(TEXT.read_text("utf-8").replace("authors", "people"), captured_on=captured_on)
