"""What holds for every listing: nothing is lost, nothing but ListingError is raised."""

import random
import unicodedata
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from papers.listing import Listing, ListingError, read
from papers.listing.cleaning import one_line
from papers.listing.identity import MAX_KEY_LENGTH, identity_key, title_key
from papers.listing.titles.evaluate import SURE_CONFIDENCE
from tests.listing.rendering import CAPTURED_ON, LAYOUTS, Paper, mess_up, render

FIELDS = ("title", "abstract", "upvotes", "author_count", "published_on", "comment_count")
# Fixtures patch the same thing for every example.
moderate = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

capitalised = st.sampled_from(
    ["Snails", "Carry", "Letters", "Faster", "Than", "Kites", "And", "3D", "Bread", "LLM"]
)
lower = st.sampled_from(
    [
        "we",
        "show",
        "that",
        "12",
        "snails",
        "of",
        "25",
        "authors",
        "on",
        "Jun",
        "12,",
        "2023",
        "carry",
        "(more)",
        "letters,",
        "3.5",
        "a",
        "day",
    ]
)
title_words = st.lists(capitalised, min_size=2, max_size=12)
numbered = st.tuples(st.sampled_from(["100", "7", "3,000"]), st.lists(capitalised, min_size=2))
titles = st.one_of(title_words, title_words, numbered.map(lambda parts: [parts[0], *parts[1]]))
sentences = st.lists(lower, min_size=3, max_size=25).map(lambda words: "It is " + " ".join(words))
abstracts = st.lists(sentences, min_size=1, max_size=8).map(lambda found: ". ".join(found) + ".")
papers = st.builds(
    Paper,
    title=titles.map(" ".join),
    abstract=abstracts,
    upvotes=st.integers(0, 400),
    author_count=st.integers(1, 4000),
    published_on=st.integers(0, 3000).map(lambda days: CAPTURED_ON - timedelta(days)),
    comment_count=st.integers(0, 12),
)
listings = st.lists(papers, min_size=1, max_size=6, unique_by=lambda paper: paper.title)


def listing(text: str) -> Listing:
    return read(text, captured_on=CAPTURED_ON)


def fields(value: object) -> tuple:
    return tuple(getattr(value, name) for name in FIELDS)


def assert_accounted_for(text: str, found: Listing) -> None:
    covered = set()
    for part in found.entries + found.problems:
        assert 1 <= part.line <= part.last_line
        covered.update(range(part.line, part.last_line + 1))
    missing = [
        number
        for number, line in enumerate(text.splitlines(), 1)
        if one_line(line) and number not in covered
    ]
    assert missing == []


@moderate
@given(found=listings, layout=st.sampled_from(["lines", "fields"]), seed=st.integers(0, 999))
def test_lines_give_the_same_papers(knowing_titles, found, layout, seed):
    knowing_titles(found)
    text = mess_up(render(found, layout), random.Random(seed))
    result = listing(text)
    assert [fields(entry) for entry in result.entries] == [fields(paper) for paper in found]
    assert result.problems == ()
    assert_accounted_for(text, result)


@moderate
@given(found=listings, layout=st.sampled_from(LAYOUTS), width=st.integers(40, 110))
def test_any_layout_gives_the_same_papers_or_says_it_doubts(knowing_titles, found, layout, width):
    knowing_titles(found)
    text = render(found, layout, width=width)
    result = listing(text)
    assert len(result.entries) == len(found)
    for entry, paper in zip(result.entries, found, strict=True):
        # A wrapped line that begins with a number looks like an entry: then its title is unsure,
        # and shown for a look.
        is_flagged = entry.doubts or entry.confidence < SURE_CONFIDENCE
        assert is_flagged or fields(entry) == fields(paper)
    assert_accounted_for(text, result)


atoms = st.sampled_from(
    [
        *(
            "12",
            "5",
            "-",
            "+110",
            "Upvote",
            "Submitted by",
            "jane",
            "#1 Paper of the day",
            "NVIDIA",
        ),
        *("25 authors", "·", "Jun 12, 2023", "Nov 4", "Feb 30", "\n", "\r\n", "\u2028", "\x1c"),
        *("100 Days", "of", "Title", "We show this.", "foo-", "25 authors · Jun 12, 2023 4"),
        *("3 authors · Nov 4", "{", "[", '"', "<html>", "\x00", "\ud800", "\u200b", "authors", "é"),
    ]
)
shuffled = st.tuples(st.sampled_from(["", " ", "\n"]), st.lists(atoms, max_size=60)).map(
    lambda parts: parts[0].join(parts[1])
)
any_text = st.text(st.characters(exclude_categories=()), max_size=80)


@settings(max_examples=300, deadline=None)
@given(text=st.one_of(shuffled, any_text, any_text.map("5 x. 5 authors · Nov 4".__add__)))
def test_any_text_is_read_or_refused(text):
    try:
        found = listing(text)
    except ListingError as refusal:
        assert str(refusal).endswith(".")
        return
    assert_accounted_for(text, found)
    assert found == listing(text)
    for entry in found.entries:
        assert entry.title
        assert_clean(entry.title)
        assert_clean(entry.abstract)
    for problem in found.problems:
        assert_clean(problem.excerpt)


def assert_clean(text: str) -> None:
    assert text == " ".join(text.split())
    assert not any(unicodedata.category(char) in ("Cc", "Cs") for char in text)


@settings(max_examples=200, deadline=None)
@given(title=any_text, day=st.dates())
def test_a_key_is_stable_and_bounded(title, day: date):
    key = title_key(title)
    assert bool(key) == bool(title)
    assert len(identity_key(title)) <= MAX_KEY_LENGTH + len("title:")
    assert title_key(key) == key or "\\" in title or "$" in title


@pytest.mark.parametrize(
    "unit",
    [
        " ",
        "5",
        "a",
        "5 authors ",
        "Jun 12, 2023 4 ",
        "1 ",
        "- ",
        "Submitted by ",
        "5 authors · ",
        "[",
    ],
)
def test_a_long_line_of_anything_is_read_or_refused(unit):
    # A reader whose work is not linear in the length would not come back from this.
    text = unit * (1_000_000 // len(unit))
    for line in (text, text + " 5 authors · Nov 4", "5 x. 5 authors · Nov 4 " + text):
        try:
            assert_accounted_for(line, listing(line))
        except ListingError as refusal:
            assert str(refusal).endswith(".")
