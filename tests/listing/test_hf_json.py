"""The JSON of the daily papers."""

import json
from datetime import date

import pytest

from papers.listing import Listing, ListingError, hf_json, read

CAPTURED_ON = date(2025, 11, 26)


def item(**changes: object) -> dict:
    paper = {
        "id": "2511.00001",
        "title": "Kites That\n  Steer Themselves",
        "summary": "We build kites.\nThey fly.",
        "upvotes": 14,
        "authors": [{"name": "Ada"}, {"name": "Bob"}],
        "publishedAt": "2025-11-04T00:00:00.000Z",
    }
    return {"paper": paper | changes, "title": "outer", "numComments": 3}


def listing(text: str) -> Listing:
    return read(text, captured_on=CAPTURED_ON)


def test_a_paper_is_read():
    found = listing(json.dumps([item()]))
    assert (found.format, found.problems) == ("hf_json", ())
    (entry,) = found.entries
    assert entry.title == "Kites That Steer Themselves"
    assert entry.abstract == "We build kites. They fly."
    assert (entry.upvotes, entry.author_count, entry.comment_count) == (14, 2, 3)
    assert (entry.published_on, entry.year_inferred) == (date(2025, 11, 4), False)
    assert (entry.arxiv_id, entry.confidence) == ("2511.00001", 1.0)


@pytest.mark.parametrize(
    "value",
    [item(), item()["paper"], [item()["paper"]], {"paper": {"id": "2511.00001"}} | item()["paper"]],
)
def test_one_object_and_bare_papers_are_read_too(value):
    (entry,) = listing("\ufeff " + json.dumps(value)).entries
    assert entry.title == "Kites That Steer Themselves"


def test_what_the_paper_lacks_is_taken_from_around_it():
    (entry,) = listing(json.dumps([item(title=None)])).entries
    assert entry.title == "outer"


def test_lines_are_those_of_the_text():
    text = json.dumps([item(), item(title=7), item()], indent=1)
    found = listing(text)
    length = len(json.dumps(item(), indent=1).splitlines())
    total = len(text.splitlines())
    spans = sorted((part.line, part.last_line) for part in found.entries + found.problems)
    assert spans == [(1, length + 1), (length + 2, 2 * length + 1), (2 * length + 2, total)]
    assert found.problems[0].line == length + 2


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"title": ""}, "no title"),
        ({"title": 7}, "title"),
        ({"summary": ["x"]}, "summary"),
        ({"upvotes": -1}, "upvotes"),
        ({"upvotes": True}, "upvotes"),
        ({"upvotes": 10**10}, "upvotes"),
        ({"upvotes": "many"}, "upvotes"),
        ({"publishedAt": "soon"}, "publishedAt"),
        ({"publishedAt": "2027-01-01T00:00:00Z"}, "capture"),
    ],
)
def test_a_broken_item_is_a_problem(changes, word):
    found = listing(json.dumps([item(), item(**changes), item()]))
    assert len(found.entries) == 2
    assert [word in problem.reason for problem in found.problems] == [True]


def test_an_item_that_is_no_object_is_a_problem():
    found = listing(json.dumps([item(), 5, "x", None, [], item()]))
    assert (len(found.entries), len(found.problems)) == (2, 4)


def test_cut_off_json_gives_what_can_be_read():
    text = json.dumps([item(), item(), item()], indent=1)
    found = listing(text[: len(text) * 5 // 6])
    assert (len(found.entries), len(found.problems)) == (2, 1)
    assert found.problems[0].last_line == len(text[: len(text) * 5 // 6].splitlines())


def test_a_list_without_its_end_says_so():
    found = listing("[" + json.dumps(item()))
    assert len(found.entries) == 1
    assert "no end" in found.problems[0].reason


def test_text_after_the_list_is_a_problem():
    found = listing(json.dumps([item()]) + "\n\nmore")
    assert [(problem.last_line, problem.excerpt) for problem in found.problems] == [(3, "more")]


def test_deep_nesting_is_a_problem_and_no_crash():
    found = listing("[" + json.dumps(item()) + "," + "[" * 200_000)
    assert (len(found.entries), len(found.problems)) == (1, 1)


@pytest.mark.parametrize(
    "text",
    ["[]", "{}", '["x"]', '{"name": "x"}', "[" * 200_000, '{"a":' * 100_000, "[1" + "1" * 9999],
)
def test_json_without_a_paper_is_refused(text):
    with pytest.raises(ListingError, match=r"\.$"):
        listing(text)


def test_a_missing_abstract_is_in_doubt():
    (entry,) = listing(json.dumps([item(summary="")])).entries
    assert entry.doubts == (hf_json.NO_ABSTRACT,)


def test_halves_of_characters_and_controls_are_dropped():
    (entry,) = listing('[{"title": "A\\u0000B \\ud800C", "summary": "x"}]').entries
    assert entry.title == "AB \ufffdC"
